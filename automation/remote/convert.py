"""GitLab's JSON as our facts.

Sources: the entities in GitLab's `lib/api/entities`, and its documentation of the REST
API for issues, notes, resource events, projects, labels and boards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from urllib.parse import unquote, urlsplit

from automation.model.issue import (
    Board,
    BoardList,
    Comment,
    Event,
    EventKind,
    Issue,
    IssueRef,
    Label,
    Link,
    Member,
    Milestone,
    Note,
    Project,
    Role,
    Schedule,
    TaskCounts,
    Token,
    User,
    Variable,
)
from automation.model.metrics import Activity
from automation.remote.fields import Fields


def user(fields: Fields) -> User:
    """A user; lists do not say who is a bot, so `bot` may stay open."""
    return User(
        id=fields.number("id"),
        username=fields.text("username"),
        name=fields.text("name"),
        bot=fields.optional("bot", fields.flag),
        state=fields.optional("state", fields.text) or "active",
    )


def member(fields: Fields) -> Member:
    """A member of a project: a user, and the highest role that counts there."""
    return Member(user(fields), role(fields))


def role(fields: Fields) -> Role:
    """A member's role; one that we do not know counts as the next lower one that we do."""
    level = fields.number("access_level")
    return max((role for role in Role if role <= level), default=Role.NONE)


def token(fields: Fields) -> Token:
    """A token's own facts. Source: GitLab's documentation, "Personal access tokens API"."""
    return Token(
        scopes=frozenset(fields.texts("scopes")),
        expires_on=fields.nullable("expires_at", fields.day),
    )


def issue(fields: Fields) -> Issue:
    """An issue of any type, as lists show it."""
    return Issue(
        id=fields.number("id"),
        ref=IssueRef(fields.number("project_id"), fields.number("iid")),
        project=_project_path(fields),
        title=fields.text("title"),
        description=fields.nullable("description", fields.text) or "",
        opened=fields.text("state") == "opened",
        labels=frozenset(fields.texts("labels")),
        author=user(fields.within("author")),
        created_at=fields.time("created_at"),
        updated_at=fields.time("updated_at"),
        web_url=fields.text("web_url"),
        assignees=tuple(user(assignee) for assignee in fields.each("assignees")),
        confidential=fields.flag("confidential"),
        due_date=fields.nullable("due_date", fields.day),
        closed_at=fields.nullable("closed_at", fields.time),
        tasks=_tasks(fields.within("task_completion_status")),
        moved_to_id=fields.nullable("moved_to_id", fields.number),
        type=fields.optional("issue_type", fields.text) or "issue",
        milestone=_title(fields, "milestone"),
        weight=fields.optional("weight", fields.number),
        iteration=_title(fields, "iteration"),
        health=fields.optional("health_status", fields.text),
        has_weight=fields.has_key("weight"),
        has_iteration=fields.has_key("iteration"),
        comments=fields.optional("user_notes_count", fields.number),
        upvotes=fields.optional("upvotes", fields.number) or 0,
        downvotes=fields.optional("downvotes", fields.number) or 0,
        closed_by=_somebody(fields, "closed_by"),
    )


def _somebody(fields: Fields, name: str) -> User | None:
    person = fields.optional(name, fields.within)
    return None if person is None else user(person)


def _title(fields: Fields, name: str) -> str | None:
    """The title of a milestone or iteration; an iteration of a cadence may have none."""
    thing = fields.optional(name, fields.within)
    if thing is None:
        return None
    return thing.optional("title", thing.text) or str(thing.number("id"))


def _tasks(fields: Fields) -> TaskCounts:
    return TaskCounts(fields.number("count"), fields.number("completed_count"))


def _project_path(fields: Fields) -> str:
    full = fields.within("references").text("full") if fields.has("references") else ""
    path, hash_sign, _ = full.rpartition("#")
    if path and hash_sign:
        return path
    return unquote(urlsplit(fields.text("web_url")).path).partition("/-/")[0].strip("/")


def note(fields: Fields) -> Note:
    """A comment or a system note."""
    return Note(
        id=fields.number("id"),
        author=user(fields.within("author")),
        body=fields.text("body"),
        created_at=fields.time("created_at"),
        system=fields.flag("system"),
    )


def comments(events: Iterable[Fields]) -> Iterator[Comment]:
    """The comments on issues among events; what was deleted, or is about others, is left out.

    Source: GitLab's `lib/api/entities/event.rb` and `note.rb` there: a note names the number of
    its issue, and the event the project. Issues may be told as work items.
    """
    for event in events:
        said = event.optional("note", event.within)
        project = event.optional("project_id", event.number)
        if said is None or project is None:
            continue
        if said.optional("noteable_type", said.text) in _ISSUES:
            yield Comment(IssueRef(project, said.number("noteable_iid")), note(said))


