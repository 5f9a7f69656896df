from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from automation.errors import Refused, RemoteError
from automation.model.issue import (
    Access,
    EventKind,
    Identity,
    IssueQuery,
    IssueRef,
    Label,
    Project,
    Role,
    Schedule,
    User,
    Variable,
)
from automation.model.questions import (
    AccessTo,
    BoardsOf,
    EventsOf,
    EventsPageOf,
    IssuesOf,
    LabelsOf,
    NotesOf,
    NotesPageOf,
    ProjectAt,
    RoleOf,
    SchedulesOf,
    UserAt,
    UserNamed,
    VariableAt,
    WhoAmI,
)
from automation.model.snapshot import Unreadable
from automation.ports import Reader
from automation.remote import GitLabReader
from tests.remote.remote_world import (
    API,
    TOKEN,
    issue_json,
    label_json,
    note_json,
    paged,
    project_json,
    user_json,
)

ISSUES = IssuesOf(IssueQuery("support"))
REF = IssueRef(20, 5)
LABEL_EVENTS = EventsOf(REF, EventKind.LABEL)
PATHS = {
    WhoAmI(): "/user",
    ISSUES: "/groups/support/issues",
    AccessTo("support"): "/groups/support/projects",
    NotesOf(REF): "/projects/20/issues/5/notes",
    LABEL_EVENTS: "/projects/20/issues/5/resource_label_events",
    LabelsOf("support"): "/groups/support/labels",
    BoardsOf("support", in_group=True): "/groups/support/boards",
    UserNamed("se-101"): "/users",
}
ESSENTIAL = [WhoAmI(), ISSUES, AccessTo("support")]
SINGLE = [question for question in PATHS if question not in ESSENTIAL]
END = {"X-Next-Page": ""}


def ask(reader, question):
    return reader.answer([question])[question]


def asked(server):
    return dict(server.calls[-1].request.params)


def test_it_is_a_reader(reader):
    as_reader: Reader = reader
    assert as_reader.answer([]) == {}


def test_who_am_i(server, reader):
    server.get(
        f"{API}/user",
        json=user_json(9, "group_1_bot", bot=True, is_admin=True),
        headers={"Date": "Mon, 23 Nov 2026 08:00:00 GMT"},
    )
    assert ask(reader, WhoAmI()) == Identity(
        User(9, "group_1_bot", "Emea One", bot=True),
        datetime(2026, 11, 23, 8, tzinfo=UTC),
        is_admin=True,
    )


@pytest.mark.parametrize(
    ("date", "time"),
    [
        ("", None),
        ("now", None),
        ("Mon, 23 Nov 2026 08:00:00 -0000", datetime(2026, 11, 23, 8, tzinfo=UTC)),
    ],
)
def test_who_am_i_without_a_clock(server, reader, date, time):
    server.get(f"{API}/user", json=user_json(), headers={"Date": date} if date else {})
    identity = ask(reader, WhoAmI())
    assert (identity.server_time, identity.is_admin) == (time, False)


