"""The pages as text: what is on them, what never is, and what is left out where it is not known."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from automation.errors import RemoteError
from automation.labels import DRUMBEAT, State
from automation.model.issue import Access, Board, User
from automation.model.provision import BoardSpec
from automation.model.questions import IssuesOf
from automation.model.snapshot import Unreadable
from automation.report.figures import Tally
from automation.report.site import files_of
from automation.report.views import Views, web_address
from tests.report.company import NOW, WEB, Company, a_company
from tests.support.builders import an_org, at

MONDAY = at("2026-11-16T08:00:00")
CANARIES = ("CANARY-TITLE", "CANARY-TEXT", "CANARY-ITEM", "CANARY-LABEL", "CANARY-PERSON")


def site(company: Company) -> dict[str, str]:
    return {name: make() for name, make in files_of(company.facts(), f"{WEB}/").items()}


@pytest.fixture
def company(tmp_path):
    return a_company(tmp_path, managers=3, weeks=3, directors=2, groups=2)


@pytest.fixture
def small(tmp_path):
    """One manager, one cadence, one group; nothing has happened yet."""
    builder = an_org(tmp_path).with_manager(name="Ada").with_group().with_cadence("ticket-review")
    company = Company(builder.loops())
    company.access = Access({"support/loops": None, "support/sgg/baobab": None})  # type: ignore[dict-item]
    return company


def secret(**facts):
    """What a confidential issue is made of."""
    return {
        "title": "CANARY-TITLE",
        "confidential": True,
        "assignees": (User(9, "canary", "CANARY-PERSON"),),
        **facts,
    }


def test_nothing_of_a_confidential_issue_is_on_any_page(small):
    text = "CANARY-TEXT\n- [ ] CANARY-ITEM"
    for state in State:
        key = f"ticket-review/mgr-1/2026-W4{list(State).index(state)}"
        issue = small.loop(key, state, MONDAY, labels=("CANARY-LABEL",), **secret())
        small.issues[-1] = replace(issue, description=f"{text}\n{issue.description}")
    initiative = secret(
        project="support/sgg/baobab", description=text, labels=frozenset({"SGG", "CANARY-LABEL"})
    )
    small.add(**initiative)
    small.add(**initiative, opened=False, closed_at=NOW)
    pages = site(small)
    hidden = [one.web_url for one in small.issues]
    for name, page in pages.items():
        for word in (*CANARIES, "canary", *hidden):
            assert word not in page, f"{name}: {word}"
    assert "1 confidential" in pages["index.html"]
    assert "1 of them confidential" in pages["groups/baobab.html"]
    assert "1 open, 1 closed" in pages["groups/baobab.html"]


def test_every_manager_director_and_group_has_a_page(company):
    assert set(site(company)) == {
        "index.html", "runs.html", "static/icon.svg", "static/report.css", "static/report.js",
        "managers/mgr-1.html", "managers/mgr-2.html", "managers/mgr-3.html",
        "directors/dir-1.html", "directors/dir-2.html",
        "groups/baobab-1.html", "groups/cedar-2.html",
    }  # fmt: skip


def test_links_are_relative_and_lead_to_files_of_the_site(company):
    pages = site(company)
    for name, page in pages.items():
        for target in re.findall(r'(?:href|src)="([^"#]+)', page):
            if not target.startswith(f"{WEB}/support/"):
                assert "://" not in target
                assert not target.startswith("/")
                up = target.count("../")
                assert up == name.count("/") * target.startswith("../"), (name, target)
                assert target.removeprefix("../") in pages, (name, target)


def test_no_page_holds_script_style_or_a_foreign_address(company):
    for name, page in site(company).items():
        if name.endswith(".html"):
            assert "default-src 'none'; style-src 'self'; script-src 'self'" in page
            assert not re.search(r"<style|<script(?! src=)|\sstyle=|\son\w+=|javascript:", page)


def test_addresses_that_a_browser_must_not_follow_are_text():
    assert web_address("https://gitlab.example.com/x") == "https://gitlab.example.com/x"
    assert [
        web_address(one) for one in ("javascript:alert(1)", "//evil", "/x", "", "http://[")
    ] == [""] * 5


def test_an_initiative_without_a_good_address_is_not_linked(small):
    small.add(
        "Odd",
        project="support/sgg/baobab",
        labels=frozenset({"SGG"}),
        web_url="javascript:alert(1)",
    )
    page = site(small)["groups/baobab.html"]
    assert "<td>Odd<td>" in page
    assert "javascript" not in page


def test_before_the_first_loop_there_are_pages_already(small):
    pages = site(small)
    assert "Nothing is overdue." in pages["index.html"]
    assert "No loops in these weeks." in pages["managers/mgr-1.html"]
    assert "<p>None.</p>" in pages["groups/baobab.html"]
    assert "may be missing" not in pages["index.html"] + pages["groups/baobab.html"]


def test_without_groups_the_page_says_so(tmp_path):
    company = Company(an_org(tmp_path).with_manager().with_cadence("ticket-review").loops())
    company.access = Access({})
    pages = site(company)
    assert "<p>No groups.</p>" in pages["index.html"]
    assert "<h2>Groups</h2>" not in pages["managers/mgr-1.html"]


def test_what_may_be_missing_is_told(small):
    small.access = Access({})
    pages = site(small)
    assert "Confidential loops may be missing" in pages["index.html"]
    assert "Confidential initiatives may be missing" in pages["groups/baobab.html"]


class Veiled(Company):
    """A company whose groups' issues GitLab does not show."""

    def _answer(self, question):
        if isinstance(question, IssuesOf) and question.query.place.startswith("support/sgg"):
            return Unreadable("404")
        return super()._answer(question)


