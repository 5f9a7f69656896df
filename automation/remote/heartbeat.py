"""Tells a watchdog that a run went well, for the day when runs stop coming.

A schedule that GitLab made inactive tells nobody. A service that expects a ping every day
does.
"""

from __future__ import annotations

import requests

from automation import __version__

TIMEOUT = 10.0
"""Seconds: a run does not wait long for its watchdog."""


def ping(url: str) -> str:
    """Ask for the address, once; empty when it answered well, else what went wrong.

    GitLab's token is not sent, nothing is followed, and nothing is raised: a run that went
    well stays one. The address may be secret and is in no message.
    """
    headers = {"User-Agent": f"drumbeat/{__version__}"}
    try:
        with requests.Session() as session:
            answer = session.get(url, headers=headers, timeout=TIMEOUT, allow_redirects=False)
    except requests.RequestException as error:
        return f"the heartbeat was not taken: {type(error).__name__}"
    return "" if answer.ok else f"the heartbeat was answered with {answer.status_code}"
