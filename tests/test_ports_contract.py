"""What the core relies on, held against the fake of its tests and against the embedded GitLab.

Where the two differ, the tests of the rules prove nothing.
"""

from __future__ import annotations

import itertools
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
import requests

from automation.apply import apply
from automation.demo.api import Api
from automation.errors import Refused
from automation.model.change import (
    Assignee,
    CreateIssue,
    EnsureBoard,
    EnsureLabel,
    IssueBefore,
    LabelBefore,
    PrioritizeLabel,
    RemoveLabel,
    Target,
    Transition,
)
from automation.model.issue import (
    EventKind,
    IssueQuery,
    IssueRef,
    Project,
    Role,
    Schedule,
    TaskCounts,
)
from automation.model.questions import (
    AccessTo,
    BoardsOf,
    CommentsPageOf,
    EventsOf,
    EventsPageOf,
    IssuesOf,
    LabelsOf,
    MembersOf,
    NotesOf,
    NotesPageOf,
    ProjectAt,
    RoleOf,
    SchedulesOf,
    UserNamed,
    WhichToken,
    WhoAmI,
)
from automation.model.snapshot import Unreadable
from automation.planner import make_plan
from automation.remote import connect
from automation.rules.provisioning.columns import moves as list_moves
from automation.sandbox.server import running
from tests.remote.remote_world import StillTime
from tests.support.builders import MONDAY, an_org, moves, opened
from tests.support.fake_gitlab import FakeGitLab

LOOPS, DEEP = "support/loops", "support/sgg/baobab"
ME, PERSON = "support-drumbeat", "mgr-1"
LABELS = ("drumbeat", "loop::open", "loop::done", "loop::overdue", "cadence::weekly", "mine")


class FakePlace:
    """The fake, and what people do in it."""

    def __init__(self):
        self.reader = self.writer = self.fake = FakeGitLab(MONDAY)
        for path in (LOOPS, DEEP):
            self.fake.with_project(path)
        self.fake.with_project("support/archived", archived=True)
        self.fake.with_project("support/no-issues", issues_enabled=False)
        self.fake.with_project("elsewhere/loops")
        self.person = self.fake.with_user(PERSON)
        loops = self.fake.projects[LOOPS]
        self.fake.roles[loops.id, self.person.id] = Role.OWNER

    def wait(self, step):
        self.fake.now += step

    def open(self, path, title, **facts):
        return self.fake.open(path, title, author=self.person, **facts).ref

    def edit(self, ref, description):
        self.fake.edit(self.fake.issues[ref], self.person, description)

    def rename(self, ref, title):
        self.fake.rename(self.fake.issues[ref], self.person, title)

    def relabel(self, ref, add=(), remove=()):
        self.fake.relabel(self.fake.issues[ref], self.person, add, remove)

    def comment(self, ref, body):
        self.fake.comment(self.fake.issues[ref], self.person, body)

    def close(self, ref):
        self.fake.close(self.fake.issues[ref], self.person)

    def reopen(self, ref):
        self.fake.reopen(self.fake.issues[ref], self.person)

    def hide(self, ref):
        self.fake.hide(self.fake.issues[ref], self.person)

    def schedule(self, path, **facts):
        schedule = Schedule(id=1, **facts, owner=self.person)
        self.fake.schedules[path] = [schedule]

    def set_due(self, ref, due):
        self.fake.change_due_date(self.fake.issues[ref], self.person, due)

    def delete(self, ref):
        self.fake.delete(self.fake.issues[ref])

    def move(self, ref, path):
        return self.fake.move(self.fake.issues[ref], self.person, path).ref


