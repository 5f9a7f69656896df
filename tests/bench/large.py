"""A large organisation whose loops are open, and a server that lists them as GitLab does.

The server is a process of its own that sends what was made before: it costs the measured
program nothing.
"""

from __future__ import annotations

import json
import multiprocessing
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import yaml

from automation.config import load
from automation.loops import Loops
from automation.model.change import CreateIssue, EnsureLabel
from automation.model.issue import Access, Identity, Project, User
from automation.model.questions import AccessTo, Question, UserNamed, WhoAmI
from automation.planner import make_plan
from automation.templates import Library
from tests.support.sample import REPOSITORY

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
CADENCES = frozenset(
    {"one-on-one", "ticket-review", "customer-interaction", "hiring", "career-talk"}
)
PER_PAGE = 100
_ZONES = ("Europe/Dublin", "America/New_York", "Asia/Kolkata", "Australia/Sydney", "UTC")
_TEAM = 5
_PER_FILE = 500


def write_organisation(folder: Path, managers: int) -> None:
    """The shipped policies, five cadences of them on, for so many managers of five reports."""
    for name in ("policies", "issue_templates"):
        shutil.copytree(REPOSITORY / name, folder / name)
    names = load(folder).policy_names
    settings = folder / "policies" / "settings.yml"
    text = settings.read_text(encoding="utf-8")
    off = ", ".join(sorted(names - CADENCES))
    settings.write_text(text.replace("\noff: []\n", f"\noff: [{off}]\n"), encoding="utf-8")
    (folder / "policies" / "roster.yml").unlink()
    for number, roster in enumerate(_rosters(managers)):
        file = folder / "policies" / f"roster-{number}.yml"
        file.write_text(yaml.safe_dump(roster, sort_keys=False), encoding="utf-8")


