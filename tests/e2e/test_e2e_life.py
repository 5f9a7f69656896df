"""The life of a loop as its manager meets it, with the manager's own token."""

from __future__ import annotations

import re

import pytest

from tests.e2e.drive import apply, drumbeat
from tests.e2e.outside import Refused, Site, ticked
from tests.e2e.small import settle, usual

BEFORE = "2026-11-20T12:00:00Z"
MONDAY = "2026-11-23T15:00:00Z"
THURSDAY = "2026-11-26T15:00:00Z"
NEXT_MONDAY = "2026-11-30T15:00:00Z"


def states(issue) -> list[str]:
    return [label for label in issue["labels"] if label.startswith("loop::")]


# --- The shipped jobs -----------------------------------------------------------------


def test_a_manager_finds_a_one_on_one_and_nobody_else_does(open_site):
    site = open_site(BEFORE)
    apply(site, MONDAY)
    aoife = site["mgr-emea-1"]
    (loop,) = aoife.every("/issues", scope="assigned_to_me", labels="cadence::one-on-one")
    assert loop["title"] == "Weekly 1:1s of Aoife Ní Dhomhnaill · 2026-W48"
    assert (loop["due_date"], loop["confidential"]) == ("2026-11-27", True)
    assert [user["username"] for user in loop["assignees"]] == ["mgr-emea-1"]
    assert sorted(loop["labels"]) == [
        "cadence::one-on-one",
        "director::dir-emea",
        "drumbeat",
        "loop::open",
        "manager::mgr-emea-1",
    ]
    text = loop["description"]
    headings = re.findall(r"^### (.*?) <!--", text, re.MULTILINE)
    # Gethin is there until December, Sanna from January.
    assert headings == [
        "Ciarán O'Shaughnessy",
        "Inés Carballo",
        "Babajide Adeyinka",
        "Małgorzata Wójcik",
        "Gethin Pryce-Howells",
    ]
    assert loop["task_completion_status"] == {"count": 30, "completed_count": 0}
    assert text.count("**Wellbeing:** you know how they are") == 5
    assert "it is due\non Friday, 2026-11-27" in text or "it is due on Friday, 2026-11-27" in text
    assert not re.search(r"\{\{|\{%|\bNone\b|Undefined", text)
    for other in ("mgr-emea-2", "dir-emea", "se-301"):
        with pytest.raises(Refused) as refusal:
            site[other].see(loop)
        assert refusal.value.status == 404


def test_somebody_away_all_week_has_a_box_that_asks_nothing(open_site):
    site = open_site(BEFORE)
    apply(site, MONDAY)
    text = site["mgr-amer-1"].see(site.loop("Weekly 1:1s of Danielle"))["description"]
    about = text[text.index("Étienne") : text.index("Wendell")]
    assert about.count("- [") == 1
    assert "- [~] 1:1 of this week (away until 2026-11-27)" in about


def test_all_ticked_closes_with_a_word_and_reopened_is_left_alone(open_site):
    site = open_site(BEFORE)
    apply(site, MONDAY)
    aoife, loop = site["mgr-emea-1"], site.loop("Weekly 1:1s of Aoife")
    site.at("2026-11-24T09:00:00Z")
    aoife.tick(loop, lambda index: index < 29)
    assert drumbeat(site, "apply", "2026-11-24T09:00:00Z").nothing_to_do
    # The last one does not apply this week.
    text = aoife.see(loop)["description"]
    aoife.edit(loop, description=ticked(text, lambda _index: True, mark="~"))
    apply(site, "2026-11-24T10:00:00Z")
    closed = aoife.see(loop)
    assert (closed["state"], states(closed)) == ("closed", ["loop::done"])
    assert closed["closed_by"]["username"] == "support-drumbeat"
    (note,) = aoife.notes(loop)
    assert "Done: 29 of 29 items are ticked and 1 does not apply" in note["body"]
    assert "/close" not in note["body"]
    assert "@" not in note["body"]

    aoife.edit(loop, state_event="reopen")
    aoife.edit(loop, description=aoife.see(loop)["description"].replace("[x]", "[ ]"))
    for now in ("2026-11-24T11:00:00Z", THURSDAY, "2026-11-28T15:00:00Z", NEXT_MONDAY):
        apply(site, now)
    again = aoife.see(loop)
    assert (again["state"], states(again)) == ("opened", ["loop::done"])
    assert len(aoife.notes(loop)) == 1
    assert len([one for one in site.loops() if "1:1s of Aoife" in one["title"]]) == 2


def test_one_of_three_closes_the_customer_interaction(open_site):
    site = open_site(BEFORE)
    apply(site, MONDAY)
    loop = site.loop("Customer interaction of Callum")
    site["mgr-apac-2"].tick(loop, lambda index: index == 1)
    apply(site, "2026-11-24T01:00:00Z")
    assert states(site.root.see(loop)) == ["loop::done"]
    assert site.root.see(loop)["state"] == "closed"


