"""`drumbeat adopt` against the embedded GitLab: shown, chosen, written, and kept."""

from __future__ import annotations

import shutil

import pytest

from tests.commands.office import NOW, ROOT

TITLE = "Weekly one on one, Aoife Ní Dhomhnaill"
KEY = "one-on-one/mgr-emea-1/2026-W48"


@pytest.fixture
def place(tmp_path):
    """A copy of the sample repository, to be written to."""
    for name in ("policies", "issue_templates"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def reference(office):
    aoife = office.person("mgr-emea-1")
    project = "support%2F1-1s%2Fmgr-emea-1"
    issue = aoife.post(f"/projects/{project}/issues", title=TITLE, description="- [ ] talk")
    return issue["references"]["full"]


def adopt(drumbeat, place, *argv):
    return drumbeat("adopt", "-C", place, "--now", NOW, "--only", "cadence=one-on-one", *argv)


def test_what_fits_is_shown_and_nothing_written(drumbeat, office, place, reference):
    done = adopt(drumbeat, place)
    assert done.code == 0
    assert done.out == (
        f"  {KEY}\n      {reference}  “{TITLE}”\n"
        "      because its title names one-on-one, its title names Aoife Ní Dhomhnaill\n"
    )
    assert f"--take {KEY}={reference}" in done.err
    assert not (place / "policies" / "adopted.yml").exists()


@pytest.mark.parametrize("choose", [lambda _: ["--all"], lambda ref: ["--take", f"{KEY}={ref}"]])
def test_what_is_chosen_is_written_and_opens_nothing_twice(
    drumbeat, office, place, reference, choose
):
    assert adopt(drumbeat, place, *choose(reference)).code == 0
    project, _, iid = reference.partition("#")
    assert (place / "policies" / "adopted.yml").read_text(encoding="utf-8") == (
        "# Issues that people opened themselves and that are loops. Written by `drumbeat adopt`.\n"
        f"kind: adopted\nloops:\n  {KEY}:\n    project: {project}\n    iid: {iid}\n"
    )
    assert drumbeat("lint", "-C", place, "--now", NOW).code == 0
    plan = drumbeat("plan", "-C", place, "--now", NOW, "--format", "json")
    opened = [one["key"] for one in plan.json["changes"] if one["kind"] == "create-issue"]
    assert KEY not in opened
    assert "one-on-one/mgr-emea-2/2026-W48" in opened
    assert adopt(drumbeat, place).err.startswith("No issue looks like a loop")


def test_a_second_adoption_keeps_the_first(drumbeat, office, place, reference):
    adopt(drumbeat, place, "--all")
    adopt(drumbeat, place, "--take", "one-on-one/mgr-emea-2/2026-W48=support/loops#77")
    text = (place / "policies" / "adopted.yml").read_text(encoding="utf-8")
    assert text.count("project:") == 2


@pytest.mark.parametrize("text", ["nonsense", "a=b", "a/b/2026-W48=x", "a/b=x/y#1"])
def test_a_choice_that_is_none(drumbeat, office, place, text):
    done = adopt(drumbeat, place, "--take", text)
    assert done.code == 2
    assert done.err == (
        f"drumbeat: --take {text!r} is not KEY=ISSUE\n"
        "  Write it like one-on-one/mgr-1/2026-W48=support/loops#12.\n"
    )


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("weakly/mgr-emea-1/2026-W48", "there is no cadence 'weakly'"),
        ("one-on-one/mgr-9/2026-W48", "one-on-one has no manager 'mgr-9'"),
    ],
)
def test_a_key_that_no_loop_could_have(drumbeat, office, place, key, message):
    done = adopt(drumbeat, place, "--take", f"{key}=support/loops#1")
    assert done.code == 2
    assert message in done.err
    assert not (place / "policies" / "adopted.yml").exists()


def test_a_title_that_a_terminal_would_obey_is_shown_as_a_line(drumbeat, office, place):
    title = "\x1b[2J\u202eWeekly one on one\r, Aoife Ní Dhomhnaill"
    project = "support%2F1-1s%2Fmgr-emea-1"
    office.person("mgr-emea-1").post(f"/projects/{project}/issues", title=title, description="x")
    assert "“[2JWeekly one on one , Aoife Ní Dhomhnaill”" in adopt(drumbeat, place).out
