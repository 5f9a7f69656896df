"""The edge to GitLab, and the only importer of python-gitlab.

`connect` gives a reader, which only reads, and a writer, which only writes; planning is
handed the first, `apply` alone the second. Inside, ground floor last:

- `reader`, `writer`  what is asked of GitLab, and what is done there.
- `known_people`      users by name, from lists that were read.
- `label_ids`         labels by name, read once for all that asks.
- `pages`             lists, read to their proven end.
- `calls`             one request, one answer.
- `pacing`, `budget`, `limits`, `hints`  what may be sent when, and when to ask again.
- `verdicts`, `messages`  what a failure proves, and what it says.
- `session`, `wire`   one origin, no redirects, certificates always, an end to every answer.
- `lanes`             several requests at once.
- `convert`, `fields` JSON to facts, strictly.
"""

from __future__ import annotations

from automation.remote.budget import Budget
from automation.remote.lanes import WIDTH
from automation.remote.limits import limits_of
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
    lanes: int = WIDTH,
    share: float = 1.0,
) -> tuple[GitLabReader, GitLabWriter]:
    """The two doors to a GitLab; nothing is sent yet.

    They share a pacer, because GitLab counts their requests together. `lanes` is how many
    requests may be under way at once, 1 is one by one; `share` the part of GitLab's limits
    that this run may use where others run beside it. Raises UsageError for an address, token
    or file of authorities that cannot be right.
    """
    connection = Connection(url, token, ca_bundle, lanes=lanes)
    gl = connection.open()
    paced = pacer or Pacer(pace=Budget(limits_of(connection.url), share))
    return GitLabReader(gl, paced, progress, lanes=lanes), GitLabWriter(gl, paced)
