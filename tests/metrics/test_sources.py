"""Files with numbers below the repository, and the reader that answers from them."""

from __future__ import annotations

import pytest

from automation.metrics.sources import FileSource, WithNumbers, file_sources
from automation.model.metrics import MetricsPolicy, Numbers, Table
from automation.model.questions import NumbersOf, WhoAmI
from automation.model.snapshot import Unreadable

POLICY = MetricsPolicy(name="tickets", file="metrics/*.csv")
HEAD = "person,week,solved\n"


@pytest.fixture
def place(tmp_path):
    (tmp_path / "metrics").mkdir()
    return tmp_path


def put(place, name, text):
    file = place / "metrics" / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def source(place, policy=POLICY):
    return FileSource(place, policy)


def test_all_files_of_the_pattern_are_one_table(place):
    put(place, "w46.csv", f"{HEAD}se-101,2026-W46,3\n")
    put(place, "w47.csv", f"\ufeff{HEAD}se-101,2026-W47,4\n")
    table = source(place).read()
    assert isinstance(table, Table)
    assert table.of("se-101", "2026-W46") == (Numbers(3),)
    assert table.of("se-101", "2026-W47") == (Numbers(4),)


def test_no_file_is_told_with_a_remedy(place):
    assert source(place).read() == Unreadable(
        "there is no file metrics/*.csv", "Let a job put the export there."
    )


def test_one_file_that_cannot_be_read_leaves_the_others(place):
    put(place, "bad.csv", b"\xff\xfe\x00")
    put(place, "good.csv", f"{HEAD}se-101,2026-W47,4\n")
    table = source(place).read()
    assert isinstance(table, Table)
    assert table.faults == ["metrics/bad.csv: is not UTF-8"]
    assert table.weeks == {"2026-W47"}


def test_nothing_but_faults_is_no_table(place):
    (place / "metrics" / "dir.csv").mkdir()
    assert source(place).read() == Unreadable("metrics/dir.csv: Is a directory")


def test_a_link_out_of_the_repository_is_not_followed(place, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "secret.csv"
    outside.write_text(f"{HEAD}se-101,2026-W47,4\n")
    (place / "metrics" / "a.csv").symlink_to(outside)
    assert source(place).read() == Unreadable("metrics/a.csv: lies outside the repository")


def test_a_huge_file_is_not_read(place, monkeypatch):
    monkeypatch.setattr("automation.metrics.sources.MAX_BYTES", 10)
    put(place, "a.csv", f"{HEAD}se-101,2026-W47,4\n")
    assert source(place).read() == Unreadable("metrics/a.csv: is larger than 0 MiB")


class Behind:
    """A reader that answers with the question."""

    def __init__(self):
        self.asked = []

    def answer(self, questions):
        self.asked.append(tuple(questions))
        return {question: question for question in questions}


def test_numbers_come_from_sources_and_all_else_from_gitlab(place):
    put(place, "a.csv", f"{HEAD}se-101,2026-W47,4\n")
    behind = Behind()
    gitlab = MetricsPolicy(name="activity", source="gitlab")
    reader = WithNumbers(behind, file_sources(place, [POLICY, gitlab]))
    tickets, unknown = NumbersOf("tickets"), NumbersOf("activity")
    answers = reader.answer([WhoAmI(), tickets, unknown])
    assert behind.asked == [(WhoAmI(),)]
    assert answers[WhoAmI()] == WhoAmI()
    found = answers[tickets]
    assert isinstance(found, Table)
    assert found.weeks == {"2026-W47"}
    assert answers[unknown] == Unreadable("there is no source named activity")


def test_gitlab_is_not_asked_for_nothing(place):
    behind = Behind()
    WithNumbers(behind, file_sources(place, [POLICY])).answer([NumbersOf("tickets")])
    assert behind.asked == []
