"""Which pages of a list are worth reading, and what stands on those that were read."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from automation.model.issue import Comment, IssueRef, Note, Page, User
from automation.model.questions import CommentsPageOf
from automation.model.snapshot import Snapshot, Unreadable
from automation.rules.heard import heard, pages_back_to
from tests.support.builders import MONDAY

FIRST = CommentsPageOf(date(2026, 11, 1), 7)
REF, OTHER = IssueRef(7, 1), IssueRef(7, 2)


def page(number):
    return CommentsPageOf(FIRST.since, 7, number)


def said(days_ago, ref=REF):
    return Comment(ref, Note(days_ago, User(2, "eve"), "A word", MONDAY - timedelta(days_ago)))


def reading(*pages, more=True, count=None):
    """A snapshot that holds the first pages: each of them the days on which something was said."""
    answers = {}
    for number, days in enumerate(pages, 1):
        follows = more or number < len(pages)
        answers[page(number)] = Page(tuple(map(said, days)), follows, count)
    return Snapshot(answers)


def wanted(snapshot, days_ago=5, most=9):
    back_to = MONDAY - timedelta(days_ago)
    return [one.page for one in pages_back_to(back_to, FIRST, most, snapshot)]


@pytest.mark.parametrize(
    ("pages", "found"),
    [
        ([], [1]),
        ([[1, 2]], [1, 2, 3]),
        ([[1, 2], [3, 4]], [1, 2, 3, 4, 5]),
        ([[1], [2], [3]], [1, 2, 3, 4, 5, 6, 7]),
        ([[1], [2], [3], [4]], [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ([[1, 5]], [1, 2, 3]),
        ([[1, 6]], []),
        ([[], [3]], [1, 2, 3, 4, 5]),  # all of a page may be hidden
    ],
)
def test_pages_are_wanted_until_they_reach_back_to_the_moment(pages, found):
    assert wanted(reading(*pages)) == found


def test_not_more_pages_are_wanted_than_there_are_or_than_are_allowed():
    assert wanted(reading([1], count=2)) == [1, 2]
    assert wanted(reading([1]), most=2) == [1, 2]
    assert wanted(reading([1], [2]), most=2) == []
    assert wanted(reading([1], more=False)) == []


def test_a_list_that_cannot_be_read_is_not_wanted_any_more():
    refused = Unreadable("403 Forbidden")
    assert wanted(Snapshot({page(1): refused})) == []
    assert wanted(reading([1]).knowing({page(2): refused})) == []


def test_what_was_said_on_an_issue_is_found_on_all_pages_that_were_read():
    snapshot = reading([1, 2], [3]).knowing({page(4): Page((said(9),))})
    assert [note.id for note in heard(REF, FIRST, snapshot)] == [1, 2, 3]
    assert heard(OTHER, FIRST, snapshot) == ()
    assert heard(REF, FIRST, Snapshot()) == ()
