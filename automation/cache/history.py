"""What was read of issues' histories, and for how long it holds.

Whatever happens in an issue's history moves the issue's time of update, and the list that every
run reads shows that time. So while it stays as it was, what was read before need not be read
again, just as the validator of an HTTP cache has it. Two things are in the way of that, and
`SETTLED` covers both: GitLab leaves the time as it is where the last update was less than a
minute ago, and a replica of its database may be a little behind. Sources: its
`app/models/concerns/throttled_touch.rb`, and its documentation, "Database load balancing".

Whatever slips through all the same is found within a fortnight: no answer is kept for longer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from automation.cache.record import Record, Subject, kept
from automation.model.change import Transition
from automation.model.issue import Comment, Identity, Issue, IssueRef, Note, Page, User
from automation.model.questions import (
    CommentsPageOf,
    EventsOf,
    EventsPageOf,
    IssuesOf,
    NotesOf,
    NotesPageOf,
    Question,
    Sparable,
    ThreadsOf,
    UserAt,
    WhoAmI,
)
from automation.model.snapshot import Snapshot

SETTLED = timedelta(minutes=10)
"""For how long an issue must not have been updated before its history is remembered."""
EXPIRES = timedelta(days=7)
"""After how long it is read again at the earliest; twice that at the latest, not all at once."""
UNUSED = timedelta(days=14)
"""For how long what no run asks for is kept: shards and narrowed runs look at a part."""

OfIssue = NotesOf | NotesPageOf | EventsOf | EventsPageOf | ThreadsOf


@dataclass(frozen=True)
class Recalled:
    """What is known from earlier runs: answers, and what was heard of issues in lists."""

    answers: Mapping[Question, object] = field(default_factory=dict)
    heard: Mapping[IssueRef, tuple[Note, ...]] = field(default_factory=dict)

    def spares(self, one: Question | Sparable) -> bool:
        """Whether the question need not be asked, at least not yet."""
        if not isinstance(one, Sparable):
            return one in self.answers
        return one.question in self.answers or _ref(one.question) in self.heard


class History:
    """The answers of earlier runs, and this one's for later runs."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._records = {record.subject: record for record in records}
        self._given: set[Subject] = set()

    def __len__(self) -> int:
        return len(self._records)

    @property
    def given(self) -> int:
        """How many answers this run did not have to read."""
        return len(self._given)

    @property
    def records(self) -> tuple[Record, ...]:
        """What to keep for the next run."""
        return tuple(self._records.values())

    def recall(self, wanted: Iterable[Question | Sparable], snapshot: Snapshot) -> Recalled:
        """What is known of what the rules want to know, by the lists that the snapshot holds."""
        now = _server_time(snapshot)
        if now is None or not self._records:
            return Recalled()
        listed = _listed(snapshot)
        answers: dict[Question, object] = {}
        heard: dict[IssueRef, tuple[Note, ...]] = {}
        for one in wanted:
            question = one.question if isinstance(one, Sparable) else one
            if not isinstance(question, OfIssue | UserAt):
                continue
            if (found := self._valid(question, now, listed)) is not None:
                answers[question] = found.answer
                continue
            ref = _ref(question) if isinstance(one, Sparable) else None
            if ref is None or ref in snapshot.heard:
                continue
            if (told := self._valid(ref, now, listed)) is not None:
                heard[ref] = told.notes
        self._given |= {cast(Subject, one) for one in answers} | heard.keys()
        return Recalled(answers, heard)

    def behind(self, found: Iterable[object]) -> tuple[Question, ...]:
        """Which questions to ask after all: issues are to be changed by what is remembered of them.

        Each of them is named once; what is answered then is learnt.
        """
        targets = (one.target for one in found if isinstance(one, Transition))
        refs = {IssueRef(target.project_id, target.iid) for target in targets}
        asked = [one for one in self._given if isinstance(one, OfIssue) and one.ref in refs]
        self._given.difference_update(asked)
        return tuple(sorted(asked, key=repr))

    def learn(self, snapshot: Snapshot) -> None:
        """Remember what was read, and forget what is of no use any more."""
        now, listed = _server_time(snapshot), _listed(snapshot)
        if now is None:
            return
        for subject, answer in _told(snapshot):
            issue = listed.get(ref) if (ref := _ref(subject)) else None
            is_settled = issue is not None and now - issue.updated_at >= SETTLED
            if subject not in self._given and (is_settled or isinstance(answer, User)):
                self._records[subject] = kept(subject, answer, now, issue)
        for subject in self._given & self._records.keys():
            self._records[subject] = self._records[subject].model_copy(update={"used_at": now})
        self._records = {
            subject: record
            for subject, record in self._records.items()
            if now - record.used_at < UNUSED and self._may_hold(record, now, listed)
        }

    def _valid(
        self, subject: Subject, now: datetime, listed: Mapping[IssueRef, Issue]
    ) -> Record | None:
        record, ref = self._records.get(subject), _ref(subject)
        if record is None or (ref is not None and ref not in listed):
            return None
        return record if self._may_hold(record, now, listed) else None

    def _may_hold(self, record: Record, now: datetime, listed: Mapping[IssueRef, Issue]) -> bool:
        """Whether nothing tells that it does not hold any more."""
        ref = _ref(record.subject)
        issue = listed.get(ref) if ref else None
        is_fresh = timedelta(0) <= now - record.read_at < _lasting(record)
        return is_fresh and (issue is None or record.holds_for(issue))


def _lasting(record: Record) -> timedelta:
    """For how long a record may be used: some longer than others, so that a few a run expire."""
    spread = (record.project * 7919 + record.number * 104729) % 1000 / 1000
    return EXPIRES * (1 + spread)


def _told(snapshot: Snapshot) -> Iterator[tuple[Subject, object]]:
    """All answers that may be remembered."""
    heard: dict[IssueRef, list[Note]] = {}
    for question, answer in snapshot.answers.items():
        if isinstance(question, CommentsPageOf) and isinstance(answer, Page):
            for one in cast("Page[Comment]", answer).entries:
                heard.setdefault(one.ref, []).append(one.note)
        elif _is_answered(question, answer):
            yield cast(Subject, question), answer
    for ref, notes in heard.items():
        yield ref, tuple(notes)


def _is_answered(question: Question, answer: object) -> bool:
    """Whether it is an answer of its kind; neither that nobody is there, nor a refusal."""
    if isinstance(question, OfIssue):
        return isinstance(answer, Page | tuple | int)
    return isinstance(question, UserAt) and isinstance(answer, User)


def _listed(snapshot: Snapshot) -> Mapping[IssueRef, Issue]:
    """Issues as lists show them: as the latest list does, where they differ."""
    lists = [
        answer
        for question, answer in snapshot.answers.items()
        if isinstance(question, IssuesOf) and isinstance(answer, tuple)
    ]
    return snapshot.once(("listed", len(lists)), lambda: _latest(lists))


def _latest(lists: Iterable[tuple[Issue, ...]]) -> Mapping[IssueRef, Issue]:
    found: dict[IssueRef, Issue] = {}
    for issue in (one for issues in lists for one in issues):
        known = found.get(issue.ref)
        if known is None or known.updated_at < issue.updated_at:
            found[issue.ref] = issue
    return found


def _server_time(snapshot: Snapshot) -> datetime | None:
    identity = snapshot.answers.get(WhoAmI())
    return identity.server_time if isinstance(identity, Identity) else None


def _ref(subject: object) -> IssueRef | None:
    """The issue that it is about; None for a user."""
    if isinstance(subject, IssueRef):
        return subject
    return subject.ref if isinstance(subject, OfIssue) else None
