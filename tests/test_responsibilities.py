"""Every responsibility shows in the loops of everybody whom it concerns.

The sample's loops of half a year are rendered: first weeks of months, beginnings of quarters,
weeks on call, and what comes once a year are among them.
"""

from __future__ import annotations

from collections import defaultdict

import pytest

from automation.commands.workspace import open_loops
from automation.rules.gathering import sampled
from tests.responsibilities import HANDBOOK, ROWS, Served
from tests.support.builders import MONDAY, at
from tests.support.fake_gitlab import FakeGitLab
from tests.support.sample import REPOSITORY

BEGIN, END = at("2026-10-31"), at("2027-06-02")
ALL = [(f"row {number}", one) for number, row in ROWS.items() for one in row] + [
    ("handbook", one) for one in HANDBOOK
]
Texts = dict[str, dict[str, str]]


def one_line(text: str) -> str:
    return " ".join(text.replace("\\", "").split())


@pytest.fixture(scope="module")
def texts() -> Texts:
    """What the loops of each cadence show to each of its subjects, and what triage says."""
    loops = open_loops(REPOSITORY)
    found: Texts = defaultdict(dict)
    for cadence, subject in loops.pairs():
        coming = loops.coming(cadence, subject, BEGIN, END)
        bodies = [sampled(loop)[0].body for loop in coming if not loop.skipped]
        found[cadence.name][subject.id] = one_line(" ".join(bodies))
    gitlab = FakeGitLab(MONDAY)
    issue = gitlab.open("support/meta", "Better", "- [ ] try", author=gitlab.with_user("anna"))
    context = {
        "issue": issue,
        "mentions": "",
        "quiet_days": 30,
        "last_word": None,
        "open_items": (),
    }
    for policy in loops.organisation.triages:
        names = [rule.do.comment for rule in policy.rules if rule.do.comment]
        said = [loops.library.get(name).render(context) for name in names]
        found[policy.name][policy.name] = one_line(" ".join(said))
    return found


@pytest.mark.parametrize(
    "served", [one for _, one in ALL], ids=[f"{row}: {one.what}" for row, one in ALL]
)
def test_it_is_served_for_every_subject(texts: Texts, served: Served) -> None:
    assert texts[served.policy], f"there is no policy {served.policy}"
    lacking = [who for who, text in texts[served.policy].items() if served.text not in text]
    assert lacking == []


def test_nothing_is_left_out_and_nothing_is_there_for_no_reason(texts: Texts) -> None:
    """The 29 rows, and the handbook page's 44 rows, 2 aims, its hazards and its 27 other points."""
    assert list(ROWS) == list(range(1, 30))
    assert len(HANDBOOK) == 44 + 2 + 1 + 27
    assert len({one.what for one in HANDBOOK}) == len(HANDBOOK)
    serving = {one.policy for _, one in ALL}
    beside = {"weekly-roll-up", "blocked-initiatives", "paused-initiatives"}
    assert serving | beside == set(texts)
