"""A GitLab made of words: time that stands still, JSON like GitLab's, and bare sockets."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from automation.remote import Pacer

URL = "https://gitlab.example.com"
API = f"{URL}/api/v4"
TOKEN = "glpat-very-secret/42"


class StillTime:
    """A clock that moves only when somebody sleeps."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def clock(self) -> float:
        return self.now

    def pacer(self, random: float = 0.5, **settings) -> Pacer:
        return Pacer(sleep=self.sleep, clock=self.clock, random=lambda: random, **settings)


def user_json(id=7, username="mgr-emea-1", **more):
    return {"id": id, "username": username, "name": "Emea One", "state": "active", **more}


def issue_json(id=1, **more):
    return {
        "id": id,
        "iid": id,
        "project_id": 20,
        "title": f"Loop {id}",
        "description": "- [x] a\n- [ ] b",
        "state": "opened",
        "labels": ["loop::open"],
        "author": user_json(),
        "assignees": [],
        "created_at": "2026-11-23T08:00:00.123Z",
        "updated_at": "2026-11-23T09:00:00.000+01:00",
        "closed_at": None,
        "due_date": None,
        "confidential": False,
        "moved_to_id": None,
        "web_url": f"{URL}/support/loops/-/issues/{id}",
        "references": {"short": f"#{id}", "full": f"support/loops#{id}"},
        "task_completion_status": {"count": 2, "completed_count": 1},
        "issue_type": "issue",
        **more,
    }


def note_json(id=1, **more):
    return {
        "id": id,
        "body": "text",
        "author": user_json(),
        "created_at": "2026-11-23T08:00:00Z",
        "system": False,
        **more,
    }


def project_json(id=20, path="support/loops", **more):
    return {
        "id": id,
        "path_with_namespace": path,
        "archived": False,
        "issues_enabled": True,
        "issues_access_level": "enabled",
        **more,
    }


def label_json(id=1, name="loop::open", **more):
    return {"id": id, "name": name, "color": "#6699CC", "description": None, **more}


def paged(server, path, items, per_page=100, total=True):
    """Have the mocked server give the items in pages, with GitLab's headers."""

    def answer(request):
        page = int(request.params.get("page", 1))
        size = int(request.params["per_page"])
        last = -(-len(items) // min(size, per_page)) or 1
        begin = (page - 1) * per_page
        headers = {"X-Next-Page": str(page + 1) if page < last else "", "X-Page": str(page)}
        if total:
            headers["X-Total"] = str(len(items))
        return 200, headers, json_text(items[begin : begin + per_page])

    server.add_callback("GET", f"{API}{path}", callback=answer)


def json_text(data):
    import json

    return json.dumps(data)


def reply(body="{}", status="200 OK", headers=(), length=None):
    """An HTTP answer as bytes, with a `Content-Length` that may lie."""
    size = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {size}"]
    return "\r\n".join([*lines, *headers, "Connection: close", "", body]).encode()


class BareServer:
    """Answers each connection with the next bytes of its script, then hangs up.

    The last bytes serve again for further connections; `requests` holds what came.
    """

    def __init__(self, sock, script):
        self.port = sock.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.requests: list[str] = []
        self._sock = sock
        self._script = list(script)

    def run(self):
        with suppress(OSError):
            while True:
                connection, _ = self._sock.accept()
                with connection:
                    self._serve(connection)

    def _serve(self, connection):
        data = self._receive(connection)
        if not data:
            return
        self.requests.append(data.decode())
        answer = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        connection.sendall(answer)

    def _receive(self, connection):
        data = b""
        while b"\r\n\r\n" not in data:
            chunk = connection.recv(65536)
            if not chunk:
                return data
            data += chunk
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            (
                int(line.split(b":")[1])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length")
            ),
            0,
        )
        while len(body) < length:
            body += connection.recv(65536)
        return head + b"\r\n\r\n" + body


@contextmanager
def bare_server(*script: bytes) -> Iterator[BareServer]:
    """Serve the bytes on loopback for as long as the context lasts."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        server = BareServer(sock, script)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            sock.shutdown(socket.SHUT_RDWR)
            thread.join(5)
