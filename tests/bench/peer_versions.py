"""Which version of a peer is installed, read from what its installer left behind."""

from __future__ import annotations

import json
import re
from pathlib import Path

from automation import __version__
from tests.bench.peer_tools import Peer


def version_of(peer: Peer, home: Path) -> str:
    """The version, empty where nothing tells it."""
    if peer.package == "drumbeat":
        return __version__
    return _of_python(peer.package, home) or _of_node(peer.package, home)


def _of_python(package: str, home: Path) -> str:
    name = re.sub(r"[-_.]+", "_", package).lower()
    for folder in home.glob("lib/python*/site-packages/*.dist-info"):
        stem, _, version = folder.name.removesuffix(".dist-info").rpartition("-")
        if re.sub(r"[-_.]+", "_", stem).lower() == name:
            return version
    return ""


def _of_node(package: str, home: Path) -> str:
    for file in (home / "node_modules" / package / "package.json", home / "package.json"):
        if file.exists():
            said = json.loads(file.read_text(encoding="utf-8"))
            if said.get("name") == package:
                return str(said["version"])
    return ""