def test_two_tickets_of_each_report_close_the_review(open_site):
    site = open_site(BEFORE)
    apply(site, MONDAY)
    loop, joao = site.loop("Ticket review of João"), site["mgr-amer-2"]
    joao.tick(loop, lambda index: index != 7)
    apply(site, "2026-11-24T10:00:00Z")
    assert site.root.see(loop)["state"] == "opened"
    # `[~]` stands in for no ticket.
    text = joao.see(loop)["description"]
    joao.edit(loop, description=ticked(text, lambda _index: True, mark="~"))
    apply(site, "2026-11-24T11:00:00Z")
    assert site.root.see(loop)["state"] == "opened"
    joao.edit(loop, description=text.replace("- [ ]", "- [x]"))
    apply(site, "2026-11-24T12:00:00Z")
    assert site.root.see(loop)["state"] == "closed"
    assert "every report has at least 2 ticked" in site.root.notes(loop)[0]["body"]


def test_a_box_marked_in_a_code_block_is_no_box(open_site):
    site = open_site(BEFORE)
    apply(site, MONDAY)
    loop, callum = site.loop("Customer interaction of Callum"), site["mgr-apac-2"]
    text = callum.see(loop)["description"]
    fenced = "## This week I did\n\n```\n- [x] not really\n```\n\n<!--\n- [x] nor this\n-->\n"
    callum.edit(loop, description=text.replace("## This week I did\n", fenced))
    assert apply(site, "2026-11-24T01:00:00Z").nothing_to_do


def test_the_next_monday_carries_over_and_links(open_site):
    site = open_site(BEFORE)
    apply(site, MONDAY)
    aoife, loop = site["mgr-emea-1"], site.loop("Weekly 1:1s of Aoife")
    text = aoife.see(loop)["description"]
    promise = "- [ ] Ask @se-302 about the /close rota <b>now</b>\n- [x] Kept already\n"
    heading = "### Inés Carballo <!-- drumbeat:for se-302 -->\n"
    assert heading in text
    aoife.edit(loop, description=text.replace(heading, f"{heading}\n{promise}"))
    apply(site, NEXT_MONDAY)
    old = aoife.see(loop)
    (new,) = [one for one in site.loops(state="opened") if "1:1s of Aoife" in one["title"]]
    assert (old["state"], states(old)) == ("closed", ["loop::missed"])
    (note,) = [one for one in aoife.notes(loop) if "The next loop is on" in one["body"]]
    assert f"[2026-W49]({new['web_url']})" in note["body"]
    section = new["description"][new["description"].index("## Carried over") :]
    (line,) = re.findall(r"^- \[ \] .*$", section, re.MULTILINE)
    assert line.startswith("- [ ] Inés Carballo: Ask ")
    assert f"(from [2026-W48]({loop['web_url']}))" in line
    assert "@se-302" not in line  # nobody is notified by what somebody else wrote
    assert "<b>" not in line
    assert new["task_completion_status"] == {"count": 31, "completed_count": 0}
    assert new["description"].count("Kept already") == 0
    assert new["state"] == "opened"
    assert drumbeat(site, "apply", NEXT_MONDAY).nothing_to_do


# --- The states, one by one ----------------------------------------------------------------


@pytest.fixture
def anna(empty, tmp_path):
    """One manager in Sydney with one loop that is due on Wednesday, and its next runs."""
    site = settle(empty(BEFORE), "anna")
    return Anna(site, usual(tmp_path, "anna", due="2 working days"))


class Anna:
    """Anna's loop, and Drumbeat beside it."""

    def __init__(self, site: Site, repo) -> None:
        self.site, self.repo = site, repo
        people = repo / "policies" / "all.yml"
        zoned = people.read_text().replace("timezone: UTC", "timezone: Australia/Sydney")
        people.write_text(zoned)
        self.apply("2026-11-22T21:00:00Z")
        self.loop = site.loop("Weekly of Anna")
        self.me = site["anna"]

    def apply(self, now: str):
        return apply(self.site, now, root=self.repo)

    def now(self):
        issue = self.site.root.see(self.loop)
        return issue["state"], *states(issue)

    def notes(self) -> list[str]:
        return [note["body"] for note in self.site.root.notes(self.loop)]


def test_overdue_comes_at_midnight_where_the_manager_is_and_once(anna):
    """Wednesday ends in Sydney at 13:00 UTC."""
    assert anna.loop["due_date"] == "2026-11-25"
    assert anna.apply("2026-11-25T12:59:59Z").nothing_to_do
    assert anna.now() == ("opened", "loop::open")
    anna.apply("2026-11-25T13:00:00Z")
    assert anna.now() == ("opened", "loop::overdue")
    (note,) = anna.notes()
    assert note.startswith("@anna this was due on Wednesday, 25 November: 0 of 2 items are ticked")
    for now in ("2026-11-25T13:00:00Z", "2026-11-26T09:00:00Z", "2026-11-28T09:00:00Z"):
        assert anna.apply(now).nothing_to_do
    assert len(anna.notes()) == 1


