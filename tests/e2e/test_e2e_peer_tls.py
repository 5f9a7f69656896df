"""TLS verification cannot be switched off: not by an option, not by the environment."""

from __future__ import annotations

import ast
import shutil
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from automation.cli import main
from tests.e2e.small import usual
from tests.support.sample import REPOSITORY

FORBIDDEN_NAMES = {
    "CERT_NONE",
    "CERT_OPTIONAL",
    "_create_unverified_context",
    "disable_warnings",
    "InsecureRequestWarning",
}
VERIFYING = (
    "verify",
    "ssl_verify",
    "check_hostname",
    "verify_mode",
    "cert_reqs",
    "assert_hostname",
)


def offences(source: str) -> list[str]:
    """What in a program could switch verification off."""
    found = []
    for node in ast.walk(ast.parse(source)):
        name = getattr(node, "id", None) or getattr(node, "attr", None)
        if name in FORBIDDEN_NAMES:
            found.append(f"line {getattr(node, 'lineno', 0)}: {name}")
        pairs = []
        if isinstance(node, ast.Call):
            pairs = [(word.arg, word.value) for word in node.keywords]
        if isinstance(node, ast.Assign):
            pairs = [(_last_name(target), node.value) for target in node.targets]
        if isinstance(node, ast.Dict):
            pairs = [
                (getattr(key, "value", None), value)
                for key, value in zip(node.keys, node.values, strict=True)
            ]
        found += [
            f"line {getattr(node, 'lineno', 0)}: {word}"
            for word, value in pairs
            if word in VERIFYING and isinstance(value, ast.Constant) and not value.value
        ]
    return found


def _last_name(target: ast.expr) -> str | None:
    if isinstance(target, ast.Subscript):
        return getattr(target.slice, "value", None)
    return getattr(target, "attr", None) or getattr(target, "id", None)


def test_peer_20_no_line_of_the_code_switches_verification_off():
    files = sorted((REPOSITORY / "automation").rglob("*.py"))
    assert len(files) > 50
    assert {str(file): bad for file in files if (bad := offences(file.read_text()))} == {}


@pytest.mark.parametrize(
    "line",
    [
        "requests.get(url, verify=False)",
        "session.verify = False",
        "kwargs['verify'] = False",
        "options = {'ssl_verify': False}",
        "context.verify_mode = ssl.CERT_NONE",
        "context.check_hostname = False",
        "ssl._create_unverified_context()",
        "urllib3.disable_warnings()",
        "gitlab.Gitlab(url, ssl_verify=None)",
    ],
)
def test_peer_20_the_search_would_find_it(line):
    assert offences(line)


class Quiet(HTTPServer):
    """A server to which a broken handshake is nothing to print."""

    asked: list[tuple[str, str | None]]

    def handle_error(self, request, client_address):
        pass


class Handler(BaseHTTPRequestHandler):
    """Answers everything with an empty object, and remembers that it was asked."""

    server: Quiet

    def do_GET(self):
        self.server.asked.append((self.path, self.headers.get("PRIVATE-TOKEN")))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_args):
        pass


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate that nobody but its maker signed, and its key, in one file."""
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
            *("-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")),
        ],
        check=True,
        capture_output=True,
    )
    return folder


@pytest.fixture
def self_signed(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    with Quiet(("127.0.0.1", 0), Handler) as server:
        server.asked = []
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


SWITCHES = {
    "CURL_INSECURE": "1",
    "GITLAB_SSL_VERIFY": "false",
    "GIT_SSL_NO_VERIFY": "1",
    "PYTHONHTTPSVERIFY": "0",
    "CURL_CA_BUNDLE": "",
    "REQUESTS_CA_BUNDLE": "",
}


@pytest.mark.parametrize("verb", ["plan", "apply", "setup"])
def test_peer_20_a_self_signed_server_gets_no_token(
    self_signed, certificate, tmp_path, monkeypatch, capsys, verb
):
    for name, value in SWITCHES.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DRUMBEAT_TOKEN", "glpat-secret")
    url = f"https://127.0.0.1:{self_signed.server_port}"
    argv = [verb, "--root", str(usual(tmp_path)), "--url", url, "--now", "2026-11-23T08:00:00Z"]
    assert main(argv) == 3
    told = "".join(capsys.readouterr())
    assert "GitLab's certificate cannot be verified" in told
    assert self_signed.asked == []

    # With its authority it is asked, and only then; what it answers is no GitLab's.
    bundle = ["--ca-bundle", str(certificate / "cert.pem")]
    assert main([*argv, *bundle]) == 3
    assert "GitLab's answer" in "".join(capsys.readouterr())
    assert {token for _, token in self_signed.asked} == {"glpat-secret"}


@pytest.mark.parametrize("option", ["--insecure", "--no-verify", "-k"])
def test_peer_20_there_is_no_option_for_it(tmp_path, monkeypatch, capsys, option):
    monkeypatch.setenv("DRUMBEAT_TOKEN", "glpat-secret")
    argv = ["plan", "--root", str(usual(tmp_path)), "--url", "https://localhost:9", option]
    assert main(argv) in (2, 3)
    assert capsys.readouterr().out == ""
