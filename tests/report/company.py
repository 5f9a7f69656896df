"""A company with a year behind it, as plain issues: for figures, pages and speed.

How each loop went follows from its number, so that the same company always looks the same.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from automation.identity import marker
from automation.labels import ATTENTION, DRUMBEAT, State
from automation.loops import Loops
from automation.model.issue import Access, Board, Identity, Issue, IssueRef, Project, User
from automation.model.key import LoopKey
from automation.model.questions import AccessTo, BoardsOf, IssuesOf, Question, WhoAmI
from automation.model.roster import Director
from automation.planner import find_out
from automation.report.gathering import Facts, gather
from tests.support.builders import OrgBuilder, an_org
from tests.support.fake_gitlab import matches

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BOT = User(7, "support-drumbeat", "Drumbeat")
SOMEBODY = User(8, "se-1", "Sam")
WEB = "https://gitlab.example.com"
CADENCES = ("one-on-one", "ticket-review", "customer-interaction", "team-meeting")
FIRST = ("Ada", "Bo", "Chi", "Dana", "Eli", "Fen", "Gus", "Hana", "Ivo", "Jun")
LAST = ("Adeyemi", "Berg", "Castro", "Dietrich", "Eriksen", "Fonseca", "Grover", "Haddad")


@dataclass
class Company:
    """Issues and what else the pages ask for; answers like a reader."""

    loops: Loops
    issues: list[Issue] = field(default_factory=list)
    access: Access = field(default_factory=Access)
    boards: tuple[Board, ...] = ()

    def answer(self, questions: Collection[Question]) -> dict[Question, object]:
        return {question: self._answer(question) for question in questions}

    def _answer(self, question: Question) -> object:
        match question:
            case WhoAmI():
                return Identity(BOT)
            case IssuesOf(query):
                return tuple(one for one in self.issues if matches(one, query))
            case AccessTo():
                return self.access
            case BoardsOf():
                return self.boards
        raise AssertionError(question)

    def facts(self, now: datetime = NOW) -> Facts:
        return find_out(self, lambda snapshot: gather(self.loops, snapshot, now))

    def add(self, title: str, **facts: Any) -> Issue:
        """An issue: opened, in the loops' project, by Drumbeat, unless facts say otherwise."""
        number = len(self.issues) + 1
        project = facts.pop("project", "support/loops")
        fields: dict[str, Any] = {
            "id": number,
            "ref": IssueRef(abs(hash(project)) % 1000, number),
            "project": project,
            "title": title,
            "description": "",
            "opened": True,
            "labels": frozenset(),
            "author": BOT,
            "created_at": NOW,
            "updated_at": NOW,
            "web_url": f"{WEB}/{project}/-/issues/{number}",
        }
        issue = Issue(**fields | facts)
        self.issues.append(issue)
        return issue

    def loop(self, key: str, state: State, opened: datetime, **facts: Any) -> Issue:
        """A loop in a state, opened at that time; one that is over was closed four days later."""
        found = LoopKey.parse(key)
        assert found is not None
        is_open = state in (State.OPEN, State.OVERDUE)
        labels = frozenset({DRUMBEAT, state, *facts.pop("labels", ())})
        fields = {
            "description": f"- [ ] first\n{marker(found)}",
            "opened": is_open,
            "labels": labels,
            "created_at": opened,
            "closed_at": None if is_open else opened + timedelta(days=4),
            "due_date": opened.date() + timedelta(days=4),
        }
        title = facts.pop("title", f"{found.cadence} of {found.subject}, {found.period}")
        return self.add(title, **fields | facts)


def a_company(
    folder: Path, managers: int = 12, weeks: int = 52, directors: int = 3, groups: int = 4
) -> Company:
    """Loops of four cadences, the first of them confidential, and groups with initiatives."""
    company = Company(_organisation(folder, managers, directors, groups).loops())
    organisation = company.loops.organisation
    projects = ["support/loops", *(one.project for one in organisation.groups.values())]
    company.access = Access({path: Project(n, path) for n, path in enumerate(projects, 1)})
    for number, manager in enumerate(organisation.managers):
        for back in reversed(range(weeks)):
            _week(company, number, manager, back)
    for number, group in enumerate(organisation.groups.values()):
        _initiatives(company, number, group.project)
    return company


def _organisation(folder: Path, managers: int, directors: int, groups: int) -> OrgBuilder:
    builder = an_org(folder)
    for name in CADENCES:
        builder.with_cadence(name, confidential=name == CADENCES[0])
    for number in range(directors):
        director, name = f"dir-{number + 1}", f"{FIRST[-1 - number % 10]} {LAST[-1 - number % 8]}"
        builder.directors.append(Director(id=director, username=director, name=name))
    for number in range(managers):
        name = f"{FIRST[number % len(FIRST)]} {LAST[number // 2 % len(LAST)]}"
        director = f"dir-{number % directors + 1}"
        builder.with_manager(f"mgr-{number + 1}", name=name, director=director, reports=0)
    for number in range(groups):
        name = ("Baobab", "Cedar", "Ginkgo", "Maple")[number % 4]
        builder.with_group(f"{name.lower()}-{number + 1}", f"mgr-{number + 1}", name=name)
    return builder


def _week(company: Company, number: int, manager: str, back: int) -> None:
    opened = datetime(2026, 11, 23, 8, tzinfo=UTC) - timedelta(weeks=back)
    year, week, _ = opened.isocalendar()
    for place, cadence in enumerate(CADENCES):
        chance = zlib.crc32(f"{manager} {back} {cadence}".encode()) % (9 + number % 3 * 4)
        key = f"{cadence}/{manager}/{year}-W{week:02}"
        secret = {"project": f"support/1-1s/{manager}", "confidential": True} if not place else {}
        labels = (ATTENTION,) if chance == 3 and back < 3 else ()
        company.loop(key, _went(chance, back), opened, labels=labels, **secret)


def _went(chance: int, back: int) -> State:
    if back == 0:
        return State.DONE if chance > 6 else State.OPEN
    if back == 1 and chance < 2:
        return State.OVERDUE
    missed = (0,) if back % 7 else (0, 1, 4)
    return State.MISSED if chance in missed else State.WAIVED if chance == 2 else State.DONE


HEALTHS = ("", "initiative::stale", "initiative::blocked", "", "initiative::needs-manager", "")


def _initiatives(company: Company, number: int, project: str) -> None:
    topics = ("Runbook for failovers", "Answer templates", "Training path", "Search tips")
    for place in range(6 + number):
        days = 9 + place * place * 12
        company.add(
            f"{topics[place % 4]} {place + 1}",
            project=project,
            author=SOMEBODY,
            labels=frozenset({"SGG", HEALTHS[(place + number) % 6]} - {""}),
            created_at=NOW - timedelta(days=days),
            assignees=(SOMEBODY,) if place % 3 else (),
            due_date=date(2026, 11, 20) if place == 2 else None,
        )
