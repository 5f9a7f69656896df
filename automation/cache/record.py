"""One answer of GitLab's as it is kept: without what people wrote.

Of a comment there remain who wrote it and when, and the hidden lines by which Drumbeat knows its
own; of a system note its words, without the titles, items and branches that it names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Literal

from pydantic import BaseModel, ConfigDict

from automation.model.issue import Event, EventKind, Issue, IssueRef, Note, Page, User
from automation.model.questions import (
    EventsOf,
    EventsPageOf,
    NotesOf,
    NotesPageOf,
    ThreadsOf,
    UserAt,
)

About = Literal["notes", "threads", "heard", "user"] | EventKind
Subject = NotesOf | NotesPageOf | EventsOf | EventsPageOf | ThreadsOf | UserAt | IssueRef
"""What is remembered: the answer to a question, or for an issue what was heard of it in lists."""

_HIDDEN = re.compile(r"<!-- drumbeat:[^\n]{1,500}? -->")
_NAMED = re.compile(r"\*\*.*\*\*|\[?`.*`(?:\]\(.*\))?", re.DOTALL)
"""A title or an item stands in bold, a branch (whose name has the title in it) as code."""


class Record(BaseModel):
    """An answer, and when it was read.

    `updated_at` and `comments` are what a list showed of the issue then: while it shows the same,
    the answer is the same. So is a stream of label events while `labels` are the same too, here
    a digest of them: in events a label has the name that it has today, and renaming or deleting
    it updates no issue. A `page` of 0 is all pages. All times are GitLab's.
    """

    model_config = ConfigDict(frozen=True)

    about: About
    project: int = 0
    number: int
    page: int = 0
    updated_at: datetime | None = None
    comments: int | None = None
    labels: str = ""
    read_at: datetime
    used_at: datetime
    notes: tuple[Note, ...] = ()
    events: tuple[Event, ...] = ()
    more: bool = False
    pages: int | None = None
    count: int = 0
    user: User | None = None

    @property
    def subject(self) -> Subject:
        """What it is about."""
        ref = IssueRef(self.project, self.number)
        match self.about:
            case "user":
                return UserAt(self.number)
            case "heard":
                return ref
            case "threads":
                return ThreadsOf(ref)
            case "notes":
                return NotesPageOf(ref, self.page) if self.page else NotesOf(ref)
            case kind:
                return EventsPageOf(ref, kind, self.page) if self.page else EventsOf(ref, kind)

    @property
    def answer(self) -> object:
        """The answer as the question has it."""
        match self.about:
            case "user":
                return self.user
            case "threads":
                return self.count
            case "notes" | "heard":
                return Page(self.notes, self.more, self.pages) if self.page else self.notes
            case _:
                return Page(self.events, self.more, self.pages) if self.page else self.events

    def holds_for(self, issue: Issue) -> bool:
        """Whether the issue is as it was when this was read.

        Never where GitLab does not count its comments: then one may be deleted unseen.
        """
        is_same = (self.updated_at, self.comments) == (issue.updated_at, issue.comments)
        return is_same and issue.comments is not None and self.labels == _labels(self.about, issue)


def kept(subject: Subject, answer: object, now: datetime, issue: Issue | None = None) -> Record:
    """The record of an answer that was read `now`; `issue` is what a list shows of it."""
    about, ref, page = _named(subject)
    entries = answer.entries if isinstance(answer, Page) else answer
    told = entries if isinstance(entries, tuple) else ()
    return Record(
        about=about,
        project=ref.project_id,
        number=ref.iid,
        page=page,
        updated_at=issue.updated_at if issue else None,
        comments=issue.comments if issue else None,
        labels=_labels(about, issue) if issue else "",
        read_at=now,
        used_at=now,
        notes=_discreet(one for one in told if isinstance(one, Note)),
        events=tuple(one for one in told if isinstance(one, Event)),
        more=answer.more if isinstance(answer, Page) else False,
        pages=answer.pages if isinstance(answer, Page) else None,
        count=answer if isinstance(answer, int) else 0,
        user=answer if isinstance(answer, User) else None,
    )


def _labels(about: About, issue: Issue) -> str:
    """A digest of the issue's labels where the answer depends on their names; else nothing."""
    if about is not EventKind.LABEL:
        return ""
    return sha256(repr(sorted(issue.labels)).encode()).hexdigest()[:12]


def _named(subject: Subject) -> tuple[About, IssueRef, int]:
    match subject:
        case IssueRef():
            return "heard", subject, 0
        case UserAt(user_id):
            return "user", IssueRef(0, user_id), 0
        case ThreadsOf(ref):
            return "threads", ref, 0
        case NotesOf(ref):
            return "notes", ref, 0
        case NotesPageOf(ref, page):
            return "notes", ref, page
        case EventsOf(ref, kind):
            return kind, ref, 0
    return subject.kind, subject.ref, subject.page


def _discreet(notes: Iterable[Note]) -> tuple[Note, ...]:
    return tuple(replace(note, body=_without_secrets(note)) for note in notes)


def _without_secrets(note: Note) -> str:
    if note.system:
        return _NAMED.sub("****", note.body)
    return "\n".join(_HIDDEN.findall(note.body))
