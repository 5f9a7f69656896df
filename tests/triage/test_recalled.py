"""What a comment recalls of an issue: the last word of a person, and what is left to do."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from automation.identity import Trust
from automation.inert import NOTHING_SEEN
from automation.model.issue import Note, User
from automation.model.questions import UserAt
from automation.model.snapshot import Snapshot
from automation.rules.humans import Humans
from automation.rules.recalled import LastWord, last_word, open_items
from tests.support.builders import MONDAY, an_org, at

HUMANS = Humans(Trust(1, frozenset()), ("*-bot",))
KNOWN = Snapshot().knowing({UserAt(7): User(7, "helper", bot=True)})
UTC, AUCKLAND = ZoneInfo("UTC"), ZoneInfo("Pacific/Auckland")
EVE, ANN = User(2, "eve", "Eve", bot=False), User(3, "ann", bot=False)


def an_issue(tmp_path, text="- [ ] first\n- [x] second\n- [~] third\n- [ ] **fourth** one"):
    scene = an_org(tmp_path).with_manager("mgr-1").with_group("baobab").scene(MONDAY)
    return scene.gitlab.open("support/sgg/baobab", "Runbook", text)


def said(id, author, day, **facts):
    return Note(id, author, "A word", at(f"{day}T20:00"), **facts)


def test_the_newest_comment_of_a_person_counts_and_no_bots(tmp_path):
    issue = an_issue(tmp_path)
    notes = [
        said(10, User(7, "helper"), "2026-10-10"),  # only GitLab's flag tells that it is a bot
        said(9, User(4, "build-bot"), "2026-10-09"),
        said(8, User(1, "support-drumbeat"), "2026-10-08"),
        said(7, ANN, "2026-10-07", system=True),
        said(5, ANN, "2026-10-05"),
        said(6, EVE, "2026-10-06"),
    ]
    link = f"{issue.web_url}#note_6"
    assert last_word(issue, notes, HUMANS, KNOWN, UTC) == LastWord(
        "Eve", at("2026-10-06").date(), link
    )
    there = last_word(issue, notes, HUMANS, KNOWN, AUCKLAND)
    assert there is not None
    assert str(there.date) == "2026-10-07"
    assert last_word(issue, notes[:4], HUMANS, KNOWN, UTC) is None


def test_somebody_without_a_name_is_called_by_their_user_name(tmp_path):
    word = last_word(an_issue(tmp_path), [said(5, ANN, "2026-10-05")], HUMANS, KNOWN, UTC)
    assert word is not None
    assert word.author == "ann"


def test_open_boxes_by_their_words(tmp_path):
    issue = an_issue(tmp_path)
    assert open_items(issue) == ("first", "fourth one")
    assert open_items(replace(issue, description="Nothing to do")) == ()


def test_of_a_box_with_nothing_to_see_it_is_told_that_it_is_there(tmp_path):
    issue = replace(an_issue(tmp_path), description="- [ ] <!-- x -->\n- [ ] y")
    assert open_items(issue) == (NOTHING_SEEN, "y")
