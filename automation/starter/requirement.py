"""Where pipelines get Drumbeat from: from where it was installed here, if they can reach that."""

from __future__ import annotations

import json
from typing import Any


def requirement(version: str, direct_url: str | None) -> str:
    """The requirement that installs the same Drumbeat elsewhere.

    `direct_url` is the text of direct_url.json, which pip writes where a package does not
    come from an index (PEP 610). What came from a folder can be fetched by nobody else: for
    that, a wheel beside requirements.txt is asked for, never a name that some index may give
    to somebody else's package.
    """
    if direct_url is None:
        return f"drumbeat=={version}"
    origin: dict[str, Any] = json.loads(direct_url)
    url = str(origin["url"])
    if url.startswith("file:"):
        return f"./drumbeat-{version}-py3-none-any.whl"
    if "vcs_info" in origin:
        vcs = origin["vcs_info"]
        return f"drumbeat @ {vcs['vcs']}+{url}@{vcs['commit_id']}"
    hashes = origin.get("archive_info", {}).get("hashes", {})
    return f"drumbeat @ {url}" + "".join(f"#{name}={hashes[name]}" for name in sorted(hashes)[-1:])


def needs_git(needed: str) -> bool:
    """Whether pip calls git to fetch it."""
    return "git+" in needed
