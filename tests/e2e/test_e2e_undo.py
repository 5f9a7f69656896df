"""A wrong run is undone over HTTP: what nobody touched goes back, and the rest is listed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.drive import Ran, apply, drumbeat
from tests.e2e.outside import PLANNER, Site, initiative
from tests.e2e.small import cadence, manager, repository, roster, settings, settle, usual

FOUNDED = "2026-11-20T12:00:00Z"
MONDAY = "2026-11-23T09:00:00Z"
NOON = "2026-11-23T12:00:00Z"
EVENING = "2026-11-23T18:00:00Z"
FRIDAY = "2026-11-27T09:00:00Z"
NEXT_MONDAY = "2026-11-30T09:00:00Z"
AFTER_THAT = "2026-12-07T09:00:00Z"
TEN = tuple(f"m{number}" for number in range(10))
LABELS = {
    "kind": "triage",
    "name": "eager",
    "where": {"group": "support/sgg", "labels": ["SGG"]},
    "rules": [
        {
            "name": "stale",
            "when": 'not has("initiative::stale")',
            "do": {"label": "initiative::stale", "unlabel": "fresh"},
        }
    ],
}


def states(issue: dict[str, Any]) -> list[str]:
    return [label for label in issue["labels"] if label.startswith("loop::")]


class Wrong:
    """Ten loops and three labels that nobody wanted, and who takes them back."""

    def __init__(self, site: Site, folder: Path) -> None:
        self.site = settle(site, *TEN)
        self.folder = folder
        self.file = folder / "wrong.json"
        site.project("support/sgg/oak")
        site.user("eve")
        site.member("groups", "support/sgg", "eve", PLANNER)
        self.initiatives = [
            initiative(site["eve"], "oak", f"Initiative {number}", labels="SGG,fresh")
            for number in range(3)
        ]
        self.right = self.policies("right")
        self.bad = self.policies("bad", cadence("weekly"), LABELS)

    def policies(self, name: str, *wrong: dict[str, Any]) -> Path:
        oak = {"id": "oak", "project": "support/sgg/oak", "sponsor": "m0", "timezone": "UTC"}
        people = roster(*(manager(one) for one in TEN), groups=[oak])
        return repository(self.folder / name, settings(), people, *wrong)

    def happened(self) -> None:
        apply(self.site, MONDAY, "--outcomes", str(self.file), root=self.bad)

    def undo(self, *more: str, now: str = NOON, expect: int | None = 0) -> Ran:
        self.site.at(now)
        file = str(self.file)
        return drumbeat(self.site, "undo", now, file, *more, root=self.right, expect=expect)

    def loops(self) -> list[dict[str, Any]]:
        """By whose they are."""
        return sorted(self.site.loops(), key=lambda issue: str(issue["title"]))

    def see(self, issue: dict[str, Any]) -> dict[str, Any]:
        return self.site.root.see(issue)


@pytest.fixture
def wrong(empty, tmp_path) -> Wrong:
    return Wrong(empty(FOUNDED), tmp_path)


def test_a_wrong_run_is_taken_back_where_nobody_touched_it(wrong: Wrong) -> None:
    wrong.happened()
    site, loops = wrong.site, wrong.loops()
    assert [states(one) for one in loops] == [["loop::open"]] * 10
    assert [sorted(wrong.see(one)["labels"]) for one in wrong.initiatives] == [
        ["SGG", "initiative::stale"]
    ] * 3
    site["m0"].tick(loops[0], lambda index: index == 0)
    site["m1"].comment(loops[1], "Is this new?")
    site["m2"].edit(loops[2], state_event="close")
    site["eve"].comment(wrong.initiatives[2], "It is not stale at all.")

    site.forget_requests()
    shown = wrong.undo()
    assert site.writes() == {}
    assert "Close (7)" in shown.out
    assert "7 to close, 2 to label or remind (7 notes among them)." in shown.out
    assert f"drumbeat undo {wrong.file} --yes" in shown.err
    for words in (
        "! weekly/m0/2026-W48: it was opened, and somebody ticked in it",
        "! weekly/m1/2026-W48: it was opened, and somebody commented on it",
        "! weekly/m2/2026-W48: it was opened, and somebody closed it",
        "! support/sgg/oak#3: it is left as it is: somebody commented on it since",
        "! initiative::stale: the label stays: issues may bear it",
    ):
        assert words in shown.out, words

    done = wrong.undo("--yes", "--outcomes", str(wrong.folder / "undone.json"))
    assert "10 done\n" in done.out  # with the label `loop::waived`
    kept, closed = loops[:3], [wrong.see(one) for one in loops[3:]]
    assert [(one["state"], states(one)) for one in closed] == [("closed", ["loop::waived"])] * 7
    for one in closed:
        (note,) = site.root.notes(one)
        assert note["body"].startswith("This was opened by mistake. There is nothing to do here.")
    assert [(wrong.see(one)["state"], states(wrong.see(one))) for one in kept] == [
        ("opened", ["loop::open"]),
        ("opened", ["loop::open"]),
        ("closed", ["loop::open"]),
    ]
    assert [sorted(wrong.see(one)["labels"]) for one in wrong.initiatives] == [
        ["SGG", "fresh"],
        ["SGG", "fresh"],
        ["SGG", "initiative::stale"],
    ]
    for one in wrong.initiatives[:2]:
        assert site.root.notes(one) == []
    _nothing_surprising_follows(wrong, closed)


def _nothing_surprising_follows(wrong: Wrong, closed: list[dict[str, Any]]) -> None:
    """Runs with the right policies, with the wrong cadence, and the same undo once more."""
    site = wrong.site
    assert apply(site, NOON, root=wrong.right).nothing_to_do
    no_labels = wrong.policies("cadence", cadence("weekly"))
    ran = apply(site, EVENING, root=no_labels)
    # What a person closed is labelled as they left it.
    assert "~ weekly/m2/2026-W48  support/loops#" in ran.err
    assert "1 done\n" in ran.out
    assert apply(site, EVENING, root=no_labels).nothing_to_do
    assert len(site.loops()) == 10
    site.forget_requests()
    again = wrong.undo("--yes", now=EVENING)
    assert site.writes() == {}
    assert "Nothing to do." in again.out
    assert "Needs a person (6)" in again.out
    assert [wrong.see(one)["updated_at"] for one in closed] == [one["updated_at"] for one in closed]


def test_an_undo_that_was_cut_short_is_finished_by_the_next(wrong: Wrong) -> None:
    wrong.happened()
    wrong.site.faults({"action": "cut_after", "method": "POST", "route": "/notes$", "every": 3})
    first = wrong.undo("--yes", expect=1)
    assert "3 with unknown outcome" in first.out
    wrong.site.faults()
    wrong.undo("--yes")
    for loop in wrong.site.loops():
        assert (loop["state"], states(loop)) == ("closed", ["loop::waived"])
        assert len(wrong.site.root.notes(loop)) == 1
    assert "Nothing to do." in wrong.undo("--yes").out


def test_an_undo_can_be_undone(wrong: Wrong) -> None:
    wrong.happened()
    back = wrong.folder / "back.json"
    wrong.undo("--yes", "--outcomes", str(back))
    wrong.site.at(EVENING)
    drumbeat(wrong.site, "undo", EVENING, str(back), "--yes", root=wrong.right)
    assert [(one["state"], states(one)) for one in wrong.site.loops()] == [
        ("opened", ["loop::open"])
    ] * 10
    assert {tuple(sorted(wrong.see(one)["labels"])) for one in wrong.initiatives} == {
        ("SGG", "initiative::stale")
    }
    # They are loops like any other again: all ticked, they close.
    cadence_only = wrong.policies("cadence", cadence("weekly"))
    loop = wrong.loops()[4]
    wrong.site["m4"].tick(loop)
    assert "Close (1)" in apply(wrong.site, EVENING, root=cadence_only).err
    assert states(wrong.see(loop)) == ["loop::done"]


def test_a_lost_opening_is_found_by_its_key(wrong: Wrong) -> None:
    wrong.site.faults({"action": "cut_after", "method": "POST", "route": "/issues$", "every": 5})
    apply(wrong.site, MONDAY, "--outcomes", str(wrong.file), root=wrong.bad, expect=1)
    wrong.site.faults()
    kept = json.loads(wrong.file.read_text())["outcomes"]
    assert sorted(one["status"] for one in kept if one["deed"] == "open") == [
        *["done"] * 8,
        *["unknown"] * 2,
    ]
    wrong.undo("--yes")
    assert [one["state"] for one in wrong.site.loops()] == ["closed"] * 10


# --- What was carried over ------------------------------------------------------------------


def _carried(site: Site, folder: Path) -> tuple[Path, Path, dict[str, Any], dict[str, Any]]:
    """A week's loop that was closed as missed, by a run that opened the next one."""
    settle(site)
    repo, file = folder / "repo", folder / "o.json"
    usual(repo, "anna", when_previous_open="carry_over", due="3 working days")
    apply(site, MONDAY, root=repo)
    apply(site, FRIDAY, root=repo)
    apply(site, NEXT_MONDAY, "--outcomes", str(file), root=repo)
    old, new = site.loops()
    assert (old["state"], states(old)) == ("closed", ["loop::missed"])
    return repo, file, old, new


