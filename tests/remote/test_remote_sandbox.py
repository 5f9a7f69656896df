"""Reader and writer against the embedded GitLab, over real HTTP."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
import requests

from automation.errors import OutcomeUnknown, Refused, RemoteError, Throttled
from automation.model.change import (
    CreateIssue,
    EnsureBoard,
    EnsureLabel,
    IssueBefore,
    LabelBefore,
    Target,
    Transition,
)
from automation.model.issue import Access, EventKind, Issue, IssueQuery, IssueRef, Project
from automation.model.questions import (
    AccessTo,
    BoardsOf,
    EventsOf,
    IssuesOf,
    LabelsOf,
    NotesOf,
    UserNamed,
    WhoAmI,
)
from automation.model.snapshot import Unreadable
from automation.remote import connect
from automation.sandbox.server import running
from tests.remote.remote_world import StillTime

_numbers = itertools.count(1)
ROOT = "root-token"
MARKER = "<!-- drumbeat:said k done -->"


@dataclass
class World:
    """A group with one project on a server of its own, and Drumbeat as a planner in it."""

    url: str
    group: dict[str, Any] = field(default_factory=dict)
    project: dict[str, Any] = field(default_factory=dict)
    still: StillTime = field(default_factory=StillTime)

    def root(self, method: str, path: str, /, **data: Any) -> Any:
        prefix = "" if path.startswith("/sandbox") else "/api/v4"
        answer = requests.request(
            method, f"{self.url}{prefix}{path}", json=data,
            headers={"PRIVATE-TOKEN": ROOT},
        )  # fmt: skip
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def user(self, name: str, level: int | None) -> str:
        """A user with a role in the group; gives the token."""
        user = self.root("POST", "/users", username=name, name=name, email=f"{name}@example.com",
                         force_random_password=True, skip_confirmation=True)  # fmt: skip
        if level:
            self.root(
                "POST",
                f"/groups/{self.group['id']}/members",
                user_id=user["id"],
                access_level=level,
            )
        made = self.root(
            "POST", f"/users/{user['id']}/personal_access_tokens", name="t", scopes=["api"]
        )
        return made["token"]

    def doors(self, token: str, **settings):
        return connect(self.url, token, pacer=self.still.pacer(**settings))

    def faults(self, *rules: dict[str, Any]) -> None:
        headers = {"PRIVATE-TOKEN": ROOT}
        requests.put(f"{self.url}/sandbox/faults", json=rules, headers=headers).raise_for_status()

    def create(self, **more: Any) -> CreateIssue:
        return CreateIssue(
            **{"key": "k", "reason": "", "project_id": self.project["id"], "project": "support/loops",
               "title": f"Loop {next(_numbers)}", "description": "- [x] a\n- [ ] b",
               "labels": ("loop::open",), **more}
        )  # fmt: skip

    def transition(self, issue: Issue, **more: Any) -> Transition:
        target = Target(
            project_id=issue.ref.project_id,
            project=issue.project,
            iid=issue.ref.iid,
            web_url=issue.web_url,
        )
        before = IssueBefore(opened=True, labels=tuple(issue.labels))
        return Transition(
            **{
                "key": "k",
                "reason": "",
                "to": "loop::done",
                "target": target,
                "before": before,
                **more,
            }
        )


@pytest.fixture
def world():
    with running() as url:
        made = World(url)
        made.group = made.root("POST", "/groups", name="Support", path="support")
        made.project = made.root(
            "POST", "/projects", name="Loops", path="loops", namespace_id=made.group["id"]
        )
        yield made


@pytest.fixture
def doors(world):
    return world.doors(world.user("drumbeat", 15))


def label(name, **more):
    return EnsureLabel(
        **{"key": name, "reason": "", "group": "support", "name": name, "color": "#00FF00", **more}
    )


def read(reader, question):
    return reader.answer([question])[question]


ALL = IssuesOf(IssueQuery("support"))


def test_who_am_i(doors):
    identity = read(doors[0], WhoAmI())
    assert identity.user.username == "drumbeat"
    assert identity.is_admin is False
    assert identity.server_time is not None


def test_a_loop_from_label_to_closing_note(world, doors):
    reader, writer = doors
    for name in ("loop::open", "loop::done", "two words"):
        assert writer.ensure_label(label(name)).startswith(world.url)
    url = writer.create_issue(world.create(confidential=True, due_date=date(2026, 11, 27)))
    (issue,) = read(reader, ALL)
    assert (issue.web_url, issue.project, issue.confidential) == (url, "support/loops", True)
    assert issue.due_date == date(2026, 11, 27)
    assert (issue.tasks.count, issue.tasks.completed) == (2, 1)
    change = world.transition(
        issue, say="All done.", marker=MARKER, close=True,
        add_labels=("loop::done", "two words"), remove_labels=("loop::open",),
    )  # fmt: skip
    writer.transition(change)
    (issue,) = read(reader, ALL)
    assert (issue.opened, issue.labels) == (False, {"loop::done", "two words"})
    said = [note for note in read(reader, NotesOf(issue.ref)) if not note.system]
    assert [note.body for note in said] == [f"All done.\n\n{MARKER}"]
    events = read(reader, EventsOf(issue.ref, EventKind.LABEL))
    assert ("add", "two words") in {(event.action, event.label) for event in events}
    states = read(reader, EventsOf(issue.ref, EventKind.STATE))
    assert [event.action for event in states] == ["closed"]
    assert states[0].user.username == "drumbeat"
    assert read(reader, EventsOf(issue.ref, EventKind.MILESTONE)) == ()


def test_quick_actions_on_labels_that_do_not_exist_are_made_up_for(world, doors):
    reader, writer = doors
    writer.create_issue(world.create(labels=()))
    (issue,) = read(reader, ALL)
    writer.transition(world.transition(issue, say="Hello", marker=MARKER, add_labels=("new",)))
    assert read(reader, ALL)[0].labels == {"new"}


def test_a_silent_transition(world, doors):
    reader, writer = doors
    writer.create_issue(world.create())
    (issue,) = read(reader, ALL)
    writer.transition(
        world.transition(
            issue, add_labels=("loop::waived",), remove_labels=("loop::open",), close=True
        )
    )
    (issue,) = read(reader, ALL)
    assert (issue.opened, issue.labels) == (False, {"loop::waived"})
    assert [note for note in read(reader, NotesOf(issue.ref)) if not note.system] == []


@pytest.mark.parametrize("count", [25, 250])
def test_not_only_the_first_page_is_handled(world, doors, count):
    for number in range(count):
        world.root("POST", f"/projects/{world.project['id']}/issues", title=f"Issue {number}")
    issues = read(doors[0], ALL)
    assert [issue.title for issue in issues] == [f"Issue {number}" for number in range(count)]


def test_filters(world, doors):
    reader, writer = doors
    writer.create_issue(world.create(title="a", labels=("x",)))
    writer.create_issue(world.create(title="b", labels=("x", "y")))
    world.root("POST", f"/projects/{world.project['id']}/issues", title="c")
    _, b, _ = read(reader, ALL)

    def titles(**more):
        return [issue.title for issue in read(reader, IssuesOf(IssueQuery("support", **more)))]

    assert titles(labels=("x",)) == ["a", "b"]
    assert titles(without=("y", "z")) == ["a", "c"]
    assert titles(author="drumbeat") == ["a", "b"]
    assert titles(created_after=b.created_at) == ["b", "c"]
    assert titles(created_before=b.created_at) == ["a", "b"]
    assert titles(state="closed") == []
    in_project = IssuesOf(IssueQuery("support/loops", in_group=False, state="opened"))
    assert [issue.title for issue in read(reader, in_project)] == ["a", "b", "c"]


def test_access_counts_roles_from_the_group_above_and_planner_is_enough(world):
    deep = world.root("POST", "/groups", name="Deep", path="deep", parent_id=world.group["id"])
    old = world.root("POST", "/projects", name="Old", path="old", namespace_id=deep["id"])
    world.root("POST", f"/projects/{old['id']}/archive")
    planner, _ = world.doors(world.user("planner", 15))
    assert read(planner, AccessTo("support")) == Access(
        {
            "support/loops": Project(world.project["id"], "support/loops"),
            "support/deep/old": Project(old["id"], "support/deep/old", archived=True),
        }
    )


def test_a_guest_proves_no_access(world):
    guest, _ = world.doors(world.user("guest", 10))
    assert read(guest, AccessTo("support")) == Access({})


def test_labels_boards_and_users(world, doors):
    reader, writer = doors
    writer.ensure_label(label("loop::open", description="d"))
    (one,) = read(reader, LabelsOf("support"))
    before = LabelBefore(id=one.id, color="#00FF00", description="d")
    writer.ensure_label(label("loop::open", color="#112233", before=before))
    (one,) = read(reader, LabelsOf("support"))
    assert (one.name, one.color.upper(), one.description) == ("loop::open", "#112233", "")
    writer.ensure_label(label("loop::open"))
    assert read(reader, LabelsOf("support")) == (one,)
    writer.ensure_board(
        EnsureBoard(
            key="b",
            reason="",
            place="support/loops",
            in_group=False,
            name="EMEA",
            missing=("loop::open",),
            labels_group="support",
        )
    )
    (shown,) = read(reader, BoardsOf("support/loops", in_group=False))
    assert (shown.name, [one.label for one in shown.lists]) == ("EMEA", ["loop::open"])
    assert read(reader, UserNamed("DRUMBEAT")).username == "drumbeat"
    assert read(reader, UserNamed("nobody")) is None


def test_what_may_not_be_seen_is_unreadable(world):
    stranger, writer = world.doors(world.user("stranger", None))
    for question in (
        ALL,
        AccessTo("support"),
        LabelsOf("support"),
        NotesOf(IssueRef(world.project["id"], 1)),
    ):
        assert isinstance(read(stranger, question), Unreadable)
    with pytest.raises(Refused) as caught:
        writer.create_issue(world.create())
    assert caught.value.status == 404


def test_403_on_a_note_is_a_failure(world, doors):
    reader, writer = doors
    writer.create_issue(world.create())
    (issue,) = read(reader, ALL)
    world.faults({"action": "status", "status": 403, "method": "POST", "route": "notes"})
    with pytest.raises(Refused):
        writer.transition(world.transition(issue, say="x", close=True))
    assert read(reader, ALL)[0].opened


def test_a_bad_token_says_so(world):
    reader, _ = world.doors("not-a-token")
    with pytest.raises(Refused, match="DRUMBEAT_TOKEN") as caught:
        reader.answer([WhoAmI()])
    assert "not-a-token" not in str(caught.value)


@pytest.mark.parametrize("action", ["cut_before", "cut_after", "truncate", "status"])
def test_post_whose_answer_is_lost_is_not_repeated(world, doors, action):
    reader, writer = doors
    world.faults({"action": action, "status": 502, "method": "POST", "route": "issues"})
    with pytest.raises(OutcomeUnknown):
        writer.create_issue(world.create())
    world.faults()
    happened = {"cut_after": 1, "truncate": 1}.get(action, 0)
    assert len(read(reader, ALL)) == happened
    assert world.still.slept == []


def test_503_while_listing_aborts_instead_of_empty(world, doors):
    reader, writer = doors
    writer.create_issue(world.create())
    world.faults({"action": "status", "status": 503, "route": "issues", "nth": 1})
    assert len(read(reader, ALL)) == 1
    world.faults({"action": "status", "status": 503, "route": "issues"})
    with pytest.raises(RemoteError):
        reader.answer([ALL])


@pytest.mark.parametrize("body", ["text", "json"])
def test_both_bodies_of_429_are_waited_for(world, doors, body):
    _, writer = doors
    world.root("PUT", "/sandbox/limits", issues_per_minute=1, body=body)
    writer.create_issue(world.create())
    with pytest.raises(Throttled, match="slow down"):
        writer.create_issue(world.create())
    assert world.still.slept