class EmbeddedPlace:
    """The embedded GitLab, with people who act over REST; time stands until it is moved."""

    def __init__(self, url):
        self.root = Api(url, "root-token")
        self.now = MONDAY
        self.groups: dict[str, int] = {}
        self.projects: dict[str, int] = {}
        self.people = {name: self._user(name) for name in (ME, PERSON)}
        for path in (LOOPS, DEEP, "elsewhere/loops", "support/archived"):
            self._project(path)
        self._project("support/no-issues", issues_access_level="disabled")
        self.root.post(f"/projects/{self.projects['support/archived']}/archive")
        self._member("groups", self.groups["support"], ME, 15)
        for name in ("support", "elsewhere"):
            self._member("groups", self.groups[name], PERSON, 50)
        token = self.people[ME].token
        self.reader, self.writer = connect(url, token, pacer=StillTime().pacer())
        self.person = self.people[PERSON]

    def _user(self, name):
        fields = {"username": name, "name": name, "email": f"{name}@example.com"}
        user = self.root.post(
            "/users", **fields, password="correct-horse-battery", skip_confirmation=True
        )
        path = f"/users/{user['id']}/personal_access_tokens"
        return Api(self.root.url, self.root.post(path, name="t", scopes=["api"])["token"])

    def _group(self, path):
        if path not in self.groups:
            parent, _, name = path.rpartition("/")
            inside = {"parent_id": self._group(parent)} if parent else {}
            made = self.root.post("/groups", name=name, path=name, visibility="private", **inside)
            self.groups[path] = made["id"]
        return self.groups[path]

    def _project(self, path, **facts):
        space, _, name = path.rpartition("/")
        made = self.root.post(
            "/projects",
            name=name,
            path=name,
            namespace_id=self._group(space),
            visibility="private",
            **facts,
        )
        self.projects[path] = made["id"]

    def _member(self, kind, place, name, level):
        user = self.root.get("/users", username=name)[0]
        self.root.post(f"/{kind}/{place}/members", user_id=user["id"], access_level=level)

    def wait(self, step):
        self.now += step
        self.root.put("/sandbox/clock", now=self.now.isoformat())

    def schedule(self, path, description, ref, active):
        at = f"/projects/{self.projects[path]}/pipeline_schedules"
        self.person.post(at, description=description, ref=ref, active=active, cron="0 8 * * 1")

    def open(self, path, title, description="", labels=(), confidential=False):
        made = self.person.post(
            f"/projects/{self.projects[path]}/issues",
            title=title,
            description=description,
            labels=",".join(labels),
            confidential=confidential,
        )
        return IssueRef(made["project_id"], made["iid"])

    def _put(self, ref, **fields):
        return self.person.put(f"/projects/{ref.project_id}/issues/{ref.iid}", **fields)

    def edit(self, ref, description):
        self._put(ref, description=description)

    def rename(self, ref, title):
        self._put(ref, title=title)

    def relabel(self, ref, add=(), remove=()):
        self._put(ref, add_labels=",".join(add), remove_labels=",".join(remove))

    def comment(self, ref, body):
        self.person.post(f"/projects/{ref.project_id}/issues/{ref.iid}/notes", body=body)

    def close(self, ref):
        self._put(ref, state_event="close")

    def reopen(self, ref):
        self._put(ref, state_event="reopen")

    def hide(self, ref):
        self._put(ref, confidential=True)

    def set_due(self, ref, due):
        self._put(ref, due_date=due.isoformat() if due else "")

    def delete(self, ref):
        path = f"/api/v4/projects/{ref.project_id}/issues/{ref.iid}"
        headers = {"PRIVATE-TOKEN": self.person.token}
        requests.delete(self.person.url + path, headers=headers).raise_for_status()

    def move(self, ref, path):
        made = self.person.post(
            f"/projects/{ref.project_id}/issues/{ref.iid}/move",
            to_project_id=self.projects[path],
        )
        return IssueRef(made["project_id"], made["iid"])


@contextmanager
def embedded():
    with running(db=":memory:", root_token="root-token", now=MONDAY) as url:
        yield EmbeddedPlace(url)


@pytest.fixture(params=["fake", "embedded"])
def place(request):
    if request.param == "fake":
        yield FakePlace()
    else:
        with embedded() as place:
            yield place


# --- Asking ------------------------------------------------------------------------------------


def ask(place, question):
    return place.reader.answer([question])[question]


def project(place, path=LOOPS):
    return ask(place, AccessTo("support")).projects[path]


def issues(where, **query):
    return ask(where, IssuesOf(IssueQuery(**{"place": "support"} | query)))


def issue(place, ref):
    return next(one for one in issues(place) if one.ref == ref)


def titles(where, **query):
    return sorted(one.title for one in issues(where, **query))


_numbers = itertools.count(1)


def a_new_one(place, **facts):
    where = project(place, facts.pop("path", LOOPS))
    fields = {
        "key": "weekly/mgr-1/2026-W48",
        "reason": "r",
        "project_id": where.id,
        "project": where.path,
        "title": f"Loop {next(_numbers)}",
        "description": "- [x] a\n- [ ] b\n- [~] c\n",
        "labels": ("drumbeat", "loop::open"),
    }
    return CreateIssue(**fields | facts)