_ISSUES = ("Issue", "WorkItem")


def link(fields: Fields) -> Link:
    """An issue that another one is linked to."""
    return Link(
        reference=fields.within("references").text("full"),
        opened=fields.text("state") == "opened",
        kind=fields.text("link_type"),
    )


def milestone(fields: Fields) -> Milestone:
    """A milestone of a project or a group."""
    return Milestone(
        id=fields.number("id"), title=fields.text("title"), active=fields.text("state") == "active"
    )


def event(fields: Fields, kind: EventKind) -> Event:
    """A resource event.

    State events call their action `state`, weight events have none; a deleted label is null.
    """
    who = fields.nullable("user", fields.within)
    label = fields.optional("label", fields.within)
    return Event(
        kind=kind,
        user=None if who is None else user(who),
        created_at=fields.time("created_at"),
        action=_action(fields, kind),
        label=None if label is None else label.text("name"),
    )


def _action(fields: Fields, kind: EventKind) -> str:
    if kind is EventKind.WEIGHT:
        return ""
    return fields.text("state" if kind is EventKind.STATE else "action")


def activity(events: Iterable[Fields]) -> Activity:
    """What the events of a user come to; a merge request of others counts as reviewed once.

    Source: GitLab's documentation, "Events API": `action_name` and `target_type`; notes name
    what they are about in `note.noteable_type`. Issues may be told as work items, and a
    reopened one as opened (`app/models/event.rb`).
    """
    counts: Counter[str] = Counter()
    own: set[int] = set()
    reviewed: set[int] = set()
    for event in events:
        action = event.text("action_name")
        target = event.optional("target_type", event.text) or ""
        counts[f"{action} {_TARGETS.get(target, target)}"] += 1
        about = event.optional("note", event.within)
        if about is not None and about.optional("noteable_type", about.text) == _REQUEST:
            reviewed.add(about.number("noteable_id"))
        elif target == _REQUEST and action in ("opened", "approved"):
            (own if action == "opened" else reviewed).add(event.number("target_id"))
    return Activity(
        issues_opened=counts["opened Issue"],
        issues_closed=counts["closed Issue"],
        merge_requests_opened=counts["opened MergeRequest"],
        merge_requests_merged=counts["accepted MergeRequest"],
        merge_requests_reviewed=len(reviewed - own),
    )


_REQUEST = "MergeRequest"
_TARGETS = {"WorkItem": "Issue"}


def project(fields: Fields) -> Project:
    """A project. One that waits for its deletion is as good as archived."""
    enabled = fields.optional("issues_enabled", fields.flag) is not False
    level = fields.optional("issues_access_level", fields.text)
    return Project(
        id=fields.number("id"),
        path=fields.text("path_with_namespace"),
        archived=fields.flag("archived") or fields.has("marked_for_deletion_on"),
        issues_enabled=enabled and level != "disabled",
        default_branch=fields.optional("default_branch", fields.text) or "",
        visibility=fields.optional("visibility", fields.text) or "",
        pages=fields.optional("pages_access_level", fields.text) or "",
    )


def schedule(fields: Fields) -> Schedule:
    """A pipeline schedule; its owner is null once the user is gone."""
    owner = fields.nullable("owner", fields.within)
    return Schedule(
        id=fields.number("id"),
        description=fields.text("description"),
        ref=fields.text("ref"),
        active=fields.flag("active"),
        owner=None if owner is None else user(owner),
        cron=fields.text("cron"),
        timezone=fields.text("cron_timezone"),
    )


def variable(fields: Fields) -> Variable:
    """How a CI/CD variable is kept; its value is not even looked at."""
    return Variable(protected=fields.flag("protected"), masked=fields.flag("masked"))


def label(fields: Fields) -> Label:
    """A label; GitLab has null for an empty description."""
    return Label(
        name=fields.text("name"),
        color=fields.text("color"),
        description=fields.nullable("description", fields.text) or "",
        id=fields.number("id"),
        priority=fields.optional("priority", fields.number),
    )


def board(fields: Fields) -> Board:
    """An issue board with its lists from left to right."""
    lists = sorted(map(_board_list, fields.each("lists")), key=_place)
    scope = fields.each("labels") if fields.has_key("labels") else None
    return Board(
        id=fields.number("id"),
        name=fields.text("name"),
        lists=tuple(lists),
        scope=None if scope is None else frozenset(label.text("name") for label in scope),
    )


def _board_list(fields: Fields) -> BoardList:
    its_label = fields.optional("label", fields.within)
    return BoardList(
        id=fields.number("id"),
        label=None if its_label is None else its_label.text("name"),
        position=fields.nullable("position", fields.number),
    )


def _place(one: BoardList) -> tuple[bool, int, int]:
    return one.position is None, one.position or 0, one.id
