"""The pipeline of a new repository: Drumbeat's own, without the jobs for Drumbeat's code.

So there is one pipeline to keep right. It is taken apart as text, between empty lines, for
its comments are a part of it.
"""

from __future__ import annotations

import re

from automation.starter.requirement import needs_git

_FOR_CODE = re.compile(r"^(\.on_code|check|test):", re.MULTILINE)
"""What checks Drumbeat's own code."""

_CHANGES = {
    "--constraint constraints.txt .\n": (
        "--constraint constraints.txt --requirement requirements.txt\n"
    ),
    "    - python -m pip install --quiet --constraint constraints.txt '.[report]'\n": (
        # In two steps: pip takes the name alone only for what is installed already.
        "    - python -m pip install --quiet --constraint constraints.txt --requirement "
        "requirements.txt\n"
        "    - python -m pip install --quiet --constraint constraints.txt 'drumbeat[report]'\n"
    ),
    "files: [constraints.txt]": "files: [constraints.txt, requirements.txt]",
    "        - automation/**/*\n": "",
    "manager=mgr-emea-1": "manager=manager-1",
}
"""Drumbeat is a package there, not the repository itself, and its people are others."""


def pipeline(own: str, head: str, needed: str) -> str:
    """The text of .gitlab-ci.yml, from Drumbeat's own and the comment that begins it.

    The image has git where the requirement `needed` is fetched with it.
    """
    blocks = own[own.index("\nstages:") + 1 :].split("\n\n")
    text = "\n\n".join(block for block in (head.rstrip(), *blocks) if not _FOR_CODE.search(block))
    for old, new in _CHANGES.items():
        text = text.replace(old, new)
    return text.replace("python:3.12-slim", "python:3.12") if needs_git(needed) else text
