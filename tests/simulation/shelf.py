"""The fake GitLab, made quick enough for years: lists are found by index."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from automation.model.issue import Issue, IssueQuery, IssueRef, Project
from automation.model.questions import Question
from tests.support.fake_gitlab import FakeGitLab, matches

ENDED = frozenset({"loop::done", "loop::missed", "loop::waived"})


class Shelf(dict[IssueRef, Issue]):
    """All issues; those that are `on`, and when each was created, are kept at hand."""

    def __init__(self) -> None:
        super().__init__()
        self.on: dict[IssueRef, Issue] = {}
        self.by_time: list[tuple[datetime, int, IssueRef]] = []
        self.numbers: Counter[int] = Counter()

    def __setitem__(self, ref: IssueRef, issue: Issue) -> None:
        if ref not in self:
            insort(self.by_time, (issue.created_at, issue.id, ref))
            self.numbers[ref.project_id] = max(self.numbers[ref.project_id], ref.iid)
        super().__setitem__(ref, issue)
        if issue.opened or not issue.labels & ENDED:
            self.on[ref] = issue
        else:
            self.on.pop(ref, None)

    def __delitem__(self, ref: IssueRef) -> None:
        issue = self[ref]
        self.by_time.remove((issue.created_at, issue.id, ref))
        self.on.pop(ref, None)
        super().__delitem__(ref)


@dataclass
class QuickGitLab(FakeGitLab):
    """Answers as the plain one does; every now and then that is compared."""

    issues: Any = field(default_factory=Shelf)
    lists: int = 0

    def answer(self, questions: Collection[Question]) -> dict[Question, object]:
        """Years of answers are not kept."""
        return {question: self._answer(question) for question in questions}

    def _list(self, query: IssueQuery) -> tuple[Issue, ...]:
        self.lists += 1
        found = sorted(
            (issue for issue in self._candidates(query) if matches(issue, query)),
            key=lambda issue: (issue.created_at, issue.id),
        )
        if self.lists % 500 == 0:
            assert tuple(found) == super()._list(query)
        return tuple(found)

    def _candidates(self, query: IssueQuery) -> list[Issue]:
        if query.state == "opened" or set(query.without) >= ENDED:
            return list(self.issues.on.values())
        begin = 0
        if query.created_after is not None:
            begin = bisect_left(self.issues.by_time, (query.created_after, 0))
        return [self.issues[ref] for _, _, ref in self.issues.by_time[begin:]]

    def _next_iid(self, project: Project) -> int:
        return self.issues.numbers[project.id] + 1
