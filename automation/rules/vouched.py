"""What Drumbeat's own comment vouches for: that no person acted on an issue since a moment.

To know that nobody did anything, all of an issue's history has to be read. A run that speaks of
it has done so, and its comment keeps the result in a hidden line, with a digest of how the issue
looks once the run is done with it. While the issue looks just like that and was not updated
since, nobody has acted. Whatever does not fit makes the line worthless: the history is read.

What no list shows could slip through between the reading and the comment, and in the seconds
after it: time spent, a link, a mention in a commit, what somebody did and undid there. So the
line counts only where the comment came within minutes of the reading, and only once it is more
than a day old: until then every run reads the history, and finds what slipped through.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from hashlib import sha256

from automation.identity import Vow, read_vows
from automation.model.issue import Issue, Note
from automation.rules.humans import Humans

_SOON = timedelta(minutes=10)
"""How far a run's time and its comment may be apart: a plan that waited vouches for nothing."""
_READ_AGAIN = timedelta(hours=26)
"""For how long the history is read all the same: so a daily run, even a late one, does so once."""
_AFTERWARDS = timedelta(seconds=2)
"""How long after a comment its quick actions may update the issue."""


def vow(
    issue: Issue, since: datetime, now: datetime, humans: Humans, labels: Iterable[str] = ()
) -> Vow:
    """That nobody acted after `since`, for an issue as it will look once the comment is there.

    `labels` are those that come with the comment.
    """
    return Vow(since, now, _looks(issue, humans), tuple(map(_digest, sorted(labels))))


def vouched_for(
    issue: Issue, notes: Iterable[Note], humans: Humans, now: datetime
) -> datetime | None:
    """After which moment nobody acted on the issue, by the notes that are Drumbeat's own."""
    return min((one.since for one in _valid(issue, notes, humans, now)), default=None)


def labelled_at(
    issue: Issue, label: str, notes: Iterable[Note], humans: Humans, now: datetime
) -> datetime | None:
    """When the issue got a label that it bears, by the notes that are Drumbeat's own.

    That was its last update.
    """
    vows = _valid(issue, notes, humans, now)
    return issue.updated_at if any(_digest(label) in one.labels for one in vows) else None


def _valid(issue: Issue, notes: Iterable[Note], humans: Humans, now: datetime) -> Iterator[Vow]:
    for note in notes:
        written = note.created_at
        if note.system or not humans.trust.is_drumbeat(note.author):
            continue
        if now - written <= _READ_AGAIN or issue.updated_at > written + _AFTERWARDS:
            continue
        for one in read_vows(note.body):
            if abs(written - one.at) <= _SOON and one.looks == _looks(issue, humans):
                yield one


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12]


def _looks(issue: Issue, humans: Humans) -> str:
    """A digest of what a list shows of an issue, and of who counts as a person for what.

    An issue that was moved or copied has another place, and looks different.
    """
    seen = (
        issue.ref, issue.title, issue.description, issue.opened, sorted(issue.labels),
        sorted(user.id for user in issue.assignees), issue.confidential, issue.due_date,
        issue.milestone, issue.weight, issue.iteration, issue.health, issue.type, issue.comments,
    )  # fmt: skip
    settings = (
        sorted(humans.patterns), sorted(humans.trust.usernames), humans.bot_flags,
        humans.activity.model_dump(),
    )  # fmt: skip
    return sha256(repr((seen, settings)).encode()).hexdigest()[:32]