def open_as_drumbeat(place, **facts):
    change = a_new_one(place, **facts)
    url = place.writer.create_issue(change)
    return next(one for one in issues(place) if one.web_url == url)


def a_transition(issue, **facts):
    return Transition(
        key="weekly/mgr-1/2026-W48",
        reason="r",
        to="loop::done",
        target=Target(
            project_id=issue.ref.project_id,
            project=issue.project,
            iid=issue.ref.iid,
            web_url=issue.web_url,
        ),
        before=IssueBefore(opened=issue.opened, labels=tuple(sorted(issue.labels))),
        **facts,
    )


def make_labels(place, *names):
    for name in names or LABELS:
        place.writer.ensure_label(a_label(name))


def a_label(name, color="#6B4FBB", description="", before=None):
    return EnsureLabel(
        key=name,
        reason="r",
        group="support",
        name=name,
        color=color,
        description=description,
        before=before,
    )


# --- The reader ----------------------------------------------------------------------------------


def test_who_am_i(place):
    me = ask(place, WhoAmI())
    assert me.user.username == ME
    assert abs(me.server_time - MONDAY) < timedelta(minutes=1)


def test_access_names_the_projects_of_the_group_in_which_the_role_is_proven(place):
    access = ask(place, AccessTo("support"))
    assert {path: (one.archived, one.issues_enabled) for path, one in access.projects.items()} == {
        LOOPS: (False, True),
        DEEP: (False, True),
        "support/archived": (True, True),
        "support/no-issues": (False, False),
    }
    assert all(
        isinstance(one, Project) and one.path == path for path, one in access.projects.items()
    )


def test_users_are_found_by_name_in_any_case_or_not_at_all(place):
    assert ask(place, UserNamed("MGR-1")).username == PERSON
    assert ask(place, UserNamed(ME)).id == ask(place, WhoAmI()).user.id
    assert ask(place, UserNamed("nobody-at-all")) is None


def test_a_role_counts_inherited_ones_and_none_is_no_error(place):
    user = ask(place, UserNamed(PERSON))
    where = project(place)
    assert ask(place, RoleOf(where.id, user.id)) is Role.OWNER
    assert ask(place, RoleOf(where.id, 999_999)) is Role.NONE


def test_the_token_tells_what_it_may_do_and_until_when(place):
    token = ask(place, WhichToken())
    assert token.scopes == {"api"}
    assert token.expires_on > MONDAY.date()


def test_a_project_shows_by_its_path_or_not_at_all(place):
    assert ask(place, ProjectAt(LOOPS)) == project(place)
    assert ask(place, ProjectAt("support/archived")).archived
    assert ask(place, ProjectAt("support/nowhere")) is None


def test_members_of_a_project_are_those_of_the_groups_above_too(place):
    members = ask(place, MembersOf(project(place).id))
    roles = {one.user.username: one.role for one in members}
    assert roles.items() >= {ME: Role.PLANNER, PERSON: Role.OWNER}.items()
    assert {one.user.state for one in members} == {"active"}


def test_pipeline_schedules_tell_their_ref_their_owner_and_whether_they_are_active(place):
    assert ask(place, SchedulesOf(LOOPS)) == ()
    place.schedule(LOOPS, description="Daily", ref="refs/heads/main", active=False)
    (schedule,) = ask(place, SchedulesOf(LOOPS))
    assert (schedule.description, schedule.ref, schedule.active) == (
        "Daily",
        "refs/heads/main",
        False,
    )
    assert (schedule.owner.username, schedule.owner.state) == (PERSON, "active")


def test_several_questions_are_answered_at_once(place):
    questions = [WhoAmI(), LabelsOf("support"), UserNamed(PERSON)]
    assert place.reader.answer(questions).keys() == set(questions)


def test_a_list_holds_the_whole_group_and_a_projects_only_its_own(place):
    for path in (LOOPS, DEEP, "elsewhere/loops"):
        place.open(path, f"in {path}")
    assert titles(place) == [f"in {LOOPS}", f"in {DEEP}"]
    assert titles(place, place=DEEP, in_group=False) == [f"in {DEEP}"]


