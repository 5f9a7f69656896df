"""Version and metadata: what GitLab this claims to be."""

from __future__ import annotations

from typing import Any

from automation.sandbox.call import Call
from automation.sandbox.routing import Router

ROUTES = Router()
VERSION = "19.5.0"
REVISION = "5a4d0b0c5e7"


@ROUTES.add("GET", "/version", login=True)
def version(call: Call) -> Any:
    """The short form that old clients ask for."""
    return {"version": _edition(call), "revision": REVISION}


@ROUTES.add("GET", "/metadata", login=True)
def metadata(call: Call) -> Any:
    """Version, edition and the agent server."""
    return {
        "version": _edition(call),
        "revision": REVISION,
        "kas": {"enabled": False, "externalUrl": None, "externalK8sProxyUrl": None,
                "version": None},
        "enterprise": True,
    }  # fmt: skip


def _edition(_call: Call) -> str:
    return f"{VERSION}-ee"
