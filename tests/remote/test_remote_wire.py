"""What no mock shows: connections that break, seen from a real socket."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading

import pytest

from automation.errors import OutcomeUnknown, RemoteError, Unreachable
from automation.model.change import CreateIssue
from automation.model.issue import Identity, IssueQuery, User
from automation.model.questions import IssuesOf, WhoAmI
from automation.remote import Connection, GitLabReader, GitLabWriter, connect
from tests.remote.remote_world import TOKEN, StillTime, bare_server, reply

CREATE = CreateIssue(
    key="k", reason="", project_id=1, project="a/b", title="t", description="", labels=()
)
ISSUES = IssuesOf(IssueQuery("support"))

CUT = {
    "no answer": b"",
    "cut headers": b"HTTP/1.1 201 Created\r\nContent-",
    "no HTTP": b"hello\r\n\r\n",
    "truncated body": reply('{"web_url": "u", "confidential": false}', "201 Created", length=500),
    "truncated chunks": b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n50\r\n{}",
    "bad compression": b"HTTP/1.1 201 Created\r\nContent-Encoding: gzip\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}",
    "cut JSON": reply('{"web_url": "u", "confid', "201 Created"),
    "empty body": reply("", "201 Created"),
}


@pytest.mark.parametrize("answer", CUT.values(), ids=CUT)
def test_post_whose_answer_is_cut_is_not_repeated(answer):
    with bare_server(answer) as server:
        _, writer = connect(server.url, TOKEN, pacer=StillTime().pacer())
        with pytest.raises(OutcomeUnknown):
            writer.create_issue(CREATE)
        assert len(server.requests) == 1
        assert server.requests[0].startswith("POST /api/v4/projects/1/issues HTTP/1.1")


@pytest.mark.parametrize("answer", CUT.values(), ids=CUT)
def test_a_list_whose_answer_is_cut_is_never_empty(answer):
    with bare_server(answer) as server:
        reader, _ = connect(server.url, TOKEN, pacer=StillTime().pacer())
        with pytest.raises(RemoteError):
            reader.answer([ISSUES])
        assert len(server.requests) in (1, 5)


def test_a_list_is_asked_for_again_after_a_cut():
    whole = reply("[]", headers=["X-Next-Page: ", "X-Total: 0"])
    with bare_server(b"", CUT["truncated body"], whole) as server:
        still = StillTime()
        reader, _ = connect(server.url, TOKEN, pacer=still.pacer())
        assert reader.answer([ISSUES]) == {ISSUES: ()}
        assert len(server.requests) == 3
        assert len(still.slept) == 2


def test_post_after_time_out_not_repeated():
    with socket.create_server(("127.0.0.1", 0)) as sock:
        url = f"http://127.0.0.1:{sock.getsockname()[1]}"
        still = StillTime()
        with Connection(url, TOKEN, read_timeout=0.05).open() as gl:
            with pytest.raises(OutcomeUnknown, match="no answer in time"):
                GitLabWriter(gl, still.pacer()).create_issue(CREATE)
            assert still.slept == []
            with pytest.raises(RemoteError, match="no answer in time"):
                GitLabReader(gl, still.pacer()).answer([WhoAmI()])
            assert len(still.slept) == 4


def test_a_refused_connection_proves_that_nothing_happened():
    with socket.create_server(("127.0.0.1", 0)) as sock:
        url = f"http://127.0.0.1:{sock.getsockname()[1]}"
    still = StillTime()
    reader, writer = connect(url, TOKEN, pacer=still.pacer())
    with pytest.raises(Unreachable, match="Connection refused"):
        writer.create_issue(CREATE)
    with pytest.raises(Unreachable, match="Connection refused"):
        reader.answer([WhoAmI()])
    assert len(still.slept) == 8


def test_a_host_that_does_not_exist_proves_that_nothing_happened(monkeypatch):
    def unknown(*_args, **_more):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    _, writer = connect("https://gitlab.invalid", TOKEN, pacer=StillTime().pacer())
    with pytest.raises(Unreachable, match="Name or service not known"):
        writer.create_issue(CREATE)


def test_token_never_follows_a_foreign_link():
    with bare_server(reply("[]")) as evil:
        link = f'Link: <{evil.url}/api/v4/groups/support/issues?page=2>; rel="next"'
        with bare_server(reply("[]", headers=[link])) as honest:
            reader, _ = connect(honest.url, TOKEN, pacer=StillTime().pacer())
            with pytest.raises(RemoteError, match="another address"):
                reader.answer([ISSUES])
        assert evil.requests == []
        assert f"PRIVATE-TOKEN: {TOKEN}" in honest.requests[0]


@pytest.fixture(scope="module")
def untrusted(tmp_path_factory):
    """A certificate of nobody's, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
        check=True, capture_output=True,
    )  # fmt: skip
    return cert, key


@pytest.fixture
def tls_server(untrusted):
    """A server that answers one user to those who trust its certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*untrusted)
    heard: list[bytes] = []

    def serve(sock):
        while True:
            try:
                connection, _ = sock.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(connection, server_side=True) as secure:
                    heard.append(secure.recv(65536))
                    secure.sendall(reply('{"id": 1, "username": "u", "name": "U"}'))
            except OSError:
                connection.close()

    with socket.create_server(("127.0.0.1", 0)) as sock:
        thread = threading.Thread(target=serve, args=(sock,), daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{sock.getsockname()[1]}", heard
        sock.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def test_tls_never_off(tls_server):
    url, heard = tls_server
    still = StillTime()
    reader, writer = connect(url, TOKEN, pacer=still.pacer())
    with pytest.raises(Unreachable, match="certificate cannot be verified: self-signed") as caught:
        reader.answer([WhoAmI()])
    with pytest.raises(Unreachable, match="certificate cannot be verified"):
        writer.create_issue(CREATE)
    assert "never off" in caught.value.remedy
    assert (heard, still.slept) == ([], [])


def test_a_ca_bundle_makes_a_certificate_trusted(tls_server, untrusted):
    url, heard = tls_server
    reader, _ = connect(url, TOKEN, str(untrusted[0]), pacer=StillTime().pacer())
    assert reader.answer([WhoAmI()]) == {WhoAmI(): Identity(User(1, "u", "U"))}
    assert TOKEN.encode() in heard[0]
