"""Version and metadata: what GitLab this claims to be. Source: `lib/api/metadata.rb`."""

from __future__ import annotations

from typing import Any

from automation.sandbox.call import Call
from automation.sandbox.routing import Router

ROUTES = Router()
VERSION = "19.5.0"
REVISION = "5a4d0b0c5e7"


@ROUTES.add("GET", "/version", login=True)
@ROUTES.add("GET", "/metadata", login=True)
def metadata(_call: Call) -> Any:
    """Version, edition and the agent server; GitLab answers both addresses alike."""
    return {
        "version": f"{VERSION}-ee",
        "revision": REVISION,
        "kas": {"enabled": False, "externalUrl": None, "externalK8sProxyUrl": None,
                "version": None},
        "enterprise": True,
    }  # fmt: skip