def test_a_list_is_filtered_by_state_labels_author_and_numbers(place):
    make_labels(place)
    mine = open_as_drumbeat(place, title="drumbeat's", labels=("drumbeat", "mine"))
    other = place.open(LOOPS, "a person's", labels=("drumbeat", "loop::done"))
    place.close(place.open(LOOPS, "closed"))
    assert titles(place, state="opened") == ["a person's", "drumbeat's"]
    assert titles(place, state="closed") == ["closed"]
    assert titles(place, labels=("drumbeat",)) == ["a person's", "drumbeat's"]
    assert titles(place, labels=("drumbeat", "mine")) == ["drumbeat's"]
    assert titles(place, without=("loop::done", "loop::overdue")) == ["closed", "drumbeat's"]
    assert titles(place, labels=("drumbeat",), without=("mine",)) == ["a person's"]
    assert titles(place, author=ME) == ["drumbeat's"]
    assert titles(place, not_author=ME) == ["a person's", "closed"]
    numbers = (mine.ref.iid, other.iid)
    assert titles(place, place=LOOPS, in_group=False, iids=numbers) == ["a person's", "drumbeat's"]


def test_a_list_is_filtered_by_when_issues_were_created_bounds_included(place):
    refs = []
    for day in range(3):
        refs.append(place.open(LOOPS, f"day {day}"))
        place.wait(timedelta(days=1))
    times = [issue(place, ref).created_at for ref in refs]
    assert titles(place, created_after=times[1]) == ["day 1", "day 2"]
    assert titles(place, created_before=times[1]) == ["day 0", "day 1"]
    assert titles(place, created_after=times[1], created_before=times[1]) == ["day 1"]
    assert times == sorted(times)


def test_what_people_do_shows(place):
    make_labels(place)
    ref = place.open(LOOPS, "t", description="- [ ] a\n- [ ] b\n", labels=("mine",))
    before = issue(place, ref)
    assert before.author.username == PERSON
    assert before.tasks == TaskCounts(2, 0)
    assert (before.opened, before.confidential, before.due_date) == (True, False, None)
    place.wait(timedelta(hours=1))
    place.edit(ref, "- [x] a\n- [~] b\n")
    place.rename(ref, "u")
    place.relabel(ref, add=["loop::open"], remove=["mine"])
    place.set_due(ref, date(2026, 11, 27))
    place.hide(ref)
    place.close(ref)
    after = issue(place, ref)
    assert (after.title, after.description) == ("u", "- [x] a\n- [~] b")
    assert after.tasks == TaskCounts(1, 1)
    assert after.labels == {"loop::open"}
    assert after.due_date == date(2026, 11, 27)
    assert after.confidential
    assert not after.opened
    assert after.closed_at is not None
    assert after.updated_at > before.updated_at
    assert after.created_at == before.created_at


def test_the_history_of_states_and_labels_says_who_what_and_in_which_order(place):
    make_labels(place)
    ref = place.open(LOOPS, "t")
    for act in (
        lambda: place.relabel(ref, add=["mine", "loop::open"]),
        lambda: place.close(ref),
        lambda: place.reopen(ref),
        lambda: place.relabel(ref, remove=["mine"]),
    ):
        place.wait(timedelta(minutes=1))
        act()
    states = ask(place, EventsOf(ref, EventKind.STATE))
    assert [one.action for one in states] == ["closed", "reopened"]
    labels = ask(place, EventsOf(ref, EventKind.LABEL))
    assert sorted((one.action, one.label) for one in labels) == [
        ("add", "loop::open"),
        ("add", "mine"),
        ("remove", "mine"),
    ]
    assert {one.user.username for one in (*states, *labels)} == {PERSON}
    assert states[0].created_at < states[1].created_at
    assert ask(place, EventsOf(ref, EventKind.MILESTONE)) == ()


def test_notes_come_newest_first_and_tell_systems_from_peoples(place):
    ref = place.open(LOOPS, "t")
    for text in ("first", "second"):
        place.comment(ref, text)
        place.wait(timedelta(minutes=1))
    place.rename(ref, "u")
    notes = ask(place, NotesOf(ref))
    assert [note.body for note in notes if not note.system] == ["second", "first"]
    assert notes[0].system
    assert {note.author.username for note in notes} == {PERSON}