def test_what_was_carried_over_goes_on_where_it_was(empty, tmp_path) -> None:
    site = empty(FOUNDED)
    repo, file, old, new = _carried(site, tmp_path)
    said = len(site.root.notes(old))
    drumbeat(site, "undo", NEXT_MONDAY, str(file), "--yes", root=repo)
    back, gone = site.root.see(old), site.root.see(new)
    assert (back["state"], states(back)) == ("opened", ["loop::overdue"])
    assert (gone["state"], states(gone)) == ("closed", ["loop::waived"])
    *_, word = site.root.notes(old)
    assert word["body"].startswith(
        "This was closed by mistake, so it is open again. The one that was opened in its place "
        "is closed."
    )
    assert len(site.root.notes(old)) == said + 1

    for now in ("2026-11-30T11:00:00Z", "2026-12-02T09:00:00Z"):
        assert apply(site, now, root=repo).nothing_to_do
    # Drumbeat opened it again, and no person: so the next week takes it over.
    text = site.root.see(old)["description"]
    site["anna"].edit(old, description=f"- [ ] A thing of her own\n{text}")
    apply(site, AFTER_THAT, root=repo)
    third = site.loops()[-1]
    assert states(site.root.see(old)) == ["loop::missed"]
    assert "- [ ] A thing of her own (from [2026-W48](" in third["description"]
    assert "2026-W49" not in third["description"]
    assert apply(site, "2026-12-07T10:00:00Z", root=repo).nothing_to_do