def test_a_group_that_cannot_be_read_does_not_stop_the_report(small):
    pages = site(Veiled(small.loops, access=small.access))
    assert "does not show Drumbeat the initiatives" in pages["groups/baobab.html"]
    assert 'class="n">–' in pages["index.html"]


def test_people_who_left_are_shown_as_long_as_they_had_loops(tmp_path):
    builder = an_org(tmp_path).with_cadence("ticket-review")
    builder.with_manager("mgr-1").with_manager("mgr-2", until=date(2026, 11, 20), director="dir-2")
    builder.with_manager("mgr-3", until=date(2026, 1, 1))
    company = Company(builder.loops())
    company.loop("ticket-review/mgr-2/2026-W47", State.MISSED, MONDAY)
    company.loop("ticket-review/gone/2026-W47", State.OVERDUE, MONDAY, labels=("manager::gone",))
    views = Views(company.facts())
    assert list(views.managers) == ["mgr-1", "mgr-2"]
    assert list(views.directors) == ["dir-1", "dir-2"]
    (row,) = views.late()
    assert (row.manager.text, row.manager.to, row.loop.text) == ("gone", "", "1 confidential")
    assert views.late(["mgr-2"]) == []
    assert views.manager_link(None).text == "nobody"


def test_a_directors_own_loops_have_rows_of_their_own(tmp_path):
    builder = an_org(tmp_path).with_manager().with_cadence("digest", for_each="director")
    company = Company(builder.loops())
    company.loop("digest/dir-1/2026-W47", State.DONE, MONDAY)
    page = site(company)["directors/dir-1.html"]
    assert "<h2>Own loops</h2>" in page
    assert Views(company.facts()).by_cadence(company.facts().history.entries)[0].cells[-2] == Tally(
        done=1
    )


def test_boards_are_linked_where_they_are_known(tmp_path):
    builder = an_org(tmp_path).with_manager().with_cadence("ticket-review")
    loops = builder.loops()
    board = BoardSpec.model_validate(
        {
            "name": "Loops of {{ manager.id }}",
            "for_each": "manager",
            "project": "support/loops",
            "lists": ["loop::open"],
            "only": ["manager::{{ manager.id }}"],
        }
    )
    company = Company(replace(loops, organisation=replace(loops.organisation, boards=(board,))))
    company.boards = (Board(4, "Loops of mgr-1"),)
    address = "support/loops/-/boards/4?label_name[]=manager::mgr-1"
    assert f'href="{WEB}/{address}"' in site(company)["managers/mgr-1.html"]
    assert files_of(company.facts())["managers/mgr-1.html"]().count("Loops of mgr-1") == 1


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&{{ 7*7 }}\u202e"


def test_text_from_gitlab_and_the_roster_is_escaped(tmp_path):
    builder = an_org(tmp_path).with_manager(name=HOSTILE).with_group(name=HOSTILE)
    company = Company(builder.with_cadence("ticket-review").loops())
    company.loop("ticket-review/mgr-1/2026-W47", State.OVERDUE, MONDAY, title=HOSTILE)
    company.add(
        HOSTILE,
        project="support/sgg/baobab",
        labels=frozenset({"SGG", HOSTILE}),
        assignees=(User(3, "x", HOSTILE),),
        web_url=f'https://gitlab.example.com/"onclick="alert(1)"{HOSTILE[:-1]}',
    )
    pages = site(company)
    for page in (text for name, text in pages.items() if name.endswith(".html")):
        assert "<script>alert" not in page
        assert "<img" not in page
        assert '"onclick' not in page
        assert "\u202e" not in page
    assert "&lt;script&gt;" in pages["index.html"]


def test_a_list_that_gitlab_does_not_show_stops_the_report(small):
    class Shut(Company):
        def _answer(self, question):
            if isinstance(question, IssuesOf) and DRUMBEAT in question.query.labels:
                return Unreadable("403")
            return super()._answer(question)

    with pytest.raises(RemoteError, match="403"):
        Shut(small.loops, access=small.access).facts()
