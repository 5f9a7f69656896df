"""HTTP manners: body forms, tokens, scopes, unknown routes, and real clients."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import gitlab
import pytest
import requests
from sqlalchemy import event, select
from sqlalchemy.engine.interfaces import CacheStats

from automation.sandbox import store as stores
from automation.sandbox.app import create_app
from automation.sandbox.errors import Dropped
from automation.sandbox.params import Params, nest
from automation.sandbox.schema import User
from automation.sandbox.server import running, serve
from automation.sandbox.store import add_user
from tests.sandbox.world import Client


@pytest.mark.parametrize("form", ["json", "data", "files", "query"])
def test_any_body_form_will_do(space, form):
    person = space.member("reporter")
    plain = {"title": "T", "labels": "a,b", "confidential": "true", "description": "é\nü"}
    listed = [*plain.items(), ("assignee_ids[]", str(person.user["id"]))]
    forms: dict[str, dict[str, Any]] = {
        "json": {"json": plain | {"assignee_ids": [person.user["id"]], "labels": ["a", "b"]}},
        "data": {"data": listed},
        "files": {"files": [(k, (None, v)) for k, v in listed]},
        "query": {"params": listed},
    }
    answer = space.root.send("POST", f"{space.path}/issues", **forms[form])
    assert answer.status_code == 201, answer.text
    issue = answer.json()
    assert (issue["title"], issue["labels"], issue["confidential"]) == ("T", ["a", "b"], True)
    assert issue["description"] == "é\nü"
    assert [u["id"] for u in issue["assignees"]] == [person.user["id"]]


def test_a_file_in_a_form_counts_as_its_text(space):
    files = {"title": ("t.txt", b"from a file")}
    made = space.root.send("POST", f"{space.path}/issues", files=files)
    assert made.json()["title"] == "from a file"


@pytest.mark.parametrize(
    ("kind", "body"),
    [("application/json", b"{"), ("multipart/form-data", b"x")],
)
def test_a_body_that_is_not_what_it_says(space, kind, body):
    answer = space.root.send(
        "POST", f"{space.path}/issues", data=body, headers={"Content-Type": kind}
    )
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("Problems parsing")


def test_a_body_of_another_kind_is_not_read(space):
    answer = space.root.send(
        "POST", f"{space.path}/issues", data=b"title=x", headers={"Content-Type": "text/plain"}
    )
    assert answer.json() == {"error": "title is missing"}


def test_a_body_that_is_too_long(space):
    url = f"{space.root.url}/api/v4{space.path}/issues"
    heads = {"Content-Length": str(65 * 1024 * 1024), "PRIVATE-TOKEN": "root-token"}
    host, port = space.root.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as sock:
        lines = [f"POST {url} HTTP/1.1", f"Host: {host}", *(f"{k}: {v}" for k, v in heads.items())]
        sock.sendall("\r\n".join([*lines, "", ""]).encode())
        assert b"413" in sock.recv(1000)


def test_a_client_that_leaves_early_disturbs_nobody(space):
    host, port = space.root.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as sock:
        sock.sendall(b"POST /api/v4/issues HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nab")
    assert space.root.get("/user").status_code == 200


def test_projects_and_groups_by_encoded_path(space):
    path = space.project["path_with_namespace"].replace("/", "%2F")
    space.issue("found")
    assert space.root.get(f"/projects/{path}").json()["id"] == space.project["id"]
    assert space.root.get(f"/projects/{path}/issues/1").json()["title"] == "found"
    sub = space.root.made("/groups", name="s", path="s", parent_id=space.group["id"])
    encoded = sub["full_path"].replace("/", "%2f")
    assert space.root.get(f"/groups/{encoded}").json()["id"] == sub["id"]
    assert space.root.get(f"/namespaces/{encoded}").json()["kind"] == "group"


@pytest.mark.parametrize("header", ["PRIVATE-TOKEN", "Authorization"])
def test_tokens_in_either_header(root, client, header):
    value = "root-token" if header == "PRIVATE-TOKEN" else "Bearer root-token"
    assert client(None).get("/user", headers={header: value}).json()["username"] == "root"


def test_bad_tokens(space, client, root):
    for who in (client(None), client("wrong")):
        answer = who.get("/user")
        assert (answer.status_code, answer.json()) == (401, {"message": "401 Unauthorized"})
    person = space.someone()
    path = f"/users/{person.user['id']}/personal_access_tokens"
    old = root.made(path, name="old", scopes=["api"], expires_at="2020-01-01")
    answer = client(old["token"]).get("/user")
    assert answer.status_code == 401
    assert answer.json() == {
        "error": "invalid_token",
        "error_description": "Token is expired. You can either do re-authorization or token refresh.",
    }
    assert person.delete("/personal_access_tokens/self").status_code == 204
    gone = person.get("/user")
    assert gone.status_code == 401
    assert gone.json()["error_description"].startswith("Token was revoked.")
    assert 'error="invalid_token"' in gone.headers["WWW-Authenticate"]


def test_scopes(space, client, root):
    person = space.member("owner")
    path = f"/users/{person.user['id']}/personal_access_tokens"
    reader = client(root.made(path, name="r", scopes=["read_api"])["token"])
    assert reader.get(space.path).status_code == 200
    refused = reader.post(f"{space.path}/issues", {"title": "x"})
    assert refused.status_code == 403
    assert refused.json() == {
        "error": "insufficient_scope",
        "error_description": "The request requires higher privileges than provided by the access token.",
        "scope": "api",
    }
    narrow = client(root.made(path, name="u", scopes=["read_user"])["token"])
    assert narrow.get("/user").status_code == 200
    assert narrow.get("/users").status_code == 200
    assert narrow.get("/projects").json()["scope"] == "api read_api"
    assert narrow.get("/personal_access_tokens/self").status_code == 200
    turner = client(root.made(path, name="s", scopes=["self_rotate"])["token"])
    assert turner.get("/user").status_code == 403
    assert turner.post("/personal_access_tokens/self/rotate").status_code == 200


def test_administrators_act_for_others(space, root):
    person = space.member("guest")
    name = person.user["username"]
    assert root.get("/user", headers={"Sudo": name}).json()["username"] == name
    assert root.get("/user", {"sudo": person.user["id"]}).json()["username"] == name
    made = root.post(f"{space.path}/issues", {"title": "x"}, headers={"Sudo": name}).json()
    assert made["author"]["username"] == name
    nobody = root.get("/user", headers={"Sudo": "nobody"})
    assert nobody.json() == {"message": "404 User with ID or username 'nobody' Not Found"}
    assert person.get("/user", headers={"Sudo": "root"}).json() == {
        "message": "403 Forbidden - Must be admin to use sudo"
    }
    plain = root.made("/users/1/personal_access_tokens", name="p", scopes=["api"])["token"]
    refused = root.get("/user", headers={"Sudo": name, "PRIVATE-TOKEN": plain})
    assert (refused.status_code, refused.json()["scope"]) == (403, "sudo")


def test_blocked_and_sleeping_users(space, root):
    person = space.someone()
    at = f"/users/{person.user['id']}"
    assert root.post(f"{at}/block").json() is True
    assert root.post(f"{at}/block").json() is None
    blocked = person.get("/user")
    assert (blocked.status_code, blocked.json()) == (
        403,
        {"message": "403 Forbidden - Your account has been blocked."},
    )
    assert root.get("/users", {"blocked": True, "username": person.user["username"]}).json()
    assert root.get("/users", {"active": True, "username": person.user["username"]}).json() == []
    root.post(f"{at}/unblock")
    assert person.get("/user").status_code == 200
    root.post(f"{at}/deactivate")
    assert "deactivated" in person.get("/user").json()["message"]
    root.post(f"{at}/activate")
    assert person.get("/user").status_code == 200


def test_what_is_not_here_says_so(root):
    answer = root.get("/runners")
    assert answer.status_code == 404
    assert answer.json() == {
        "error": "404 Not Found",
        "message": "The embedded GitLab (drumbeat sandbox) has no GET /api/v4/runners",
    }
    assert root.get(f"{root.url}/api/v3/user").status_code == 404
    wrong = root.send("PATCH", "/version")
    assert (wrong.status_code, wrong.json()) == (405, {"error": "405 Not Allowed"})
    assert wrong.headers["Allow"] == "GET"


def test_version_and_metadata(root, client):
    assert root.get("/version").json()["version"] == "19.5.0-ee"
    assert root.get("/metadata").json()["enterprise"] is True
    assert client(None).get("/version").status_code == 401


def test_answers_can_be_cached(space):
    issue = space.issue()
    first = space.root.get(space.at(issue))
    tag = first.headers["ETag"]
    same = space.root.get(space.at(issue), headers={"If-None-Match": tag})
    assert (same.status_code, same.text) == (304, "")
    space.root.put(space.at(issue), {"title": "new"})
    assert space.root.get(space.at(issue), headers={"If-None-Match": tag}).status_code == 200


def test_head_answers_like_get_without_a_body(space):
    answer = space.root.send("HEAD", f"{space.path}/issues")
    assert (answer.status_code, answer.text) == (200, "")
    assert answer.headers["X-Total"] == "0"


def test_a_bug_of_the_server_answers_500(space, monkeypatch, caplog):
    monkeypatch.setattr("automation.sandbox.api.issue_list.filtered", None)
    answer = space.root.get(f"{space.path}/issues")
    assert (answer.status_code, answer.json()) == (500, {"message": "500 Internal Server Error"})
    assert "TypeError" in caplog.text


def test_python_gitlab_cannot_tell(space):
    with gitlab.Gitlab(
        space.root.url, private_token="root-token", retry_transient_errors=False
    ) as gl:
        gl.auth()
        assert gl.user is not None
        assert gl.user.username == "root"
        assert gl.version()[0] == "19.5.0-ee"
        project = gl.projects.get(space.project["path_with_namespace"])
        made = [project.issues.create({"title": f"i{n}", "labels": ["x", "y"]}) for n in range(5)]
        assert [i.title for i in project.issues.list(iterator=True, per_page=2, sort="asc")] == [
            f"i{n}" for n in range(5)
        ]
        keyed = project.issues.list(
            iterator=True, per_page=2, pagination="keyset", order_by="created_at", sort="asc"
        )
        assert len(list(keyed)) == 5
        issue = made[0]
        issue.notes.create({"body": "hello\n/close"})
        issue = project.issues.get(issue.iid)
        assert issue.state == "closed"
        issue.state_event = "reopen"
        issue.labels = ["z"]
        issue.save()
        assert project.issues.list(labels=["z"], get_all=True)[0].iid == issue.iid
        events = [e.action for e in issue.resourcelabelevents.list(get_all=True)]
        assert events == ["add", "add", "add", "remove", "remove"]
        label = project.labels.create({"name": "a/b c", "color": "red"})
        label.new_name = "plain"
        label.save()
        assert {x.name for x in project.labels.list(get_all=True)} == {"plain", "x", "y", "z"}
        board = project.boards.create({"name": "B"})
        board.lists.create({"label_id": project.labels.get("x").id})
        assert [x.label["name"] for x in board.lists.list(get_all=True)] == ["x"]
        with pytest.raises(gitlab.exceptions.GitlabGetError, match="404"):
            project.issues.get(99)


def test_serving_in_the_foreground(tmp_path):
    """`serve` blocks, so it runs in a thread here and is stopped as a signal stops it."""
    urls: list[str] = []
    db = str(tmp_path / "deep" / "gitlab.db")
    servers = []
    import uvicorn

    original = uvicorn.Server.startup

    async def keep(self, sockets=None):
        servers.append(self)
        await original(self, sockets)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uvicorn.Server, "startup", keep)
        thread = threading.Thread(
            target=serve,
            args=("127.0.0.1", 0, db, "tok", datetime(2026, 1, 1, tzinfo=UTC), urls.append),
        )
        thread.start()
        while not urls:
            thread.join(0.01)
        client = Client(urls[0], "tok")
        client.made("/groups", name="kept", path="kept")
        client.close()
        servers[0].handle_exit(signal.SIGTERM, None)
        thread.join()
    with running(db=db, root_token="other") as url:
        again = Client(url, "other")
        assert [g["path"] for g in again.get("/groups").json()] == ["kept"]
        earlier = Client(url, "tok")
        assert earlier.get("/user").status_code == 200
        earlier.close()
        again.close()


def test_a_taken_port(root):
    port = int(root.url.rsplit(":", 1)[1])
    with pytest.raises(OSError, match="in use"), running(port=port):
        pass


def test_a_request_that_is_under_way_when_the_server_ends_is_answered():
    with ThreadPoolExecutor(1) as pool:
        with running() as url:
            client = Client(url, "root-token")
            fault = {"action": "delay", "seconds": 0.3, "route": "/version$"}
            client.put("/sandbox/faults", [fault])
            asked = pool.submit(Client(url, "root-token").get, "/version", timeout=30)
            while not client.get("/sandbox/faults").json()[0]["seen"]:
                pass
            assert not asked.done()
            client.close()
        assert asked.result().status_code == 200


def test_what_one_server_has_compiled_another_need_not():
    def compiled() -> list[str]:
        """The statements that a new store has to compile for some that are usual."""
        with stores.Store() as store, store.session() as session:
            found: list[str] = []

            def note(_connection, _cursor, statement, _parameters, context, _many):
                if context.cache_hit is not CacheStats.CACHE_HIT:
                    found.append(statement)

            event.listen(session.get_bind(), "after_cursor_execute", note)
            assert session.scalars(select(User.username)).all() == ["root"]
            assert session.get_one(User, 1).admin
            add_user(session, User(username="a", name="A", email="a@b.c", created_at=""))
            return found

    compiled()
    assert compiled() == []


def test_a_server_leaves_nothing_behind():
    before = {*threading.enumerate()}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(3):
            with running() as url, requests.Session() as session:
                session.get(f"{url}/api/v4/version")
        gc.collect()
    assert {*threading.enumerate()} <= before


def test_ipv6():
    from automation.sandbox.server import _listen, _url

    try:
        with _listen("::1", 0) as sock:
            assert _url(sock).startswith("http://[::1]:")
    except OSError:
        pytest.skip("no IPv6 here")


def test_an_unknown_tier():
    with pytest.raises(ValueError, match="premium"):
        stores.Store(tier="gold")


def answered(request):
    """Run it in a thread of its own: a browser's loop may be going in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, request).result()


