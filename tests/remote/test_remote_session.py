from __future__ import annotations

import io
import logging

import gitlab
import pytest
import requests

from automation import __version__
from automation.errors import OutcomeUnknown, RemoteError, UsageError
from automation.remote import Connection, GitLabReader, connect
from automation.remote.session import BadStatus, origin_of
from tests.remote.remote_world import API, TOKEN, URL, StillTime, bare_server, reply, user_json


class Recorder(requests.adapters.BaseAdapter):
    """Takes the wire's place and keeps how it was used."""

    def __init__(self):
        super().__init__()
        self.sent = []
        self.used = []

    def send(self, request, **kwargs):  # type: ignore[override]
        self.sent.append(request)
        self.used.append(kwargs)
        response = requests.Response()
        response.status_code = 200
        response.raw = io.BytesIO(b"{}")
        response.request = request
        response.url = request.url
        return response

    def close(self):
        pass


@pytest.fixture
def wire(gl):
    recorder = Recorder()
    gl.session.mount("https://", recorder)
    return recorder


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://gitlab.example.com/", "https://gitlab.example.com"),
        (" https://gitlab.example.com/api/v4/ ", "https://gitlab.example.com"),
        ("https://example.com/gitlab/", "https://example.com/gitlab"),
        ("https://gitlab.example.com:8443", "https://gitlab.example.com:8443"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.0.0.9:8080", "http://127.0.0.9:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_an_address_is_kept_in_its_plain_form(given, kept):
    assert Connection(given, TOKEN).url == kept


@pytest.mark.parametrize(
    "url",
    ["", "gitlab.example.com", "ftp://gitlab.example.com", "https://", "https://[::1", "https://x:99999",
     "https://gitlab.example.com/?a=b", "https://gitlab.example.com/#a"],
)  # fmt: skip
def test_an_address_that_is_none_is_told_apart(url):
    with pytest.raises(UsageError, match=r"https://gitlab\.example\.com") as caught:
        Connection(url, TOKEN)
    assert caught.value.exit_code == 2


def test_an_address_with_a_password_is_refused_and_not_shown():
    with pytest.raises(UsageError) as caught:
        Connection("https://me:hunter2@gitlab.example.com", TOKEN)
    assert "hunter2" not in str(caught.value)


def test_http_is_for_this_machine_only():
    with pytest.raises(UsageError, match="Use https://"):
        Connection("http://gitlab.example.com", TOKEN)
    with pytest.raises(UsageError, match="Use https://"):
        Connection("http://10.0.0.7", TOKEN)


@pytest.mark.parametrize("token", ["", " ", "abc\n", "a b", "tökén", "a\tb", "\x00"])
def test_a_token_that_cannot_be_one_says_to_set_the_variable(token):
    with pytest.raises(UsageError, match="DRUMBEAT_TOKEN") as caught:
        Connection(URL, token)
    assert caught.value.exit_code == 2
    assert token.strip() == "" or token not in str(caught.value)


def test_a_file_of_authorities_must_exist(tmp_path):
    with pytest.raises(UsageError, match="authorities"):
        Connection(URL, TOKEN, str(tmp_path / "none.pem"))
    there = tmp_path / "ca.pem"
    there.touch()
    assert Connection(URL, TOKEN, str(there)).open().ssl_verify == str(there)


def test_python_gitlab_repeats_nothing_by_itself(gl):
    assert isinstance(gl, gitlab.Gitlab)
    assert gl.retry_transient_errors is False
    assert gl.keep_base_url is True


def test_requests_bear_the_token_and_the_name_of_drumbeat(gl, wire):
    gl.http_request("get", "/user")
    assert wire.sent[0].headers["PRIVATE-TOKEN"] == TOKEN
    assert wire.sent[0].headers["User-Agent"] == f"drumbeat/{__version__}"
    assert wire.used[0]["timeout"] == (10.0, 60.0)


def test_tls_is_never_off(gl, wire, monkeypatch):
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    gl.http_request("get", "/user")
    gl.session.verify = False
    gl.ssl_verify = False
    gl.http_request("get", "/user")
    gl.session.get(f"{API}/user", verify=False)
    assert [used["verify"] for used in wire.used] == [True, True, True]


def test_a_ca_bundle_is_used(tmp_path):
    bundle = tmp_path / "ca.pem"
    bundle.touch()
    with Connection(URL, TOKEN, str(bundle)).open() as client:
        recorder = Recorder()
        client.session.mount("https://", recorder)
        client.http_request("get", "/user")
    assert recorder.used[0]["verify"] == str(bundle)


def test_a_netrc_file_does_not_replace_the_token(gl, wire, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine gitlab.example.com login me password other\n")
    monkeypatch.setenv("NETRC", str(netrc))
    gl.http_request("get", "/user")
    assert "Authorization" not in wire.sent[0].headers
    assert wire.sent[0].headers["PRIVATE-TOKEN"] == TOKEN


def test_proxies_of_the_environment_are_used_but_not_for_this_machine(gl, wire, monkeypatch):
    for name in ("https_proxy", "http_proxy", "HTTPS_PROXY", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://proxy.example.com:3128")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    gl.http_request("get", "/user")
    assert wire.used[0]["proxies"]["https"] == "http://proxy.example.com:3128"
    with Connection("http://localhost:9", TOKEN).open() as local:
        recorder = Recorder()
        local.session.mount("http://", recorder)
        local.http_request("get", "/user")
    assert not recorder.used[0]["proxies"]


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("https://evil.example.com/api/v4/user", "https://evil.example.com"),
        ("http://gitlab.example.com/api/v4/user", "http://gitlab.example.com"),
        ("https://gitlab.example.com:444/api/v4/user", "https://gitlab.example.com:444"),
        ("https://gitlab.example.com.evil.example/", "https://gitlab.example.com.evil.example"),
        ("https://[::1]/", "https://[::1]"),
    ],
)
def test_nothing_is_sent_to_another_origin(gl, wire, url, named):
    gl.session.mount("http://", wire)
    with pytest.raises(RemoteError) as caught:
        gl.http_request("get", url)
    assert wire.sent == []
    assert f"led to {named}, and" in caught.value.message


def test_the_default_port_and_the_case_of_the_host_do_not_matter(gl, wire):
    gl.session.get("https://GITLAB.example.com:443/api/v4/user")
    assert len(wire.sent) == 1
    assert origin_of("HTTPS://A.example/x") == ("https", "a.example", 443)
    assert origin_of("mailto:x") == ("mailto", "", 0)


def test_token_never_follows_a_redirect_to_another_host():
    with bare_server(reply("[]")) as evil:
        away = reply("", "302 Found", [f"Location: {evil.url}/steal?t={TOKEN}"])
        with bare_server(away) as honest:
            reader, writer = connect(honest.url, TOKEN, pacer=StillTime().pacer())
            with pytest.raises(RemoteError) as read:
                reader._calls.get("/user", {})
            with pytest.raises(OutcomeUnknown) as written:
                writer._calls.post("/projects/1/issues", {"title": "x"})
        assert evil.requests == []
        assert len(honest.requests) == 2
    for caught in (read, written):
        assert f"{evil.url}/steal" in str(caught.value)
        assert TOKEN not in str(caught.value)


def test_a_redirect_on_the_same_host_is_not_followed_either(gl, server):
    server.get(f"{API}/user", status=301, headers={"Location": f"{API}/elsewhere"})
    with pytest.raises(BadStatus) as caught:
        gl.http_request("get", "/user")
    assert caught.value.status == 301
    assert len(server.calls) == 1


def test_a_location_that_is_no_address_breaks_nothing(gl, server):
    server.get(f"{API}/user", status=302, headers={"Location": "http://[broken"})
    with pytest.raises(BadStatus):
        gl.http_request("get", "/user")


def test_a_bad_answer_keeps_its_headers(gl, server):
    server.get(f"{API}/user", status=429, body="Retry later\n", headers={"Retry-After": "7"})
    with pytest.raises(BadStatus) as caught:
        gl.http_request("get", "/user")
    assert (caught.value.status, caught.value.text) == (429, "Retry later\n")
    assert caught.value.headers["retry-after"] == "7"


def test_the_token_never_shows(server, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    connection = Connection(URL, TOKEN)
    echo = f"you sent {TOKEN} or glpat-very-secret%2F42"
    server.get(f"{API}/user", status=400, json={"message": echo}, headers={"X-Echo": echo})
    reader, writer = connect(URL, TOKEN, pacer=StillTime().pacer())
    gl = connection.open()
    with pytest.raises(RemoteError) as caught:
        reader._calls.get("/user", {})
    shown = [
        repr(connection),
        str(connection),
        repr(reader),
        repr(writer),
        repr(gl),
        repr(gl.session),
    ]
    shown += [str(caught.value), repr(caught.value), repr(caught.value.__cause__)]
    shown += [str(vars(caught.value.__cause__)), caplog.text, *capsys.readouterr()]
    assert "[token]" in str(caught.value)
    for text in shown:
        assert TOKEN not in text
        assert "glpat-very-secret%2F42" not in text


def test_connect_gives_both_doors(server):
    server.get(f"{API}/user", json=user_json())
    lines: list[str] = []
    reader, writer = connect(URL, TOKEN, progress=lines.append)
    assert isinstance(reader, GitLabReader)
    assert writer._calls.base_url == URL
    assert reader._calls.get("/user", {}).data == user_json()


def test_a_relative_installation_is_reached_below_its_path(server):
    server.get("https://example.com/gitlab/api/v4/user", json=user_json())
    reader, _ = connect("https://example.com/gitlab/", TOKEN)
    assert reader._calls.get("/user", {}).url == "https://example.com/gitlab/api/v4/user"
