"""Pipeline schedules and the variable with the token, as the doctor sees them."""

from __future__ import annotations

import pytest

from automation.model.issue import Project, Schedule, User, Variable
from automation.model.questions import SchedulesOf, VariableAt
from automation.model.snapshot import Unreadable
from tests.doctor.ward import an_office, findings, healthy

OPS = "support/drumbeat"
KEY = "DRUMBEAT_TOKEN"
OWNER = User(9, "ops")
DAILY = Schedule(1, "Daily", "refs/heads/main", True, OWNER)


@pytest.fixture
def ward(tmp_path):
    """A healthy project whose pipelines run daily, with the token in a safe variable."""
    scene = healthy(an_office(tmp_path))
    scene.gitlab.projects[OPS] = Project(99, OPS, default_branch="main")
    scene.gitlab.schedules[OPS] = [DAILY]
    scene.gitlab.variables[OPS, KEY] = Variable(protected=True, masked=True)
    return scene


def found(ward):
    return [(one.severity.value, one.key) for one in findings(ward, project=OPS)]


def test_healthy_pipelines_have_no_finding(ward):
    assert found(ward) == []


def test_without_a_project_nothing_is_asked(ward):
    ward.gitlab.schedules[OPS] = []
    assert findings(ward) == []


def test_no_schedule_at_all(ward):
    ward.gitlab.schedules[OPS] = []
    (one,) = findings(ward, project=OPS)
    assert (one.severity, one.key) == ("error", f"schedules-none:{OPS}")
    assert one.cause == "There is none that is active and has an active owner."


@pytest.mark.parametrize(
    ("idle", "why"),
    [
        (Schedule(2, "Weekly", "main", False, OWNER), "“Weekly” is inactive."),
        (
            Schedule(2, "Weekly", "main", False, User(8, "gone", state="blocked")),
            "“Weekly” belongs to @gone, who is blocked.",
        ),
        (Schedule(2, "Weekly", "main", True, None), "“Weekly” has no owner any more."),
    ],
)
def test_a_schedule_that_does_not_run(ward, idle, why):
    ward.gitlab.schedules[OPS] = [DAILY, idle]
    (one,) = findings(ward, project=OPS)
    assert (one.severity, one.key, one.cause) == ("warning", f"schedules-idle:{OPS}", why)
    ward.gitlab.schedules[OPS] = [idle]
    assert found(ward) == [
        ("error", f"schedules-none:{OPS}"),
        ("warning", f"schedules-idle:{OPS}"),
    ]


def test_no_schedule_for_the_default_branch(ward):
    ward.gitlab.schedules[OPS] = [Schedule(2, "Dev", "refs/heads/dev", True, OWNER)]
    (one,) = findings(ward, project=OPS)
    assert one.key == f"schedules-none:{OPS}"
    assert one.cause == "Those that run are for dev, and the default branch is main."


@pytest.mark.parametrize("project", [Project(99, OPS), None])
def test_a_default_branch_that_is_not_shown_is_not_held_against_schedules(ward, project):
    ward.gitlab.projects |= {OPS: project} if project else {}
    if project is None:
        del ward.gitlab.projects[OPS]
    assert found(ward) == []


def test_schedules_that_gitlab_does_not_show(ward):
    ward.gitlab.unreadable[SchedulesOf(OPS)] = Unreadable("403 Forbidden")
    assert found(ward) == [("warning", f"unreadable:the pipeline schedules of {OPS}")]


@pytest.mark.parametrize(
    ("variable", "lacking"),
    [
        (Variable(protected=False, masked=True), ["protected"]),
        (Variable(protected=True, masked=False), ["masked"]),
        (Variable(protected=False, masked=False), ["masked", "protected"]),
    ],
)
def test_a_token_that_is_not_kept_well(ward, variable, lacking):
    ward.gitlab.variables[OPS, KEY] = variable
    assert found(ward) == [("warning", f"variable-not-{word}:{OPS}") for word in lacking]


def test_no_variable_anywhere_is_no_finding(ward):
    """The token may come from elsewhere: a runner, a vault."""
    ward.gitlab.variables.clear()
    assert found(ward) == []


def test_a_variable_of_the_group_above_counts_where_the_project_has_none(ward):
    ward.gitlab.group_variables["support", KEY] = Variable(protected=False, masked=True)
    assert found(ward) == []
    ward.gitlab.variables.clear()
    assert found(ward) == [("warning", "variable-not-protected:support")]


def test_a_group_whose_variables_the_token_may_not_see_is_a_hint(ward):
    ward.gitlab.variables.clear()
    ward.gitlab.unreadable[VariableAt("support", KEY, in_group=True)] = Unreadable("403")
    assert found(ward) == [("hint", f"unreadable:the variable {KEY} of support")]


def test_a_variable_that_the_token_may_not_see_is_a_hint(ward):
    ward.gitlab.unreadable[VariableAt(OPS, KEY)] = Unreadable("403 Forbidden")
    (one,) = findings(ward, project=OPS)
    assert (one.severity, one.title) == (
        "hint",
        f"GitLab does not show the variable {KEY} of {OPS}",
    )
    assert "protected and masked" in one.consequence