@pytest.mark.parametrize("count", [0, 25, 250])
def test_all_issues_are_read(server, reader, count):
    paged(server, "/groups/support/issues", [issue_json(n) for n in range(1, count + 1)])
    issues = ask(reader, ISSUES)
    assert [issue.id for issue in issues] == list(range(1, count + 1))
    assert asked(server) == {
        "scope": "all",
        "state": "all",
        "order_by": "created_at",
        "sort": "asc",
        "per_page": "100",
        "page": str(max(1, -(-count // 100))),
    }


def test_issues_are_filtered_by_gitlab(server, reader):
    paged(server, "/projects/support%2Floops/issues", [])
    query = IssueQuery(
        "support/loops",
        in_group=False,
        state="opened",
        labels=("SGG", "a b"),
        without=("initiative::paused", "x"),
        author="drumbeat",
        created_after=datetime(2026, 11, 23, 1, tzinfo=timezone(timedelta(hours=1))),
        created_before=datetime(2026, 11, 30, 0, 0, 0, 500000, tzinfo=UTC),
    )
    assert ask(reader, IssuesOf(query)) == ()
    assert asked(server) == {
        "scope": "all",
        "state": "opened",
        "labels": "SGG,a b",
        "not[labels]": "initiative::paused,x",
        "author_username": "drumbeat",
        "created_after": "2026-11-23T00:00:00Z",
        "created_before": "2026-11-30T00:00:00.500000Z",
        "order_by": "created_at",
        "sort": "asc",
        "per_page": "100",
        "page": "1",
    }


def test_access_is_what_is_proven_below_the_group(server, reader):
    projects = [
        project_json(1, "support/loops"),
        project_json(2, "Support/deep/er", archived=True),
        project_json(3, "support/off", issues_access_level="disabled"),
        project_json(4, "elsewhere/shared"),
        project_json(5, "support-other/x"),
    ]
    paged(server, "/groups/support/projects", projects)
    assert ask(reader, AccessTo("support")) == Access(
        {
            "support/loops": Project(1, "support/loops"),
            "Support/deep/er": Project(2, "Support/deep/er", archived=True),
            "support/off": Project(3, "support/off", issues_enabled=False),
        }
    )
    assert asked(server) == {
        "include_subgroups": "true",
        "with_shared": "false",
        "min_access_level": "15",
        "order_by": "id",
        "sort": "asc",
        "per_page": "100",
        "page": "1",
    }


def test_notes_are_read_newest_first_and_whole(server, reader):
    paged(server, PATHS[NotesOf(REF)], [note_json(n) for n in range(250, 0, -1)])
    notes = ask(reader, NotesOf(REF))
    assert [note.id for note in notes] == list(range(250, 0, -1))
    assert asked(server) == {
        "sort": "desc",
        "order_by": "created_at",
        "per_page": "100",
        "page": "3",
    }


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        (EventKind.LABEL, {"action": "add", "label": label_json(name="SGG")}),
        (EventKind.STATE, {"state": "closed"}),
        (EventKind.MILESTONE, {"action": "remove", "milestone": None}),
    ],
)
def test_events_have_a_stream_of_their_own(server, reader, kind, action):
    one = {"id": 1, "user": user_json(), "created_at": "2026-11-23T08:00:00Z", **action}
    paged(server, f"/projects/20/issues/5/resource_{kind.value}_events", [one])
    (event,) = ask(reader, EventsOf(REF, kind))
    assert (event.kind, event.action) == (kind, action.get("action", "closed"))


def test_history_is_read_page_by_page_where_a_page_is_asked_for(server, reader):
    paged(server, PATHS[NotesOf(REF)], [note_json(n) for n in range(250, 0, -1)])
    notes = ask(reader, NotesPageOf(REF, 2))
    assert [note.id for note in notes.entries] == list(range(150, 50, -1))
    assert notes.more
    assert asked(server)["sort"] == "desc"

    change = {"user": user_json(), "created_at": "2026-11-23T08:00:00Z", "state": "closed"}
    path = "/projects/20/issues/5/resource_state_events"
    paged(server, path, [{"id": n, **change} for n in range(150)])
    events = ask(reader, EventsPageOf(REF, EventKind.STATE, 2))
    assert (len(events.entries), events.more) == (50, False)
    assert asked(server) == {"per_page": "100", "page": "2"}


def test_labels_of_the_groups_above_count(server, reader):
    paged(server, "/groups/support%2Femea/labels", [label_json(description="d")])
    assert ask(reader, LabelsOf("support/emea")) == (Label("loop::open", "#6699CC", "d"),)
    assert asked(server) == {
        "include_ancestor_groups": "true",
        "include_descendant_groups": "false",
        "only_group_labels": "true",
        "per_page": "100",
        "page": "1",
    }


@pytest.mark.parametrize(("in_group", "home"), [(True, "groups"), (False, "projects")])
def test_boards(server, reader, in_group, home):
    paged(server, f"/{home}/support%2Floops/boards", [{"id": 3, "name": "EMEA", "lists": []}])
    (board,) = ask(reader, BoardsOf("support/loops", in_group=in_group))
    assert board.name == "EMEA"


def test_users_are_found_by_their_exact_name_in_any_case(server, reader):
    paged(server, "/users", [user_json(1, "se-1011"), user_json(2, "SE-101", bot=False)])
    assert ask(reader, UserNamed("se-101")) == User(2, "SE-101", "Emea One", bot=False)
    assert ask(reader, UserNamed("se-10")) is None


@pytest.mark.parametrize(
    ("level", "role"),
    [(50, Role.OWNER), (25, Role.REPORTER), (10, Role.GUEST), (5, Role.MINIMAL), (0, Role.NONE)],
)
def test_a_role_is_the_highest_one_that_the_level_reaches(server, reader, level, role):
    server.get(f"{API}/projects/20/members/all/7", json={"id": 7, "access_level": level})
    assert ask(reader, RoleOf(20, 7)) is role


def test_who_is_no_member_has_no_role(server, reader):
    server.get(f"{API}/projects/20/members/all/7", status=404, json={"message": "404 Not found"})
    assert ask(reader, RoleOf(20, 7)) is Role.NONE


def test_a_role_that_may_not_be_seen_is_unreadable(server, reader):
    server.get(f"{API}/projects/20/members/all/7", status=403, json={"message": "403 Forbidden"})
    assert isinstance(ask(reader, RoleOf(20, 7)), Unreadable)


def test_a_project_that_may_not_be_seen_is_unreadable(server, reader):
    server.get(f"{API}/projects/support%2Floops", status=403, json={"message": "403 Forbidden"})
    assert isinstance(ask(reader, ProjectAt("support/loops")), Unreadable)


def test_a_schedule_of_a_user_who_is_gone_has_no_owner(server, reader):
    # Source: GitLab's `lib/api/entities/ci/pipeline_schedule.rb`.
    fields = {"id": 13, "description": "Nightly", "ref": "refs/heads/main", "active": True}
    fields |= {"cron": "0 4 * * *", "cron_timezone": "Europe/Dublin"}
    paged(server, "/projects/support%2Floops/pipeline_schedules", [fields | {"owner": None}])
    (schedule,) = ask(reader, SchedulesOf("support/loops"))
    when = ("0 4 * * *", "Europe/Dublin")
    assert schedule == Schedule(13, "Nightly", "refs/heads/main", True, None, *when)


def test_of_a_variable_only_its_keeping_is_read(server, reader):
    # Source: GitLab's documentation, "Project-level CI/CD variables API".
    fields = {"key": "X", "value": "secret", "protected": False, "masked": True}
    server.get(f"{API}/projects/support%2Floops/variables/X", json=fields)
    assert ask(reader, VariableAt("support/loops", "X")) == Variable(protected=False, masked=True)


def test_who_stands_in_a_list_of_issues_is_not_asked_for_again(server, reader):
    anna = user_json(3, "Anna")
    paged(server, "/groups/support/issues", [issue_json(1, assignees=[anna])])
    paged(server, "/users", [])
    first = reader.answer([ISSUES, UserNamed("anna")])
    # What is read at the same time is not waited for: the answer depends on no race.
    assert first[UserNamed("anna")] is None
    assert ask(reader, UserNamed("anna")) == User(3, "Anna", "Emea One")
    assert ask(reader, UserNamed("MGR-EMEA-1")) == first[ISSUES][0].author
    assert ask(reader, UserNamed("bob")) is None
    assert len(server.calls) == 3


def test_each_question_is_asked_once(server, reader):
    paged(server, "/users", [user_json(2, "se-101")])
    answers = reader.answer([UserNamed("se-101"), UserNamed("se-101"), UserNamed("se-101")])
    assert list(answers) == [UserNamed("se-101")]
    assert len(server.calls) == 1


# --- What cannot be read -----------------------------------------------------------


@pytest.mark.parametrize("question", PATHS, ids=repr)
def test_a_token_that_is_not_accepted_ends_it_all(server, reader, question):
    server.get(API + PATHS[question], status=401, json={"message": "401 Unauthorized"})
    with pytest.raises(Refused, match="DRUMBEAT_TOKEN"):
        reader.answer([question])


@pytest.mark.parametrize("status", [403, 404, 410])
@pytest.mark.parametrize("question", [one for one in PATHS if one != WhoAmI()], ids=repr)
def test_what_may_not_be_seen_is_unreadable(server, reader, question, status):
    server.get(API + PATHS[question], status=status, json={"message": "Not for you"})
    other = UserAt(99)  # no question among these asks for the same path
    server.get(f"{API}/users/99", json=user_json(99, "somebody"))
    answers = reader.answer([question, other])
    why = answers[question]
    assert isinstance(why, Unreadable)
    assert f"status {status}: Not for you" in why.reason
    assert isinstance(answers[other], User)


@pytest.mark.parametrize("question", [ISSUES, AccessTo("support"), LabelsOf("support")], ids=repr)
def test_a_hidden_group_says_what_to_check(server, reader, question):
    server.get(API + PATHS[question], status=404, json={"message": "404 Group Not Found"})
    why = ask(reader, question)
    assert "Check that support is written as in GitLab (loops_group" in why.remedy
    assert "token" in why.remedy


def test_a_hidden_issue_says_what_gitlab_says(server, reader):
    server.get(API + PATHS[NotesOf(REF)], status=404)
    assert "hides" in ask(reader, NotesOf(REF)).remedy


@pytest.mark.parametrize("status", [400, 429, 500, 503])
@pytest.mark.parametrize("question", ESSENTIAL, ids=repr)
def test_503_while_listing_aborts_instead_of_empty(server, reader, question, status):
    server.get(API + PATHS[question], status=status)
    with pytest.raises(RemoteError):
        reader.answer([question])


@pytest.mark.parametrize("status", [400, 429, 500, 503])
@pytest.mark.parametrize("question", SINGLE, ids=repr)
def test_one_failure_stays_one_failure(server, reader, question, status):
    server.get(API + PATHS[question], status=status)
    why = ask(reader, question)
    assert isinstance(why, Unreadable)
    assert PATHS[question] in why.reason


@pytest.mark.parametrize("question", PATHS, ids=repr)
@pytest.mark.parametrize("body", ['{"message": "surprise"}', "[3]", "<html>"])
def test_an_odd_answer_is_never_empty(server, reader, question, body):
    server.get(API + PATHS[question], body=body, headers=END)
    if question in ESSENTIAL:
        with pytest.raises(RemoteError):
            reader.answer([question])
    else:
        assert isinstance(ask(reader, question), Unreadable)


@pytest.mark.parametrize("status", [403, 404])
def test_a_token_without_read_rights_ends_it_all(server, reader, status):
    server.get(f"{API}/user", status=status, json={"error": "insufficient_scope"})
    with pytest.raises(Refused, match="insufficient_scope"):
        reader.answer([WhoAmI()])


def test_progress_is_told(server, gl, still):
    lines: list[str] = []
    paged(server, "/groups/support/issues", [issue_json(n) for n in range(1, 151)])
    GitLabReader(gl, still.pacer(), lines.append).answer([ISSUES])
    assert lines == ["issues of support: 100 of 150", "issues of support: 150 of 150"]
    assert TOKEN not in "".join(lines)
