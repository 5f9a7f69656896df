"""What may be written, and what it comes to."""

from __future__ import annotations

import json
from datetime import date, time

import pytest

from automation import labels
from automation.config.scalars import resolve
from automation.model.due import DueRule, DueUnit, ReminderRule
from automation.model.policy import AtLeast, EachReportRule, SectionRule, SubjectKind
from tests.config.design_sample import ORGANISATION, POLICIES, SECOND_MANAGER
from tests.config.samples import BERT, CADENCE, SETTINGS, anna, faults, loaded, roster


@pytest.fixture
def design(tmp_path):
    return loaded(tmp_path, a=POLICIES, b=ORGANISATION, c=SECOND_MANAGER)


def test_the_cadences_of_the_design(design):
    weekly, customer, review = design.cadences
    assert weekly.schedule.at == time(8)
    assert weekly.schedule.starts == date(2026, 11, 1)
    assert weekly.due == DueRule(4, DueUnit.WORKING_DAYS)
    assert weekly.remind == (ReminderRule(-1), ReminderRule(0), ReminderRule(2))
    assert weekly.close_when == "all"
    assert customer.close_when == (SectionRule(section="This week I did", done="any"),)
    assert review.close_when == (EachReportRule(each="report", done=AtLeast(at_least=2)),)


def test_the_triage_policy_of_the_design(design):
    stale, revived = design.triages[0].rules
    assert stale.do.mention == ("group.managers",)
    assert revived.do.unlabel == ("initiative::stale",)


def test_boards_may_list_just_the_labels_that_setup_makes(design, tmp_path):
    names = json.dumps(sorted(labels.wanted(design)))
    boards = f"kind: boards\nboards: [{{name: x, group: support, lists: {names}}}]\n"
    organisation = loaded(tmp_path, d=boards)
    assert set(organisation.boards[0].lists) == set(labels.wanted(organisation))


def test_the_rosters_of_the_design_are_merged(design):
    assert list(design.managers) == ["mgr-emea-1", "mgr-emea-2"]
    assert [one.id for one in design.subjects(SubjectKind.REPORT)] == ["se-101"]
    assert design.settings.drumbeat_users == ("support-drumbeat",)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("08:00", "08:00"),
        ("on", "on"),
        ("No", "No"),
        ("y", "y"),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("", None),
        ("Null", None),
        ("010", 10),
        ("-12", -12),
        ("0o17", 15),
        ("0x1F", 31),
        ("0b1", "0b1"),
        ("1_000", "1_000"),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("-.INF", float("-inf")),
        ("2026-11-01", date(2026, 11, 1)),
        ("2026-02-30", "2026-02-30"),
        ("2026-11-01T08:00:00Z", "2026-11-01T08:00:00Z"),
        ("9" * 101, "9" * 101),
        ("=", "="),
    ],
)
def test_an_unquoted_word_means_what_yaml_1_2_says(text, value):
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)


def test_quoted_words_are_text(tmp_path):
    text = CADENCE + "about: 'true'\ntitle: \"2026-11-01\"\n"
    cadence = loaded(tmp_path, a=SETTINGS, b=text).cadences[0]
    assert (cadence.about, cadence.title) == ("true", "2026-11-01")


def test_a_time_needs_no_quotes(tmp_path):
    text = CADENCE.replace('"}', '", at: 08:30}')
    assert loaded(tmp_path, a=SETTINGS, b=text).cadences[0].schedule.at == time(8, 30)


def test_empty_files_and_documents_are_passed_over(tmp_path):
    files = {"a": "---\n---\n# nothing\n---\n" + SETTINGS + "---\n", "b": "", "c": "# later\n"}
    assert faults(tmp_path, **files) == []


def test_a_byte_order_mark_and_dos_lines_are_fine(tmp_path):
    assert faults(tmp_path, a=b"\xef\xbb\xbf" + SETTINGS.replace("\n", "\r\n").encode()) == []


def test_aliases_in_moderation(tmp_path):
    away = ", away: &winter [{from: 2026-12-21, to: 2026-12-24}]"
    other = BERT.replace("}", ", away: *winter}")
    managers = loaded(tmp_path, a=SETTINGS, b=roster(anna(away) + other)).roster.managers
    assert managers[0].away == managers[1].away != ()


def test_an_anchor_may_be_given_anew(tmp_path):
    text = "kind: labels\nlabels: [{name: &x a}, {name: &x b}, {name: c, description: *x}]\n"
    assert loaded(tmp_path, a=SETTINGS, b=text).labels[2].description == "b"


def test_anchors_end_with_their_document(tmp_path):
    text = "kind: labels\nlabels: &x []\n---\nkind: labels\nlabels: *x\n"
    assert "has no anchor '&x' before it" in faults(tmp_path, a=SETTINGS, b=text)[0]


def test_a_report_may_move_to_another_team(tmp_path):
    before = ", reports: [{id: se-1, username: sven, until: 2026-06-30}]"
    after = BERT.replace("}", ", reports: [{id: se-1, username: sven, from: 2026-07-01}]}")
    assert faults(tmp_path, a=SETTINGS, b=roster(anna(before) + after)) == []


def test_a_user_of_drumbeat_may_be_named_twice(tmp_path):
    assert faults(tmp_path, a=SETTINGS + "drumbeat_users: [bot, bot, '@other']\n") == []


def test_boards_of_one_name_in_two_places(tmp_path):
    entry = "  - {{name: x, project: support/{}, lists: [loop::open, director::dir-1]}}\n"
    boards = "kind: boards\nboards:\n" + entry.format("a") + entry.format("b")
    assert faults(tmp_path, a=SETTINGS, b=boards, c=roster(anna())) == []


@pytest.mark.parametrize("code", ["IE", "DE-BY", "GB", "US-NY"])
def test_countries_and_their_parts(code, tmp_path):
    assert faults(tmp_path, a=SETTINGS, b=roster(anna(f", holidays: {code}"))) == []


@pytest.mark.parametrize("project", ["Support/x", "support/a/b", "'{{ manager.username }}/x'"])
def test_projects_below_the_loops_group(project, tmp_path):
    assert faults(tmp_path, a=SETTINGS, b=CADENCE + f"project: {project}\n") == []
