"""A good run tells its watchdog; any other run does not."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import requests
import responses

from automation.remote.heartbeat import ping
from tests.commands.office import ROOT
from tests.config.samples import SETTINGS, faults, loaded

URL = "https://watchdog.example.com/ping/drumbeat-secret"


@pytest.fixture
def watchdog():
    with responses.RequestsMock() as server:
        yield server


def test_a_heartbeat_is_one_request_without_the_token(watchdog, monkeypatch):
    monkeypatch.setenv("DRUMBEAT_TOKEN", "glpat-very-secret")
    watchdog.get(URL, status=200)
    assert ping(URL) == ""
    (call,) = watchdog.calls
    assert "glpat-very-secret" not in str(call.request.headers)
    assert call.request.headers["User-Agent"].startswith("drumbeat/")


def test_a_redirect_is_not_followed(watchdog):
    watchdog.get(URL, status=302, headers={"Location": "https://elsewhere.example.com/"})
    assert ping(URL) == ""
    assert len(watchdog.calls) == 1


@pytest.mark.parametrize("status", [404, 500])
def test_a_watchdog_that_does_not_take_it_is_told(watchdog, status):
    watchdog.get(URL, status=status)
    assert ping(URL) == f"the heartbeat was answered with {status}"


def test_a_watchdog_that_is_away_is_told_without_its_address(watchdog):
    watchdog.get(URL, body=requests.ConnectTimeout(f"no way to {URL}"))
    assert ping(URL) == "the heartbeat was not taken: ConnectTimeout"


# --- From a run -----------------------------------------------------------------------

STALE_ONLY = ("--only", "triage=stale-initiatives")


@pytest.fixture
def heard(monkeypatch):
    """A watchdog on this machine, named by the variable; what it was asked for."""
    paths: list[str] = []

    class Watchdog(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Watchdog)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("DRUMBEAT_HEARTBEAT_URL", f"http://127.0.0.1:{server.server_port}/alive")
    yield paths
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.usefixtures("office")
def test_a_run_that_went_well_is_heard(drumbeat, heard):
    assert drumbeat("apply", "-C", ROOT, *STALE_ONLY).code == 0
    assert heard == ["/alive"]


@pytest.mark.usefixtures("office")
def test_a_rehearsal_is_not_heard(drumbeat, heard):
    assert drumbeat.here("apply", *STALE_ONLY).code == 0
    assert heard == []


def test_a_run_that_failed_is_not_heard(drumbeat, heard, office, monkeypatch):
    monkeypatch.setenv("DRUMBEAT_TOKEN", "no-such-token")
    assert drumbeat("apply", "-C", ROOT, *STALE_ONLY).code == 3
    assert heard == []


@pytest.mark.usefixtures("office")
def test_a_watchdog_that_is_away_spoils_no_run(drumbeat, monkeypatch):
    monkeypatch.setenv("DRUMBEAT_HEARTBEAT_URL", "http://127.0.0.1:1/alive")
    result = drumbeat("apply", "-C", ROOT, *STALE_ONLY)
    assert result.code == 0
    assert "Warning: the heartbeat was not taken: ConnectionError" in result.err


def test_the_address_in_the_settings_is_checked(tmp_path):
    (fault,) = faults(tmp_path, a=f"{SETTINGS}heartbeat_url: http://watchdog.example.com/\n")
    assert fault == (
        "policies/a.yml:4:16: heartbeat_url: 'http://watchdog.example.com/' is not an https "
        "address\n  Write it whole, such as https://watchdog.example.com/ping/drumbeat."
    )
    told = loaded(tmp_path, a=f"{SETTINGS}heartbeat_url: {URL}\n").settings.heartbeat_url
    assert told == URL
