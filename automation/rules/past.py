"""What was said and done on a loop's issue before, as far as Drumbeat has to ask for it.

Nothing is said twice: before speaking, the issue's notes are searched for the marker of
what is about to be said. Raises Missing while an answer is not known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from hashlib import sha256

from automation.identity import SAID, said_marker
from automation.labels import State
from automation.loops import Loop
from automation.model.issue import EventKind, Note
from automation.model.questions import CommentsPageOf
from automation.model.snapshot import Snapshot
from automation.rules.heard import THROTTLE, heard, pages_back_to
from automation.stock import Held, Stock

MOST_PAGES = 50
"""How many pages of Drumbeat's own words of today are looked at, with a hundred each."""

CLOSING_WORDS = ("done", "missed", "waived", "duplicate", "undone")
"""What Drumbeat says when it closes a loop: it never does so without a word."""


@dataclass(frozen=True)
class Words:
    """Something to say: what it is about, in a word; its Markdown; whom it addresses.

    Where there are `causes`, each is worth saying once: what is about others is new.
    """

    what: str
    text: str
    mentions: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()

    @property
    def marks(self) -> tuple[str, ...]:
        """The words by which it is known again."""
        return tuple(f"{self.what}-{_digest(cause)}" for cause in self.causes) or (self.what,)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Past:
    """What happened to a loop's issue, by its notes and events."""

    held: Held
    loop: Loop
    stock: Stock
    snapshot: Snapshot
    now: datetime

    def said(self, words: Words) -> bool:
        """Whether Drumbeat said that on the issue before, in one note or in several.

        It may have said so when the subject had another id.
        """
        keys = (self.held.key, *self.stock.names.former(self.held.key))
        return all(
            any(self._any_note(said_marker(mark, str(key))) for key in keys) for mark in words.marks
        )

    def spoke_today(self) -> bool:
        """Whether Drumbeat said anything on the issue today, where the subject is."""
        return self._any_note(SAID, today=True)

    def _any_note(self, mark: str, *, today: bool = False) -> bool:
        """Whether a note of Drumbeat bears the mark, one of today if that is wanted.

        What was read for many loops at once is looked at first: that may be enough.
        """

        def bears_it(note: Note) -> bool:
            is_in_time = not today or note.created_at >= self._midnight
            return is_in_time and self.stock.trust.said(note, mark)

        own = heard(self.held.issue.ref, self._own_words, self.snapshot)
        return any(map(bears_it, own)) or any(map(bears_it, self._notes(today=today)))

    @property
    def _midnight(self) -> datetime:
        """When today began, where the subject is."""
        zone = self.loop.subject.zone
        return datetime.combine(self.now.astimezone(zone).date(), time.min, zone)

    @property
    def _own_words(self) -> CommentsPageOf:
        """What the token's own user wrote since today began, wherever the subject is."""
        return CommentsPageOf((self.now - timedelta(days=1)).astimezone(UTC).date())

    def _notes(self, *, today: bool) -> tuple[Note, ...]:
        """The issue's notes, or at least those of today.

        Where nobody commented, nobody need be asked; nor where nothing happened since before
        today. Where something did, what Drumbeat wrote today may tell enough.
        """
        midnight = self._midnight
        is_touched = self.held.issue.updated_at >= midnight - THROTTLE
        if self.held.issue.is_uncommented or (today and not is_touched):
            return ()
        words = self._own_words
        lists = pages_back_to(midnight, words, MOST_PAGES, self.snapshot) if is_touched else ()
        return self.snapshot.notes(self.held.issue.ref, lists)

    def reopened_by_a_person(self) -> bool:
        """Whether Drumbeat closed it, and it is open again.

        Unless Drumbeat itself reopened it: it took back what a wrong run had done. Where people
        or Drumbeat commented, the word with which it closes would be there; so most often one
        list is read, the notes or the events. It may name the key by an id of before a rename.
        """
        if self.held.issue.updated_at <= self.held.issue.created_at:
            return False  # nothing ever happened to it
        closing = [f"{SAID}{what} " for what in CLOSING_WORDS]
        tells = not self.held.issue.is_uncommented and not self._triage_closes
        if tells and not any(map(self._any_note, closing)):
            return False
        events = self.snapshot.events(self.held.issue.ref, EventKind.STATE)
        reopened = [event for event in events if event.action == "reopened"]
        last = max(reopened, key=lambda event: event.created_at, default=None)
        if last is not None and last.user is not None and self.stock.trust.is_drumbeat(last.user):
            return False
        closed = [event.user for event in events if event.action == "closed"]
        if any(user is not None and self.stock.trust.is_drumbeat(user) for user in closed):
            return True
        return bool(closed) and any(map(self._any_note, closing))

    @property
    def _triage_closes(self) -> bool:
        """Whether a triage rule closes issues: it may close a loop, and has other words or none."""
        policies = self.loop.organisation.triages
        return any(rule.do.close for policy in policies for rule in policy.rules)

    def closed_as_missed(self) -> bool:
        """Whether Drumbeat closed it and said that it was missed."""
        closed_by = self.held.issue.closed_by
        ours = closed_by is not None and self.stock.trust.is_drumbeat(closed_by)
        return ours and self._any_note(f"{SAID}missed ")

    def reopened_after(self, state: State) -> bool:
        """Whether a person reopened it later than it was given that state."""
        reopened = self._times(EventKind.STATE, "reopened")
        given = self._times(EventKind.LABEL, "add", state.value) if reopened else []
        return bool(reopened) and (not given or max(given) <= max(reopened))

    def _times(self, kind: EventKind, action: str, label: str | None = None) -> list[datetime]:
        events = self.snapshot.events(self.held.issue.ref, kind)
        return [e.created_at for e in events if (e.action, e.label) == (action, label)]