def test_history_comes_by_page_notes_newest_first_and_events_oldest_first(place):
    ref = place.open(LOOPS, "t")
    for act in (lambda: place.close(ref), lambda: place.reopen(ref)):
        place.wait(timedelta(minutes=1))
        place.comment(ref, "said")
        act()
    notes, whole = ask(place, NotesPageOf(ref)), ask(place, NotesOf(ref))
    assert (notes.entries, notes.more, notes.pages) == (whole, False, 1)
    events = ask(place, EventsPageOf(ref, EventKind.STATE))
    assert events.entries == ask(place, EventsOf(ref, EventKind.STATE))
    assert (events.more, events.pages) == (False, 1)
    assert ask(place, NotesPageOf(ref, 2)).entries == ()


def test_comments_on_many_issues_stand_in_one_list_by_project_or_drumbeats_own(place):
    first, second, elsewhere = (place.open(path, "t") for path in (LOOPS, LOOPS, DEEP))
    for ref in (first, second, elsewhere):
        place.wait(timedelta(minutes=1))
        place.comment(ref, "said")
    place.rename(first, "u")
    spoken = issue(place, second)
    place.writer.transition(a_transition(spoken, say="Done.", marker="<!-- m -->"))
    since = MONDAY.date()
    there = ask(place, CommentsPageOf(since, first.project_id))
    assert [one.ref for one in there.entries] == [second, second, first]
    assert {one.note for one in there.entries} == {
        note for ref in (first, second) for note in ask(place, NotesOf(ref)) if not note.system
    }
    assert (there.more, there.pages) == (False, 1)
    assert ask(place, CommentsPageOf(since, first.project_id, 2)).entries == ()
    own = ask(place, CommentsPageOf(since)).entries
    assert [(one.ref, one.note.author.username) for one in own] == [(second, ME)]
    assert ask(place, CommentsPageOf(since + timedelta(days=400))).entries == ()


def test_a_deleted_issue_is_gone_from_the_list_and_its_notes_are_unreadable(place):
    ref = place.open(LOOPS, "t")
    place.delete(ref)
    assert issues(place) == ()
    assert isinstance(ask(place, NotesOf(ref)), Unreadable)
    assert isinstance(ask(place, EventsOf(ref, EventKind.STATE)), Unreadable)


def test_a_moved_issue_is_closed_here_and_lives_on_there_with_its_author(place):
    made = open_as_drumbeat(place, title="t", description="- [ ] a\n")
    copy = place.move(made.ref, DEEP)
    old, new = issue(place, made.ref), issue(place, copy)
    assert not old.opened
    assert old.moved_to_id == new.id
    assert (new.opened, new.moved_to_id, new.project) == (True, None, DEEP)
    assert (new.title, new.description, new.author) == (made.title, made.description, made.author)


# --- The writer --------------------------------------------------------------------------------------


def test_a_created_issue_is_as_it_was_asked_for(place):
    make_labels(place)
    user = ask(place, UserNamed(PERSON))
    made = open_as_drumbeat(
        place,
        title="Weekly of mgr-1, 2026-W48",
        labels=("drumbeat", "loop::open", "cadence::weekly"),
        assignee_ids=(user.id,),
        assignees=(PERSON,),
        due_date=date(2026, 11, 27),
        confidential=True,
    )
    assert made.title == "Weekly of mgr-1, 2026-W48"
    assert made.description == "- [x] a\n- [ ] b\n- [~] c"
    assert made.labels == {"drumbeat", "loop::open", "cadence::weekly"}
    assert [one.username for one in made.assignees] == [PERSON]
    assert made.due_date == date(2026, 11, 27)
    assert made.author.id == ask(place, WhoAmI()).user.id
    assert made.tasks == TaskCounts(2, 1)
    assert made.project == LOOPS
    assert made.reference == f"{LOOPS}#{made.ref.iid}"
    assert (made.opened, made.confidential, made.closed_at) == (True, True, None)


def test_a_silent_transition_moves_labels_and_state_and_says_nothing(place):
    make_labels(place)
    made = open_as_drumbeat(place, labels=("drumbeat", "loop::open", "mine"))
    change = a_transition(
        made, add_labels=("loop::done",), remove_labels=("loop::open",), close=True
    )
    assert place.writer.transition(change).startswith(made.web_url)
    after = issue(place, made.ref)
    assert after.labels == {"drumbeat", "loop::done", "mine"}
    assert not after.opened
    assert [note for note in ask(place, NotesOf(made.ref)) if not note.system] == []
    (closed,) = ask(place, EventsOf(made.ref, EventKind.STATE))
    assert (closed.action, closed.user.username) == ("closed", ME)


