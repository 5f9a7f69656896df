"""What is there, in words by which two GitLabs can be compared, and the laws over it.

Numbers that GitLab gives out as things come (ids, iids, addresses, times) differ between a
run that was disturbed and one that was not; all else must not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import unified_diff

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from automation.sandbox.schema import (
    Event,
    Issue,
    Label,
    LabelPriority,
    Milestone,
    Namespace,
    Note,
    Project,
)
from automation.sandbox.schema_boards import Board
from automation.sandbox.schema_pipelines import PipelineSchedule
from tests.e2e.outside import BOT
from tests.faults.inside import House

_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/(\S+?)/-/issues/(\d+)(#note_\d+)?")
_KEY = re.compile(r"<!-- drumbeat:(?:loop|made) (.+?) -->")
_SAID = re.compile(r"<!-- drumbeat:said (.+?) -->")
_REMINDER = re.compile(r"<!-- drumbeat:said (?:overdue|reminder\S*) ")
"""A loop is overdue while the next one cannot be opened, and then it is told so: truly, and once,
though it is missed a run later. So of missed loops reminders are not compared."""
_TICKED = re.compile(r"^\s*(?:[-*+]|\d+\.) \[[xX]\]", re.MULTILINE)


@dataclass(frozen=True)
class Seen:
    """An issue as the laws look at it."""

    id: int
    place: str
    title: str
    keys: tuple[str, ...]
    opened: bool
    moved: bool
    description: str
    said: Counter[str]
    notes: int
    created_at: str
    moved_by_people: str
    text: str

    @property
    def ticks(self) -> int:
        """How many boxes are ticked."""
        return len(_TICKED.findall(self.description))


@dataclass(frozen=True)
class Look:
    """All that is there; `rest` are labels, boards and schedules."""

    issues: dict[int, Seen] = field(default_factory=dict)
    rest: tuple[str, ...] = ()

    @property
    def lines(self) -> list[str]:
        """The whole as text, in an order that does not depend on ids."""
        texts = sorted(seen.text for seen in self.issues.values())
        return [line for text in (*texts, *self.rest) for line in text.splitlines()]

    def twins(self) -> Iterator[tuple[str, list[Seen]]]:
        """The keys that more than one issue holds, copies of a moved one aside."""
        by_key: dict[str, list[Seen]] = {}
        for seen in self.issues.values():
            for key in seen.keys if not seen.moved else ():
                by_key.setdefault(key, []).append(seen)
        return ((key, found) for key, found in by_key.items() if len(found) > 1)


def look(house: House) -> Look:
    """Look at everything."""
    with house.store.session() as session:
        notes: dict[int, list[Note]] = {}
        for note in session.scalars(select(Note).where(~Note.system).order_by(Note.id)):
            notes.setdefault(note.issue_id, []).append(note)
        issues = session.scalars(
            select(Issue).options(
                selectinload(Issue.labels),
                selectinload(Issue.assignees),
                selectinload(Issue.project),
                selectinload(Issue.author),
            )
        ).all()
        names = {(one.project.full_path, one.iid): one.title for one in issues}
        last = _last_moves(session)
        seen = {
            one.id: _seen(one, notes.get(one.id, []), names, last.get(one.id, "")) for one in issues
        }
        return Look(seen, tuple(sorted(_rest(session))))


def _last_moves(session: Session) -> dict[int, str]:
    """What was last done to an issue's state, where a person did it."""
    last: dict[int, str] = {}
    for event in session.scalars(select(Event).where(Event.kind == "state").order_by(Event.id)):
        last[event.issue_id] = "" if event.user.username == BOT else event.action
    return last


