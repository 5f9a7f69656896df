"""Due dates and reminders read and written as people say them."""

from __future__ import annotations

import pytest

from automation.model.due import parse_due, parse_reminder


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("4 working days", "4 working days"),
        ("in 1 working day", "1 working day"),
        ("10  days", "10 days"),
        ("1 day", "1 day"),
        ("end of the period", "end of period"),
    ],
)
def test_due_dates_are_written_as_they_are_read(text, said):
    assert str(parse_due(text)) == said
    assert parse_due(said) == parse_due(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("due", "due"),
        ("1 day before due", "1 day before due"),
        ("2 working days after due", "2 days after due"),
    ],
)
def test_reminders_are_written_as_they_are_read(text, said):
    assert str(parse_reminder(text)) == said
    assert parse_reminder(said) == parse_reminder(text)
