"""The boards that are shipped show the loops that are shipped."""

from __future__ import annotations

from automation.commands.workspace import open_loops
from automation.labels import ATTENTION, State, cadence_label
from tests.support.builders import at
from tests.support.sample import REPOSITORY

BEGIN, END = at("2026-10-31"), at("2027-06-02")
"""Half a year in which every cadence comes around."""


def test_a_director_sees_every_cadence_of_the_project_in_a_column() -> None:
    loops = open_loops(REPOSITORY)
    (board,) = (one for one in loops.organisation.boards if one.name.endswith(": by cadence"))
    lying_there = {
        cadence_label(cadence.name)
        for cadence, subject in loops.pairs()
        for loop in loops.coming(cadence, subject, BEGIN, END)
        if loop.project == board.project
    }
    assert len(board.lists) == len(set(board.lists))
    assert set(board.lists) == lying_there


def test_each_person_sees_what_is_open_late_or_in_need_of_a_look() -> None:
    boards = open_loops(REPOSITORY).organisation.boards
    by_state = [one for one in boards if State.OPEN in one.lists]
    assert {str(one.for_each) for one in by_state} == {"director", "manager"}
    for one in by_state:
        assert one.lists == (State.OPEN, State.OVERDUE, ATTENTION)
        assert len(one.only) == 1
