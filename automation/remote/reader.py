"""Answers the planner's questions from GitLab's REST API. Reads, and only reads.

Questions are independent of each other, so they are read side by side.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence

import gitlab

from automation.errors import Refused, RemoteError
from automation.model.issue import IssueQuery
from automation.model.questions import (
    AccessTo,
    BoardsOf,
    IssuesOf,
    LabelsOf,
    NumbersOf,
    Question,
    WhoAmI,
)
from automation.model.snapshot import Unreadable
from automation.remote.calls import Calls
from automation.remote.issues import IssueQuestion, IssueReader
from automation.remote.known_people import KnownPeople
from automation.remote.lanes import WIDTH, Lanes
from automation.remote.pacing import Pacer
from automation.remote.pages import Progress
from automation.remote.people import PeopleQuestion, PeopleReader
from automation.remote.places import PlaceReader

_GONE = frozenset({403, 404, 410})
_UNAUTHORIZED = 401


class GitLabReader:
    """The `Reader` of a real GitLab.

    `progress` is told how far a long list is read, one line at a time. `lanes` is how many
    requests may be under way at once; what is answered does not depend on it.
    """

    def __init__(
        self,
        gl: gitlab.Gitlab,
        pacer: Pacer,
        progress: Progress | None = None,
        *,
        lanes: int = WIDTH,
    ) -> None:
        self._calls = Calls(gl, pacer)
        self._lanes = Lanes(lanes)
        said = None if progress is None else _OneAtATime(progress)
        self._issues = IssueReader(self._calls, self._lanes, said)
        self._known = KnownPeople(self._calls, self._lanes)
        self._people = PeopleReader(self._calls, self._lanes, self._known, said)
        self._places = PlaceReader(self._calls, self._lanes, said)

    @property
    def base_url(self) -> str:
        """GitLab's address, without a slash at its end."""
        return self._calls.base_url

    def answer(self, questions: Collection[Question]) -> dict[Question, object]:
        """Read the answers; what GitLab will not show is `Unreadable`, with the reason.

        Raises RemoteError where the token is not accepted, and where a list that
        decides on creating issues cannot be read whole: half a list is no answer.
        """
        once = list(dict.fromkeys(questions))
        strangers = self._known.many_strangers(once)
        answers = self._read_all([one for one in once if one not in strangers])
        if strangers:
            self._known.meet(strangers)
            answers |= self._read_all([one for one in once if one in strangers])
        return {question: answers[question] for question in once}

    def _read_all(self, questions: Sequence[Question]) -> dict[Question, object]:
        """The answers, read side by side; who stands in them is known from then on."""
        answers = dict(zip(questions, self._lanes.map(self._answer, questions), strict=True))
        self._known.learn(answers)
        return answers

    def _answer(self, question: Question) -> object:
        try:
            return self._read(question)
        except RemoteError as error:
            if _stops_everything(question, error):
                raise
            return Unreadable(error.message, _remedy(question, error))

    def _read(self, question: Question) -> object:
        if isinstance(question, IssueQuestion):
            return self._issues.read(question)
        if isinstance(question, PeopleQuestion):
            return self._people.read(question)
        if isinstance(question, NumbersOf):
            return Unreadable(f"there is no source for the numbers {question.policy}")
        return self._places.read(question)


class _OneAtATime:
    """Tells progress in one lane at a time."""

    def __init__(self, tell: Progress) -> None:
        self._tell = tell
        self._lock = threading.Lock()

    def __call__(self, line: str) -> None:
        with self._lock:
            self._tell(line)


def _stops_everything(question: Question, error: RemoteError) -> bool:
    status = error.status if isinstance(error, Refused) else None
    if status == _UNAUTHORIZED or isinstance(question, WhoAmI):
        return True
    return isinstance(question, IssuesOf | AccessTo) and status not in _GONE


def _remedy(question: Question, error: RemoteError) -> str:
    match question:
        case (
            IssuesOf(IssueQuery(place=place)) | AccessTo(place) | LabelsOf(place) | BoardsOf(place)
        ):
            return (
                f"Check that {place} is written as in GitLab (loops_group and the other paths "
                "in policies), and that the token's user is a member there with Planner or above."
            )
        case _:
            return error.remedy
