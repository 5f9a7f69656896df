"""Pages of a part of the organisation: what is in it, and that they say so."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from automation.labels import State
from automation.model.issue import IssueQuery
from automation.model.questions import IssuesOf, Question
from automation.model.scope import Scope
from automation.planner import find_out
from automation.report.gathering import Facts, gather
from automation.report.site import files_of
from automation.report.views import Views
from tests.commands.office import Drumbeat, Office
from tests.report.company import NOW, WEB, Company, a_company
from tests.report.test_report_verb import texts
from tests.support.builders import an_org, at


@pytest.fixture
def company(tmp_path: Path) -> Company:
    """Managers 1 and 3 are director 1's, who sponsor group 1; the others are director 2's."""
    return a_company(tmp_path, managers=4, weeks=3, directors=2, groups=2)


def part(company: Company, **names: str) -> dict[str, str]:
    made = files_of(facts(company, **names), f"{WEB}/")
    return {name: make() for name, make in made.items() if name.endswith(".html")}


def facts(company: Company, **names: str) -> Facts:
    scope = Scope({kind: frozenset({name}) for kind, name in names.items()})
    loops = replace(company.loops, scope=scope)
    return find_out(company, lambda snapshot: gather(loops, snapshot, NOW))


PARTS = [
    ({"director": "dir-1"}, {"directors/dir-1", "managers/mgr-1", "managers/mgr-3",
                             "groups/baobab-1"}),
    ({"manager": "mgr-2"}, {"managers/mgr-2", "groups/cedar-2"}),
    ({"group": "cedar-2"}, {"groups/cedar-2"}),
    ({"cadence": "one-on-one"}, {"directors/dir-1", "directors/dir-2", "managers/mgr-1",
                                 "managers/mgr-2", "managers/mgr-3", "managers/mgr-4",
                                 "groups/baobab-1", "groups/cedar-2"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("names", "pages"), PARTS, ids=lambda one: "-".join(one) if isinstance(one, dict) else "pages"
)
def test_the_pages_of_a_part(company: Company, names: Any, pages: set[str]) -> None:
    found = part(company, **names)
    assert {one.removesuffix(".html") for one in found} == {"index", "runs", *pages}
    ((kind, name),) = names.items()
    told = f"<strong>A part of the organisation only:</strong> {kind} {name}."
    for file, text in found.items():
        assert told in text, file


def test_the_whole_says_nothing_of_a_part(company: Company) -> None:
    assert not [name for name, text in part(company).items() if "A part of" in text]


def test_figures_are_of_the_part(company: Company) -> None:
    everything = len(company.facts().history.entries)
    assert everything == 4 * 4 * 3
    for names, count in (
        ({"director": "dir-1"}, 24),
        ({"manager": "mgr-2"}, 12),
        ({"cadence": "one-on-one"}, 12),
        ({"director": "dir-2", "cadence": "one-on-one"}, 6),
        ({"group": "cedar-2"}, 0),
    ):
        assert len(facts(company, **names).history.entries) == count, names


def test_nobody_else_is_named_on_the_pages_of_a_part(company: Company) -> None:
    others = [one.name for one in company.loops.organisation.managers.values()
              if one.director != "dir-1"]  # fmt: skip
    everything = " ".join(part(company, director="dir-1").values())
    assert [name for name in others if name in everything] == []


def test_other_groups_are_not_even_read(company: Company) -> None:
    assert list(facts(company, group="cedar-2").groups) == ["cedar-2"]
    whole, alone = Asked(company), Asked(company)
    for asked, names in ((whole, {}), (alone, {"group": "cedar-2"})):
        facts(asked, **names)
    assert len(alone.lists) < len(whole.lists)


class Asked(Company):
    """A company that remembers which lists it was asked for."""

    def __init__(self, company: Company) -> None:
        super().__init__(company.loops, company.issues, company.access)
        self.lists: list[IssueQuery] = []

    def answer(self, questions: Collection[Question]) -> dict[Question, object]:
        self.lists += [one.query for one in questions if isinstance(one, IssuesOf)]
        return super().answer(questions)


def test_loops_of_who_and_what_is_gone(tmp_path: Path) -> None:
    """Whose they were tell the labels, as far as anything does."""
    builder = an_org(tmp_path).with_manager().with_manager("mgr-2", director="dir-2")
    company = Company(builder.with_cadence().loops())
    monday = at("2026-11-16T08:00:00")
    company.loop("gone/mgr-1/2026-W47", State.DONE, monday, labels=("manager::mgr-1",))
    company.loop("gone/dir-1/2026-W47", State.DONE, monday, labels=("director::dir-1",))
    company.loop("gone/who/2026-W47", State.DONE, monday)

    def keys(**names: str) -> list[str]:
        return [str(one.key) for one in facts(company, **names).history.entries]

    assert keys(director="dir-1") == ["gone/mgr-1/2026-W47", "gone/dir-1/2026-W47"]
    assert keys(manager="mgr-1") == ["gone/mgr-1/2026-W47"]
    assert keys(manager="mgr-2") == []
    assert len(keys()) == 3
    assert keys(cadence="weekly") == []


def test_a_manager_who_moved_is_with_the_director_of_today(tmp_path: Path) -> None:
    builder = an_org(tmp_path).with_cadence()
    builder.with_manager("mgr-1", director="dir-1", until=date(2026, 11, 20))
    since: dict[str, Any] = {"from": date(2026, 11, 21)}
    builder.with_manager("mgr-1", director="dir-2", **since)
    company = Company(builder.loops())
    company.loop("weekly/mgr-1/2026-W47", State.DONE, at("2026-11-16T08:00:00"))
    views = Views(facts(company, director="dir-2"))
    assert (list(views.managers), list(views.directors)) == (["mgr-1"], ["dir-2"])
    assert len(views.entries(["mgr-1"])) == 1
    assert facts(company, director="dir-1").history.entries == ()


# --- The verb ----------------------------------------------------------------------------


def test_a_directors_part_alone(office: Office, drumbeat: Drumbeat, tmp_path: Path) -> None:
    assert drumbeat.here("apply").code == 0
    public = tmp_path / "public"
    ran = drumbeat.here("report", "--out", public, "--only", "director=dir-emea")
    assert ran.code == 0
    pages = texts(public)
    assert "directors/dir-emea.html" in pages
    assert not [name for name in pages if "amer" in name]
    assert "A part of the organisation only:" in pages["index.html"]


@pytest.mark.parametrize("only", ["report=se-301", "triage=stale-initiatives"])
def test_what_has_no_pages_is_refused(drumbeat: Drumbeat, tmp_path: Path, only: str) -> None:
    ran = drumbeat.here("report", "--out", tmp_path / "public", "--only", only)
    kind = only.partition("=")[0]
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        f"drumbeat: --only {kind}=… is no part of the report\n"
        "  Name a director, manager, group or cadence.\n"
    )
    assert not (tmp_path / "public").exists()