def test_a_transition_with_words_is_one_note_with_its_marker_and_the_same_deeds(place):
    make_labels(place)
    made = open_as_drumbeat(place, labels=("drumbeat", "loop::open", "mine"))
    marker = "<!-- drumbeat:said done weekly/mgr-1/2026-W48 -->"
    change = a_transition(
        made,
        say="Done: 2 of 2 items are ticked.",
        marker=marker,
        add_labels=("loop::done",),
        remove_labels=("loop::open",),
        close=True,
    )
    assert place.writer.transition(change).startswith(made.web_url)
    after = issue(place, made.ref)
    assert after.labels == {"drumbeat", "loop::done", "mine"}
    assert not after.opened
    assert after.description == made.description
    (note,) = (one for one in ask(place, NotesOf(made.ref)) if not one.system)
    assert note.body.startswith("Done: 2 of 2 items are ticked.")
    assert marker in note.body
    assert "/close" not in note.body
    assert note.author.username == ME


def test_a_word_alone_changes_nothing_else(place):
    made = open_as_drumbeat(place)
    place.writer.transition(a_transition(made, say="A reminder.", marker="<!-- m -->"))
    after = issue(place, made.ref)
    assert (after.opened, after.labels) == (made.opened, made.labels)
    assert ask(place, EventsOf(made.ref, EventKind.STATE)) == ()


@pytest.mark.parametrize("say", ["", "mgr-1 takes this over."])
def test_an_issue_is_given_to_somebody_with_or_without_a_word(place, say):
    user = ask(place, UserNamed(PERSON))
    made = open_as_drumbeat(place)
    to = Assignee(id=user.id, username=user.username)
    place.writer.transition(a_transition(made, say=say, assign=to))
    assert [one.username for one in issue(place, made.ref).assignees] == [PERSON]


def test_a_transition_of_an_issue_that_is_gone_is_refused(place):
    made = open_as_drumbeat(place)
    place.delete(made.ref)
    for say in ("", "text"):
        change = a_transition(made, say=say, add_labels=("mine",))
        with pytest.raises(Refused) as caught:
            place.writer.transition(change)
        assert caught.value.status == 404


def test_a_label_is_made_once_and_changed_after(place):
    place.writer.ensure_label(a_label("loop::open", "#428BCA", "on"))
    (label,) = ask(place, LabelsOf("support"))
    assert (label.name, label.color.upper(), label.description) == ("loop::open", "#428BCA", "on")
    place.writer.ensure_label(a_label("loop::open"))
    assert ask(place, LabelsOf("support")) == (label,)
    before = LabelBefore(id=label.id, color="#428BCA", description="on")
    place.writer.ensure_label(a_label("loop::open", "#FF0000", "off", before))
    (label,) = ask(place, LabelsOf("support"))
    assert (label.color.upper(), label.description) == ("#FF0000", "off")


def test_a_label_that_is_to_change_and_is_gone_is_refused(place):
    with pytest.raises(Refused) as caught:
        place.writer.ensure_label(
            a_label("gone", before=LabelBefore(id=999_999, color="#000000", description=""))
        )
    assert caught.value.status == 404


def a_board(place, missing, before=None):
    return EnsureBoard(
        key="b",
        reason="r",
        place=LOOPS,
        in_group=False,
        name="Europe",
        missing=missing,
        labels_group="support",
        before=before,
    )


def test_a_board_is_made_with_its_lists_and_gets_those_that_it_lacks(place):
    make_labels(place)
    assert ask(place, BoardsOf(LOOPS, in_group=False)) == ()
    place.writer.ensure_board(a_board(place, ("loop::open", "loop::overdue")))
    (board,) = ask(place, BoardsOf(LOOPS, in_group=False))
    assert board.name == "Europe"
    assert [one.label for one in board.lists] == ["loop::open", "loop::overdue"]
    place.writer.ensure_board(a_board(place, ("loop::done",), before=board.id))
    (board,) = ask(place, BoardsOf(LOOPS, in_group=False))
    assert [one.label for one in board.lists] == ["loop::open", "loop::overdue", "loop::done"]


