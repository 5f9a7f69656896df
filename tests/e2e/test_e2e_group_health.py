"""The shipped policies for initiatives, through the months: asked about, escalated, shown."""

from __future__ import annotations

import re

import pytest

from tests.e2e.drive import apply, drumbeat
from tests.e2e.outside import BOT, OTHER_BOT, Site, at, initiative, titles

OPENED = "2026-10-05T09:00:00Z"
STALE, NEEDS_MANAGER = "initiative::stale", "initiative::needs-manager"
BLOCKED, PAUSED = "initiative::blocked", "initiative::paused"
TRIAGE = tuple(
    word
    for name in ("stale-initiatives", "blocked-initiatives", "paused-initiatives")
    for word in ("--only", f"triage={name}")
)
HEALTH = ("--only", "cadence=group-health", "--only", "group=baobab")


def health(site: Site, issue) -> set[str]:
    labels = site.root.see(issue)["labels"]
    return {label for label in labels if label.startswith("initiative::")}


def said(site: Site, issue) -> list[str]:
    """What Drumbeat said on it, oldest first."""
    return [n["body"] for n in site.root.notes(issue) if n["author"]["username"] == BOT]


def mentioned(text: str) -> list[str]:
    return re.findall(r"@([\w.-]+)", text)


def lists_of_projects(site: Site) -> int:
    """How many lists of a project's issues were asked for."""
    route = re.compile(r"GET .*/projects/[^/]+/issues")
    return sum(count for name, count in site.requests().items() if route.fullmatch(name))


def triage(site: Site, now: str):
    """Triage at that time; right after it, nothing is left to do."""
    ran = apply(site, now, *TRIAGE)
    assert drumbeat(site, "apply", now, *TRIAGE).nothing_to_do
    return ran


def test_quiet_then_the_sponsor_then_back_without_a_word(open_site):
    site = open_site(OPENED)
    ines = site["se-302"]
    boxes = "- [x] Plan\n- [ ] Draft /close\n- [ ] Review\n- [ ] Publish\n- [ ] Tell @all"
    who = [site["se-301"].get("/user")["id"]]
    issue = initiative(ines, "baobab", "Runbook", description=boxes, assignee_ids=who)
    site.at("2026-10-06T09:00:00Z")
    word = ines.comment(issue, "I begin on Monday. /close")
    site.at("2026-10-20T09:00:00Z")
    site[OTHER_BOT].comment(issue, "A build went green.")

    assert triage(site, "2026-10-27T08:00:00Z").nothing_to_do
    triage(site, "2026-10-28T09:00:00Z")
    assert health(site, issue) == {STALE}
    (stale,) = said(site, issue)
    assert mentioned(stale) == ["mgr-emea-1", "mgr-amer-1"]
    assert f"[Se 302, 2026-10-06]({issue['web_url']}#note_{word['id']})" in stale.replace("\\", "")
    assert "**With:** Se 301" in stale
    assert "1 of 5; still open:" in stale
    assert [line for line in stale.splitlines() if line.startswith("  - ")] == [
        "  - Draft /\u2060close",
        "  - Review",
        "  - Publish",
        "  - and 1 more",
    ]

    assert triage(site, "2026-11-11T08:00:00Z").nothing_to_do
    triage(site, "2026-11-12T09:00:00Z")
    assert health(site, issue) == {NEEDS_MANAGER}
    _, asked = said(site, issue)
    assert mentioned(asked) == ["mgr-emea-1"]
    assert "quiet for 36 days" in asked
    assert triage(site, "2026-12-30T09:00:00Z").nothing_to_do

    site.at("2027-01-04T09:00:00Z")
    ines.comment(issue, "Back at it.")
    triage(site, "2027-01-04T10:00:00Z")
    assert health(site, issue) == set()
    assert len(said(site, issue)) == 2
    assert site.root.see(issue)["state"] == "opened"
    # And once more from the beginning.
    triage(site, "2027-01-26T10:00:00Z")
    assert health(site, issue) == {STALE}
    assert len(said(site, issue)) == 3


