"""The edge to GitLab, and the only importer of python-gitlab.

`connect` gives a reader, which only reads, and a writer, which only writes; planning is
handed the first, `apply` alone the second. Inside, ground floor last:

- `reader`, `writer`  what is asked of GitLab, and what is done there.
- `pages`             lists, read to their proven end.
- `calls`             one request, one answer.
- `pacing`, `verdicts`, `messages`  when to ask again, what a failure proves, what it says.
- `session`           one origin, no redirects, certificates always.
- `convert`, `fields` JSON to facts, strictly.
"""

from __future__ import annotations

from automation.remote.pacing import Pacer
from automation.remote.pages import Progress
from automation.remote.reader import GitLabReader
from automation.remote.session import Connection
from automation.remote.writer import GitLabWriter

__all__ = ["Connection", "GitLabReader", "GitLabWriter", "Pacer", "Progress", "connect"]


def connect(
    url: str,
    token: str,
    ca_bundle: str | None = None,
    *,
    pacer: Pacer | None = None,
    progress: Progress | None = None,
) -> tuple[GitLabReader, GitLabWriter]:
    """The two doors to a GitLab; nothing is sent yet.

    They share a pacer, because GitLab counts their requests together. Raises UsageError
    for an address, token or file of authorities that cannot be right.
    """
    gl = Connection(url, token, ca_bundle).open()
    paced = pacer or Pacer()
    return GitLabReader(gl, paced, progress), GitLabWriter(gl, paced)