def test_what_was_carried_over_and_ticked_there_stays_there(empty, tmp_path) -> None:
    site = empty(FOUNDED)
    repo, file, old, new = _carried(site, tmp_path)
    site["anna"].tick(new, lambda index: index == 0)
    shown = drumbeat(site, "undo", NEXT_MONDAY, str(file), "--yes", root=repo)
    assert "weekly/anna/2026-W49: it was opened, and somebody ticked in it" in shown.out
    assert "weekly/anna/2026-W49, where its open items went, stays" in shown.out
    assert "Nothing to do." in shown.out
    assert states(site.root.see(old)) == ["loop::missed"]
    assert site.root.see(new)["state"] == "opened"


def test_what_a_person_reopens_after_an_undo_is_theirs(empty, tmp_path) -> None:
    site = empty(FOUNDED)
    settle(site)
    repo, file = usual(tmp_path / "repo", "anna"), tmp_path / "o.json"
    apply(site, MONDAY, "--outcomes", str(file), root=repo)
    drumbeat(site, "undo", MONDAY, str(file), "--yes", root=repo)
    (loop,) = site.loops()
    site.at(NOON)
    site["anna"].edit(loop, state_event="reopen")
    site["anna"].tick(loop)
    for now in (EVENING, FRIDAY):
        assert apply(site, now, root=repo).nothing_to_do
    shown = drumbeat(site, "undo", FRIDAY, str(file), "--yes", root=repo)
    assert "Nothing to do." in shown.out
    assert site.root.see(loop)["state"] == "opened"


def test_a_loop_that_is_deleted_opens_again(empty, tmp_path) -> None:
    site = empty(FOUNDED)
    settle(site)
    repo, file = usual(tmp_path / "repo", "anna"), tmp_path / "o.json"
    apply(site, MONDAY, "--outcomes", str(file), root=repo)
    drumbeat(site, "undo", MONDAY, str(file), "--yes", root=repo)
    (loop,) = site.loops()
    site.root.delete(f"/projects/{loop['project_id']}/issues/{loop['iid']}")
    assert "Nothing to do." in drumbeat(site, "undo", NOON, str(file), root=repo).out
    apply(site, NOON, root=repo)
    (again,) = site.loops()
    assert (again["state"], again["title"]) == ("opened", loop["title"])