def test_a_later_due_date_brings_it_back_and_ticks_close_what_is_overdue(anna):
    anna.apply("2026-11-25T14:00:00Z")
    anna.me.edit(anna.loop, due_date="2026-11-27")
    anna.apply("2026-11-25T15:00:00Z")
    assert anna.now() == ("opened", "loop::open")
    anna.apply("2026-11-27T14:00:00Z")
    assert anna.now() == ("opened", "loop::overdue")
    anna.me.tick(anna.loop)
    anna.apply("2026-11-27T15:00:00Z")
    assert anna.now() == ("closed", "loop::done")


def test_snoozed_is_not_overdue(anna):
    anna.me.edit(anna.loop, add_labels="snoozed")
    assert anna.apply("2026-11-26T14:00:00Z").nothing_to_do
    assert anna.now() == ("opened", "loop::open")


def test_waived_closes_with_a_word_and_reopened_is_left_alone(anna):
    anna.site.at("2026-11-24T03:00:00Z")
    anna.me.edit(anna.loop, add_labels="loop::waived")
    anna.apply("2026-11-24T03:00:00Z")
    assert anna.now() == ("closed", "loop::waived")
    (note,) = anna.notes()
    assert "it is not needed" in note
    anna.me.edit(anna.loop, state_event="reopen")
    for now in ("2026-11-24T04:00:00Z", "2026-11-28T04:00:00Z", "2026-11-29T21:00:00Z"):
        anna.apply(now)
    assert anna.now() == ("opened", "loop::waived")
    assert anna.notes() == [note]


@pytest.mark.parametrize(
    ("boxes", "state"), [(0, "loop::waived"), (1, "loop::waived"), (2, "loop::done")]
)
def test_what_a_person_closed_stays_closed_and_is_only_labelled(anna, boxes, state):
    anna.me.tick(anna.loop, lambda index: index < boxes)
    anna.me.edit(anna.loop, state_event="close")
    for now in ("2026-11-24T03:00:00Z", "2026-11-28T03:00:00Z", "2026-11-29T21:00:00Z"):
        anna.apply(now)
        assert anna.now() == ("closed", state)
    assert anna.notes() == []
    (newer,) = anna.site.loops(state="opened")
    assert "Carried over" not in newer["description"]


def test_all_of_it_inapplicable_is_not_done(anna):
    text = anna.me.see(anna.loop)["description"]
    anna.me.edit(anna.loop, description=text.replace("[ ]", "[~]"))
    assert anna.apply("2026-11-24T03:00:00Z").nothing_to_do
    anna.me.edit(
        anna.loop, description=text.replace("[ ] First", "[x] First").replace("[ ]", "[~]")
    )
    anna.apply("2026-11-24T04:00:00Z")
    assert anna.now() == ("closed", "loop::done")


def test_a_list_without_boxes_is_never_done(anna):
    anna.me.edit(anna.loop, description="Nothing to tick.")
    assert anna.apply("2026-11-24T03:00:00Z").nothing_to_do
    assert anna.now() == ("opened", "loop::open")


def test_done_reopened_stays_open_even_without_its_label(anna):
    anna.me.tick(anna.loop)
    anna.apply("2026-11-24T03:00:00Z")
    anna.me.edit(anna.loop, state_event="reopen", remove_labels="loop::done")
    for now in ("2026-11-24T04:00:00Z", "2026-11-28T04:00:00Z", "2026-11-29T21:00:00Z"):
        anna.apply(now)
    assert anna.now() == ("opened",)
    assert len(anna.notes()) == 1


def test_missed_reopened_carries_its_items_no_second_time(anna):
    text = anna.me.see(anna.loop)["description"]
    anna.me.edit(anna.loop, description=f"{text}\n- [ ] A promise\n")
    anna.apply("2026-11-29T21:00:00Z")
    assert anna.now() == ("closed", "loop::missed")
    (second,) = anna.site.loops(state="opened")
    anna.me.edit(anna.loop, state_event="reopen")
    anna.me.tick(second)  # the promise was kept, and told where it had been carried to
    anna.apply("2026-12-06T21:00:00Z")
    third = anna.site.loops(state="opened")[-1]
    assert third["title"] == "Weekly of Anna · 2026-W50"
    assert "A promise" not in third["description"]
    assert anna.now() == ("opened", "loop::missed")


def test_the_ticks_of_a_description_survive_everything(anna):
    """No run rewrites a description (law 3)."""
    text = anna.me.see(anna.loop)["description"].replace("[ ] First", "[X] First")
    mine = f"{text}\nMy own words, *kept*.\r\n\n* [ ]\tSomething odd\n"
    kept = anna.me.edit(anna.loop, description=mine)["description"]
    for now in ("2026-11-24T03:00:00Z", "2026-11-25T14:00:00Z", "2026-11-29T21:00:00Z"):
        anna.apply(now)
        assert anna.site.root.see(anna.loop)["description"] == kept