def test_the_app_needs_no_server():
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/api/v4/version",
        "query_string": b"",
        "scheme": "http",
        "server": ("x", 80),
        "headers": [(b"private-token", b"t"), (b"host", b"x")],
    }

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    sent = []

    async def send(message):
        sent.append(message)

    with stores.Store(root_token="t") as store:
        app = create_app(store)
        answered(app(scope, receive, send))
        assert sent[0]["status"] == 200
        app.faults.replace([{"action": "cut_before"}])
        with pytest.raises(Dropped):
            answered(app(scope, receive, send))
        with pytest.raises(RuntimeError, match="HTTP only"):
            answered(app({"type": "websocket"}, receive, send))


def test_nested_parameters():
    pairs = [
        ("a", "1"),
        ("b[]", "2"),
        ("b[]", "3"),
        ("c[0]", "4"),
        ("not[x]", "5"),
        ("not[y][]", "6"),
        ("a[z]", "7"),
        ("b[q]", "8"),
        ("not[]", "9"),
    ]
    assert nest(pairs) == {"a": "1", "b": ["2", "3"], "c": ["4"], "not": {"x": "5", "y": ["6"]}}


def test_odd_values():
    params = Params({"t": True, "n": None, "f": 1.5, "d": "2026-11-23T10:00:00Z", "w": "x"})
    assert params.text("t") == "true"
    assert params.flag("n", default=True) is True
    assert params.date("d") == "2026-11-23"
    assert params.date("w") is None
    assert params.time("n") is None
    assert params.sub("t").values == {}
