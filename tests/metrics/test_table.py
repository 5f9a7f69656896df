"""Numbers from CSV and JSON files: what is read, and what is told of what cannot be."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.metrics.table import NotATable, read_table
from automation.metrics.weeks import monday, read_week, week_of, weeks_before
from automation.model.metrics import Columns, Numbers

HEAD = "Person,Week,Solved,Public replies,Replies on own tickets,Internal notes,Ticket type\n"
ROW = {
    "person": "se-101",
    "week": "2026-W47",
    "solved": 8,
    "public replies": 40,
    "replies on own tickets": 22,
    "internal notes": 11,
    "ticket type": "standard",
}
NUMBERS = Numbers(8, 40, 22, 11, "standard")


def of_csv(*lines, columns=None):
    return read_table(HEAD + "".join(f"{line}\n" for line in lines), "a.csv", columns or Columns())


def of_json(data):
    return read_table(json.dumps(data), "a.json", Columns())


def test_a_row_of_csv():
    table = of_csv("se-101,2026-W47,8,40,22,11,standard")
    assert table.of("se-101", "2026-W47") == (NUMBERS,)
    assert table.weeks == {"2026-W47"}
    assert table.faults == []


def test_a_row_of_json():
    assert of_json([ROW]).of("se-101", "2026-W47") == (NUMBERS,)


def test_people_are_found_whatever_their_case_and_at_sign():
    assert of_csv("@SE-101,2026-W47,8,40,22,11,standard").of("se-101", "2026-W47") == (NUMBERS,)


def test_rows_of_several_ticket_types_stay_apart():
    table = of_csv("se-101,2026-W47,1,2,1,0,standard", "se-101,2026-W47,3,4,2,0,license")
    assert [row.ticket_type for row in table.of("se-101", "2026-W47")] == ["standard", "license"]


def test_columns_go_by_the_names_of_the_policy():
    columns = Columns(person="Assignee", week="Date", solved="Done", ticket_type=None)
    text = "ASSIGNEE,date,done\nse-101,2026-11-18,7\n"
    table = read_table(text, "a.csv", columns)
    assert table.of("se-101", "2026-W47") == (Numbers(solved=7),)


@pytest.mark.parametrize("week", ["2026-W47", "2026W47", "2026-11-16", "2026-11-22T10:00:00Z"])
def test_ways_to_write_a_week(week):
    assert of_csv(f"se-101,{week},8,40,22,11,standard").weeks == {"2026-W47"}


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (",2026-W47,1,2,1,0,", "a.csv, row 1 has no person"),
        (",,1,2,1,0,", "a.csv, row 1 has no person and no week"),
        ("se-101,last week,1,2,1,0,", "a.csv, row 1: Invalid isoformat string: 'last week'"),
        ("se-101,2026-W60,1,2,1,0,", "a.csv, row 1: Invalid week: 60"),
        ("se-101,2026-W47,many,2,1,0,", "a.csv, row 1: solved is 'many', not a number"),
        ("se-101,2026-W47,1.5,2,1,0,", "a.csv, row 1: solved is 1.5, not a count"),
        ("se-101,2026-W47,-1,2,1,0,", "a.csv, row 1: solved is -1, not a count"),
        ("se-101,2026-W47,nan,2,1,0,", "a.csv, row 1: solved is nan, not a count"),
        ("se-101,2026-W47,inf,2,1,0,", "a.csv, row 1: solved is inf, not a count"),
    ],
)
def test_a_row_that_cannot_be_read_is_told_and_left_out(line, fault):
    table = of_csv(line, "se-102,2026-W47,1,2,1,0,")
    assert table.faults == [fault]
    assert table.of("se-102", "2026-W47") == (Numbers(1, 2, 1),)


def test_counts_as_exports_write_them():
    assert of_csv('se-101,2026-W47,"1,234",4.0,,11,x').of("se-101", "2026-W47") == (
        Numbers(1234, 4, 0, 11, "x"),
    )


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("a.csv", 'person,week\n"se-101,2026-W47\n', "is not CSV: unexpected end of data"),
        ("a.json", "{", "is not JSON"),
        ("a.json", "[" * 100_000, "is not JSON"),
        ("a.json", '{"person": 1}', "is not a list of objects"),
        ("a.json", "[1]", "is not a list of objects"),
    ],
)
def test_a_file_that_is_no_table(name, text, why):
    with pytest.raises(NotATable, match=why):
        read_table(text, name, Columns())


def test_a_file_without_end(monkeypatch):
    monkeypatch.setattr("automation.metrics.table.MAX_ROWS", 1)
    with pytest.raises(NotATable, match="has more than 1 rows"):
        of_csv("se-101,2026-W47,,,,,", "se-101,2026-W47,,,,,")


@given(st.text(max_size=200))
def test_any_text_is_a_table_or_none(text):
    for name in ("a.csv", "a.json"):
        try:
            table = read_table(HEAD + text if name == "a.csv" else text, name, Columns())
        except NotATable:
            continue
        assert all(number >= 0 for rows in table.rows.values() for number in (rows[0].solved,))


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_weeks_are_what_they_are_read_as(day):
    label = week_of(day)
    assert read_week(label) == read_week(day.isoformat()) == label
    assert monday(label).weekday() == 0
    assert 0 <= (day - monday(label)).days < 7
    assert weeks_before(day, 2)[1] == week_of(monday(label).fromordinal(day.toordinal() - 7))
