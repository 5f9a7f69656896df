"""What a comment on an initiative recalls of it: who spoke last, and what is left to do.

The notes were read already; GitLab is asked only whether who wrote them is a bot.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, tzinfo

from automation.checklist import Mark, read
from automation.inert import NOTHING_SEEN
from automation.model.issue import Issue, Note
from automation.model.snapshot import Snapshot
from automation.rules.humans import Humans


@dataclass(frozen=True)
class LastWord:
    """The last thing that a person wrote: the writer's name, and the day.

    What they wrote is left out: it may be internal, and a link shows it to whoever may read it.
    """

    author: str
    date: date
    web_url: str


def last_word(
    issue: Issue, notes: Iterable[Note], humans: Humans, snapshot: Snapshot, zone: tzinfo
) -> LastWord | None:
    """The newest comment of a person; None where nobody said anything.

    Raises Missing while it is not known whether the writer is one.
    """
    said = [note for note in notes if not note.system]
    said.sort(key=lambda note: (note.created_at, note.id), reverse=True)
    last = next((note for note in said if humans.proven(note.author, snapshot)), None)
    if last is None:
        return None
    author = last.author.name or last.author.username
    return LastWord(
        author, last.created_at.astimezone(zone).date(), f"{issue.web_url}#note_{last.id}"
    )


def open_items(issue: Issue) -> tuple[str, ...]:
    """The texts of the boxes that are neither ticked nor set aside, in order.

    Of a box with nothing to be seen behind it, it shows that there is one.
    """
    found = (item for item in read(issue.description).items if item.mark is Mark.OPEN)
    return tuple(item.text or NOTHING_SEEN for item in found)