def test_lists_move_as_the_plan_reckons(place):
    make_labels(place)
    place.writer.ensure_board(a_board(place, ("loop::open", "loop::overdue", "mine")))
    (board,) = ask(place, BoardsOf(LOOPS, in_group=False))
    wanted = ("mine", "loop::done", "loop::open", "loop::overdue")
    found = list_moves(board.lists, ("loop::done",), wanted)
    change = a_board(place, ("loop::done",), before=board.id)
    place.writer.ensure_board(change.model_copy(update={"moves": found}))
    (board,) = ask(place, BoardsOf(LOOPS, in_group=False))
    assert tuple(one.label for one in board.lists) == wanted
    assert board.scope is None


def test_a_renamed_label_stays_on_issues_and_boards(place):
    make_labels(place)
    made = open_as_drumbeat(place, labels=("mine",))
    place.writer.ensure_board(a_board(place, ("mine",)))
    label = next(one for one in ask(place, LabelsOf("support")) if one.name == "mine")
    before = LabelBefore(id=label.id, name="mine", color=label.color, description="")
    place.writer.ensure_label(a_label("ours", before=before))
    names = {one.name for one in ask(place, LabelsOf("support"))}
    assert "ours" in names
    assert "mine" not in names
    assert issue(place, made.ref).labels == {"ours"}
    (board,) = ask(place, BoardsOf(LOOPS, in_group=False))
    assert [one.label for one in board.lists] == ["ours"]


@pytest.mark.parametrize("known", [True, False])
def test_a_label_has_its_priority_in_one_project_alone(place, known):
    make_labels(place, "mine")
    (label,) = ask(place, LabelsOf("support"))
    place.writer.prioritize_label(
        PrioritizeLabel(
            key="k",
            reason="r",
            project=LOOPS,
            name="mine",
            priority=3,
            label_id=label.id if known else None,
        )
    )
    (here,) = ask(place, LabelsOf(LOOPS, in_group=False))
    assert (here.name, here.priority, here.id) == ("mine", 3, label.id)
    (there,) = ask(place, LabelsOf(DEEP, in_group=False))
    assert there.priority is None
    assert ask(place, LabelsOf("support")) == (label,)


def test_a_removed_label_is_gone_from_issues_and_boards(place):
    make_labels(place)
    made = open_as_drumbeat(place, labels=("mine", "loop::open"))
    place.writer.ensure_board(a_board(place, ("mine", "loop::open")))
    label = next(one for one in ask(place, LabelsOf("support")) if one.name == "mine")
    before = LabelBefore(id=label.id, color=label.color, description="")
    change = RemoveLabel(key="mine", reason="r", group="support", name="mine", before=before)
    place.writer.remove_label(change)
    assert issue(place, made.ref).labels == {"loop::open"}
    (board,) = ask(place, BoardsOf(LOOPS, in_group=False))
    assert [one.label for one in board.lists] == ["loop::open"]
    with pytest.raises(Refused) as caught:
        place.writer.remove_label(change)
    assert caught.value.status == 404


# --- Both doors together ---------------------------------------------------------------------------------


def test_two_weeks_of_a_loop(place, tmp_path):
    """Opened, ticked and done; opened again, left, missed; and settled after each run."""
    loops = an_org(tmp_path).with_manager(PERSON).with_cadence(project=DEEP).loops()
    now = MONDAY

    def run():
        plan = make_plan(loops, place.reader, now)
        assert {one.status for one in apply(plan, place.writer)} == {"done"}
        assert make_plan(loops, place.reader, now).empty
        return plan

    assert opened(run()) == [f"weekly/{PERSON}/2026-W48"]
    (first,) = issues(place)
    place.wait(timedelta(days=1))
    now += timedelta(days=1)
    place.edit(first.ref, first.description.replace("[ ]", "[x]"))
    assert moves(run()) == [(f"weekly/{PERSON}/2026-W48", "loop::done")]
    for week in (49, 50):
        place.wait(timedelta(days=7))
        now += timedelta(days=7)
        assert opened(run()) == [f"weekly/{PERSON}/2026-W{week}"]
    assert [(one.opened, sorted(one.labels)[-1]) for one in issues(place)] == [
        (False, "manager::mgr-1"),
        (False, "manager::mgr-1"),
        (True, "manager::mgr-1"),
    ]
    assert ["loop::done" in one.labels for one in issues(place)] == [True, False, False]
    assert ["loop::missed" in one.labels for one in issues(place)] == [False, True, False]
    assert titles(place, state="opened") == ["weekly of mgr-1, 2026-W50"]