def _seen(
    issue: Issue, notes: list[Note], names: dict[tuple[str, int], str], by_people: str
) -> Seen:
    def plain(text: str) -> str:
        def title(found: re.Match[str]) -> str:
            return f"<{names.get((found[1], int(found[2])), 'nothing')}>"

        text = _ADDRESS.sub(title, text)
        text = re.sub(r"#\d+\b", "#N", text)
        return re.sub(r"\b\d+/\d+ -->", "N/N -->", text)

    ours = [note for note in notes if note.author.username == BOT]
    if any(label.title == "loop::missed" for label in issue.labels):
        notes = [note for note in notes if not _REMINDER.search(note.body)]
    description = issue.description or ""
    facts = (
        f"== {issue.project.full_path}: {plain(issue.title)}",
        f"{issue.state}{' confidential' if issue.confidential else ''} by {issue.author.username}",
        f"labels {', '.join(sorted(label.title for label in issue.labels))}",
        f"for {', '.join(sorted(person.username for person in issue.assignees))}",
        f"due {issue.due_date}, milestone {issue.milestone_id}, moved {bool(issue.moved_to_id)}",
        plain(description),
        *sorted(
            f"-- {note.author.username}{' internal' if note.internal else ''} {note.type or ''}\n"
            f"{plain(note.body)}"
            for note in notes
        ),
    )
    return Seen(
        id=issue.id,
        place=issue.project.full_path,
        title=issue.title,
        keys=tuple(_KEY.findall(description)) if issue.author.username == BOT else (),
        opened=issue.state == "opened",
        moved=issue.moved_to_id is not None,
        description=description,
        said=Counter(mark for note in ours for mark in _SAID.findall(note.body)),
        notes=len(ours),
        created_at=issue.created_at,
        moved_by_people=by_people,
        text="\n".join(facts),
    )


def _rest(session: Session) -> Iterator[str]:
    places = {("project", one.id): one.full_path for one in session.scalars(select(Project))}
    places |= {("group", one.id): one.full_path for one in session.scalars(select(Namespace))}

    def place(one: Label | Board | Milestone) -> str:
        return (
            places["project", one.project_id]
            if one.project_id
            else places["group", one.group_id or 0]
        )

    labels = {one.id: one for one in session.scalars(select(Label))}
    for label in labels.values():
        yield f"label {place(label)}: {label.title} {label.color} {label.description or ''}"
    for one in session.scalars(select(LabelPriority)):
        where = places["project", one.project_id]
        yield f"priority {where}: {labels[one.label_id].title} {one.priority}"
    for board in session.scalars(select(Board)):
        lists = [one.label.title for one in board.lists if one.label]
        yield f"board {place(board)}: {board.name} {lists} {[x.title for x in board.labels]}"
    for plan in session.scalars(select(PipelineSchedule)):
        values = sorted((one.key, one.value) for one in plan.variables)
        yield f"schedule {plan.description} {plan.cron} {plan.active} {values}"


def differences(wanted: Look, there: Look) -> list[str]:
    """What differs, as lines of a diff; nothing where nothing does."""
    found = unified_diff(wanted.lines, there.lines, "undisturbed", "disturbed", lineterm="", n=2)
    return list(found)[:60]


def broken_laws(before: Look, after: Look, *, overlapped: bool = False) -> Iterator[str]:
    """The laws that what became of `before` breaks, whatever was to be done."""
    known = {key for key, _ in before.twins()}
    for key, twins in after.twins():
        opened = [one for one in twins if one.opened]
        if not overlapped and key not in known:
            yield f"{key} was opened {len(twins)} times"
        if len(opened) > 1:
            yield f"{key} is open {len(opened)} times"
    for seen in after.issues.values():
        was = before.issues.get(seen.id)
        spoken = seen.said - (was.said if was else Counter())
        for mark, count in spoken.items():
            if count > 1 and not overlapped:
                yield f"{seen.title} was told {count} times: {mark}"
        if was is not None:
            yield from _people_lost(was, seen)
    for gone in before.issues.keys() - after.issues.keys():
        yield f"{before.issues[gone].title} is gone"


def _people_lost(was: Seen, now: Seen) -> Iterator[str]:
    if was.description != now.description:
        yield f"the description of {was.title} was rewritten"
    if was.moved_by_people == "closed" and now.opened:
        yield f"{was.title}, which a person closed, is open again"
    if was.moved_by_people == "reopened" and was.opened and not now.opened and not now.moved:
        yield f"{was.title}, which a person reopened, was closed"