def _rosters(managers: int) -> Iterator[dict[str, Any]]:
    """Several files, since one has to stay below a size."""
    directors = max(1, managers // 50)
    yield {"kind": "roster", "directors": [_person(f"dir-{n}", n) for n in range(directors)]}
    for start in range(0, managers, _PER_FILE):
        numbers = range(start, min(start + _PER_FILE, managers))
        yield {"kind": "roster", "managers": [_manager(n, directors) for n in numbers]}


def _manager(number: int, directors: int) -> dict[str, Any]:
    return {
        **_person(f"mgr-{number}", number),
        "director": f"dir-{number % directors}",
        "reports": [_person(f"se-{number}-{k}", number) for k in range(_TEAM)],
    }


def _person(name: str, number: int) -> dict[str, Any]:
    zone = _ZONES[number % len(_ZONES)]
    return {"id": name, "username": name, "name": f"Person {name}", "timezone": zone}


@dataclass
class _Empty:
    """A reader of a GitLab with the projects and people, and not one issue."""

    projects: Mapping[str, Project]

    def answer(self, questions: Collection[Question]) -> dict[Question, object]:
        return {question: self._answer(question) for question in questions}

    def _answer(self, question: Question) -> object:
        match question:
            case WhoAmI():
                return Identity(User(7, "support-drumbeat", "Drumbeat"), NOW)
            case AccessTo():
                return Access(self.projects)
            case UserNamed(username):
                return User(abs(hash(username)) % 10**9, username, username)
        return ()


def pages_of(folder: Path, managers: int) -> dict[str, list[dict[str, Any]]]:
    """What GitLab lists once every loop that is due is open: by path, without the pages."""
    paths = ["support/loops", *(f"support/1-1s/mgr-{n}" for n in range(managers))]
    projects = {path: Project(number, path) for number, path in enumerate(paths, 1)}
    loops = Loops(load(folder), Library(folder / "issue_templates"))
    changes = make_plan(loops, _Empty(projects), NOW).changes
    opened = [change for change in changes if isinstance(change, CreateIssue)]
    labels = [change for change in changes if isinstance(change, EnsureLabel)]
    return {
        "issues": [_issue(change, number) for number, change in enumerate(opened, 1)],
        "projects": [_project(one) for one in projects.values()],
        "labels": [_label(change, number) for number, change in enumerate(labels, 1)],
    }


def _label(change: EnsureLabel, number: int) -> dict[str, Any]:
    return {
        "id": number,
        "name": change.name,
        "color": change.color,
        "description": change.description,
    }


def _project(project: Project) -> dict[str, Any]:
    return {
        "id": project.id,
        "path_with_namespace": project.path,
        "archived": False,
        "issues_enabled": True,
    }


def _user(number: int, name: str) -> dict[str, Any]:
    return {"id": number, "username": name, "name": name, "state": "active", "locked": False}


def _issue(change: CreateIssue, number: int) -> dict[str, Any]:
    """The issue that GitLab would have made, with the fields that Drumbeat does not read, too."""
    at = f"/{change.project}/-/issues/{number}"
    boxes = change.description.count("- [ ] ")
    worked_on = number % 2  # every other one; one tick would complete a customer interaction
    ticked = 0 if change.key.startswith("customer-") else min(boxes - 1, 3) * worked_on
    updated = timedelta(hours=1 if worked_on else 24)
    return {
        "id": number,
        "iid": number,
        "project_id": change.project_id,
        "title": change.title,
        "description": change.description.replace("- [ ] ", "- [x] ", ticked),
        "state": "opened",
        "created_at": _text(NOW - timedelta(days=1)),
        "updated_at": _text(NOW - updated),
        "closed_at": None,
        "labels": sorted(change.labels),
        "milestone": None,
        "assignees": [_user(number, name) for name in change.assignees],
        "author": _user(7, "support-drumbeat"),
        "type": "ISSUE",
        "user_notes_count": 0,
        "merge_requests_count": 0,
        "upvotes": 0,
        "downvotes": 0,
        "due_date": str(change.due_date),
        "confidential": change.confidential,
        "issue_type": "issue",
        "web_url": f"http://127.0.0.1{at}",
        "time_stats": {"time_estimate": 0, "total_time_spent": 0},
        "task_completion_status": {"count": boxes, "completed_count": ticked},
        "has_tasks": True,
        "references": {"short": f"#{number}", "full": f"{change.project}#{number}"},
        "moved_to_id": None,
    }


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


@contextmanager
def serving(lists: Mapping[str, list[dict[str, Any]]]) -> Iterator[str]:
    """The address of a server with these lists, in a process of its own."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=_serve, args=(lists, theirs))
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.terminate()
        process.join()


def _serve(lists: Mapping[str, list[dict[str, Any]]], told: Connection) -> None:
    pages = {
        (name, number): json.dumps(items[start : start + PER_PAGE]).encode()
        for name, items in lists.items()
        for number, start in enumerate(range(0, max(1, len(items)), PER_PAGE), 1)
    }
    user = json.dumps(_user(7, "support-drumbeat")).encode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            name = unquote(parts.path).rpartition("/")[2]
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            if name == "user":
                self._send(user, {})
                return
            # What was created before the period began, or is closed, is not in this list.
            items = [] if "created_before" in query else lists.get(name, [])
            number = int(query.get("page", 1))
            self._send(pages[name, number] if items else b"[]", _page_headers(number, len(items)))

        def _send(self, body: bytes, headers: Mapping[str, str]) -> None:
            self.send_response(200)
            for key, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.send(server.server_port)
    server.serve_forever()


def _page_headers(number: int, total: int) -> dict[str, str]:
    pages = max(1, -(-total // PER_PAGE))
    return {
        "X-Total": str(total),
        "X-Total-Pages": str(pages),
        "X-Page": str(number),
        "X-Per-Page": str(PER_PAGE),
        "X-Next-Page": str(number + 1) if number < pages else "",
    }