@pytest.mark.parametrize(
    ("label", "first", "second", "addressed"),
    [
        (BLOCKED, "2026-11-16", "2026-12-28", ["mgr-emea-1", "se-301"]),
        (PAUSED, "2027-01-03", "2027-04-03", ["mgr-emea-1"]),
    ],
)
def test_what_people_set_aside_is_asked_about_seldom_and_never_relabelled(
    open_site, label, first, second, addressed
):
    site = open_site(OPENED)
    who = [site["se-301"].get("/user")["id"]]
    issue = initiative(
        site["se-302"], "baobab", "Set aside", labels=f"SGG,{label}", assignee_ids=who
    )
    assert triage(site, f"{first}T08:00:00Z").nothing_to_do
    triage(site, f"{first}T09:00:01Z")
    assert triage(site, f"{second}T08:00:00Z").nothing_to_do
    assert len(said(site, issue)) == 1
    triage(site, f"{second}T10:00:00Z")
    assert health(site, issue) == {label}
    texts = said(site, issue)
    assert [mentioned(text) for text in texts] == [addressed, addressed]


def test_a_person_who_calls_a_stale_one_blocked_is_believed(open_site):
    site = open_site(OPENED)
    issue = initiative(site["se-302"], "baobab", "Stuck")
    triage(site, "2026-10-27T09:00:00Z")
    assert health(site, issue) == {STALE}
    site["se-302"].edit(issue, add_labels=BLOCKED)
    triage(site, "2026-10-27T10:00:00Z")
    assert health(site, issue) == {BLOCKED}
    assert triage(site, "2026-12-01T10:00:00Z").nothing_to_do
    assert len(said(site, issue)) == 1


def test_the_sponsor_sees_the_groups_initiatives_by_health(open_site):
    site = open_site(OPENED)
    ines = site["se-302"]
    quiet = initiative(ines, "baobab", "Quiet | one")
    initiative(ines, "baobab", "Waiting", labels=f"SGG,{BLOCKED}")
    secret = initiative(ines, "baobab", "Merger", confidential=True, labels=f"SGG,{PAUSED}")
    finished = initiative(ines, "baobab", "Done deal")
    initiative(ines, "maple", "Elsewhere")
    site.at("2026-11-20T09:00:00Z")
    late = initiative(ines, "baobab", "Late", due_date="2026-12-01")
    ines.edit(finished, state_event="close")
    triage(site, "2026-11-21T09:00:00Z")
    assert health(site, quiet) == {STALE}

    site.forget_requests()
    apply(site, "2026-12-07T12:00:00Z", *HEALTH)
    loop = site.loop("Group health of Baobab")
    assert [one["username"] for one in loop["assignees"]] == ["mgr-emea-1"]
    assert (loop["confidential"], loop["due_date"]) == (True, "2026-12-18")
    text = loop["description"]
    rows = re.findall(r"^\| ([\w-]+) \| (\d+) \|(.*)\|$", text, re.MULTILINE)
    assert [(row[0], row[1]) for row in rows] == [
        ("active", "1"),
        ("stale", "1"),
        ("needs-manager", "0"),
        ("blocked", "1"),
        ("paused", "1"),
    ]
    which = {name: cell for name, _, cell in rows}
    assert f"[Late]({late['web_url']})" in which["active"]
    assert f"[Quiet \\| one]({quiet['web_url']})" in which["stale"]
    assert f"[a confidential initiative]({secret['web_url']})" in which["paused"]
    assert "Merger" not in text
    assert "Elsewhere" not in text
    assert "**Past their due date:** [Late]" in text
    assert "**Finished in the last month:** [Done deal]" in text
    assert "## Across groups" not in text
    assert loop["task_completion_status"]["count"] == 8
    assert lists_of_projects(site) == 2

    site.forget_requests()
    assert drumbeat(site, "apply", "2026-12-07T12:00:00Z", *HEALTH).nothing_to_do
    assert lists_of_projects(site) == 0
    site["mgr-emea-1"].tick(loop)
    apply(site, "2026-12-08T12:00:00Z", *HEALTH)
    assert site.root.get(at(loop))["state"] == "closed"


def test_every_third_month_has_the_section_on_strategy(open_site):
    site = open_site("2027-01-20T09:00:00Z")
    apply(site, "2027-02-01T12:00:00Z", *HEALTH)
    (title,) = (one for one in titles(site.loops()) if one.startswith("Group health"))
    assert title == "Group health of Baobab · 2027-02"
    text = site.loop(title)["description"]
    assert "No initiative is open." in text
    assert "## Across groups" in text
