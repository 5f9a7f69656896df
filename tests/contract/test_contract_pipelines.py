"""Schedules and variables of pipelines, and what judges a pipeline before it runs."""

from __future__ import annotations

import pytest

from tests.contract.citing import cites
from tests.contract.place import unique

SCHEDULE = {"description": "Nightly", "ref": "main", "cron": "0 1 * * 5"}
SCHEDULES = "lib/api/ci/pipeline_schedules.rb"


@pytest.fixture
def schedule(place):
    answer = place.root.post(f"{place.path}/pipeline_schedules", SCHEDULE)
    if not answer.ok:
        pytest.skip(f"no schedule can be made there: {answer.text}")
    yield answer.json()
    place.root.delete(f"{place.path}/pipeline_schedules/{answer.json()['id']}")


def one(place, schedule, tail: str = "") -> str:
    return f"{place.path}/pipeline_schedules/{schedule['id']}{tail}"


@cites("doc/api/pipeline_schedules.md", "Create a new pipeline schedule, example response")
def test_a_new_schedule_in_full(place, schedule):
    assert {name: schedule[name] for name in ("description", "cron", "cron_timezone", "active")} == {
        "description": "Nightly", "cron": "0 1 * * 5", "cron_timezone": "UTC", "active": True,
    }  # fmt: skip
    assert schedule["ref"] == "refs/heads/main"
    assert schedule["owner"]["id"] == place.root.user["id"]
    assert schedule["next_run_at"].endswith("Z")
    assert schedule["last_pipeline"] is None


@cites("doc/api/pipeline_schedules.md", "Edit a pipeline schedule")
def test_a_schedule_can_be_changed(place, schedule):
    body = {"cron": "0 2 * * *", "cron_timezone": "Europe/Dublin", "active": False}
    after = place.root.put(one(place, schedule), body).json()
    assert {name: after[name] for name in body} == body


@pytest.mark.parametrize(("scope", "seen"), [("active", True), ("inactive", False)])
@cites(SCHEDULES, "scope, values active inactive")
def test_schedules_by_scope(place, schedule, scope, seen):
    found = place.root.get(f"{place.path}/pipeline_schedules", {"scope": scope}).json()
    assert (schedule["id"] in [each["id"] for each in found]) is seen


@pytest.mark.parametrize("left_out", ["description", "ref", "cron"])
@cites(SCHEDULES, "create, requires", laws=9)
def test_what_a_schedule_needs(place, left_out):
    body = {name: value for name, value in SCHEDULE.items() if name != left_out}
    answer = place.root.post(f"{place.path}/pipeline_schedules", body)
    assert (answer.status_code, answer.json()) == (400, {"error": f"{left_out} is missing"})


@pytest.mark.parametrize(
    ("field", "value"), [("cron", "every day"), ("cron_timezone", "Middle/Earth")]
)
@cites(SCHEDULES, "create, render_validation_error!", laws=9)
def test_what_a_schedule_is_refused_for(place, field, value):
    answer = place.root.post(f"{place.path}/pipeline_schedules", SCHEDULE | {field: value})
    assert answer.status_code == 400
    assert "is invalid syntax" in answer.json()["message"][field][0]


@cites(SCHEDULES, "take_ownership, status(:ok)", laws=10)
def test_a_schedule_can_be_taken_over(place, schedule):
    heir = place.member("maintainer")
    taken = heir.post(one(place, schedule, "/take_ownership"))
    assert (taken.status_code, taken.json()["owner"]["id"]) == (201, heir.user["id"])
    again = heir.post(one(place, schedule, "/take_ownership"))
    assert again.status_code == 200
    place.root.post(one(place, schedule, "/take_ownership"))


@cites(SCHEDULES, "authorize! :admin_pipeline_schedule", laws=9)
def test_developers_do_not_take_over(place, schedule):
    answer = place.member("developer").post(one(place, schedule, "/take_ownership"))
    assert answer.status_code == 403


@cites("doc/api/pipeline_schedules.md", "Pipeline schedule variables")
def test_a_schedules_variables(place, schedule):
    body = {"key": "MODE", "value": "nightly"}
    made = place.root.made(one(place, schedule, "/variables"), **body)
    assert made == {"key": "MODE", "value": "nightly", "variable_type": "env_var", "raw": False}
    assert place.root.get(one(place, schedule)).json()["variables"] == [made]
    at = one(place, schedule, "/variables/MODE")
    assert place.root.put(at, {"value": "weekly"}).json()["value"] == "weekly"
    assert place.root.delete(at).status_code == 202
    assert place.root.get(one(place, schedule)).json()["variables"] == []


@cites(SCHEDULES, "delete")
def test_a_deleted_schedule_is_gone(place, schedule):
    assert place.root.delete(one(place, schedule)).status_code == 204
    answer = place.root.get(one(place, schedule))
    assert (answer.status_code, answer.json()) == (
        404,
        {"message": "404 Pipeline Schedule Not Found"},
    )


NEW_VARIABLE = "Create a variable, example response"


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param("projects", marks=cites("doc/api/project_level_variables.md", NEW_VARIABLE)),
        pytest.param("groups", marks=cites("doc/api/group_level_variables.md", NEW_VARIABLE)),
    ],
)
def test_a_new_variable_in_full(place, kind):
    path = place.path if kind == "projects" else place.group_path
    key = unique("KEY").replace("-", "_")
    made = place.root.made(f"{path}/variables", key=key, value="new value")
    assert made == {
        "variable_type": "env_var", "key": key, "value": "new value", "protected": False,
        "masked": False, "hidden": False, "raw": False, "environment_scope": "*",
        "description": None,
    }  # fmt: skip
    assert place.root.get(f"{path}/variables/{key}").json() == made
    assert place.root.delete(f"{path}/variables/{key}").status_code == 204


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"key": "TAKEN", "value": "x"}, "key"),
        ({"key": "no spaces", "value": "x"}, "key"),
        ({"key": "SHORT", "value": "short", "masked": True}, "value"),
        ({"key": "LINES", "value": "two\nlines of it", "masked": True}, "value"),
    ],
)
@cites("app/models/concerns/ci/maskable.rb", "REGEX; key has already been taken", laws=9)
def test_what_a_variable_is_refused_for(place, body, field):
    place.root.post(f"{place.path}/variables", {"key": "TAKEN", "value": "x"})
    answer = place.root.post(f"{place.path}/variables", body)
    assert answer.status_code == 400
    assert list(answer.json()["message"]) == [field]


@cites("lib/api/ci/variables.rb", "not_found!('Variable')", laws=9)
def test_a_variable_that_is_not_there(place):
    answer = place.root.get(f"{place.path}/variables/NO_SUCH")
    assert (answer.status_code, answer.json()) == (404, {"message": "404 Variable Not Found"})


@cites("lib/api/ci/variables.rb", "authorize! :admin_build", laws=9)
def test_developers_do_not_see_variables(place):
    answer = place.member("developer").get(f"{place.path}/variables")
    assert answer.status_code == 403


@cites("doc/api/project_level_variables.md", "Create a variable, masked_and_hidden")
def test_a_hidden_variable_does_not_tell_its_value(place):
    key = unique("HIDDEN").replace("-", "_")
    body = {"key": key, "value": "secret-value", "masked_and_hidden": True}
    made = place.root.made(f"{place.path}/variables", **body)
    assert (made["hidden"], made["masked"], made["value"]) == (True, True, None)
    assert place.root.get(f"{place.path}/variables/{key}").json()["value"] is None


@pytest.mark.parametrize(
    ("content", "valid"),
    [("job:\n  script: echo 1\n", True), ("job:\n  script: [\n", False), ("job: 1\n", False)],
)
@cites("lib/api/lint.rb", "post ci/lint", laws=9)
def test_ci_lint_judges_a_pipeline(place, content, valid):
    answer = place.root.post(f"{place.path}/ci/lint", {"content": content})
    assert answer.status_code == 200
    judged = answer.json()
    assert judged["valid"] is valid
    assert (judged["errors"] == []) is valid
    assert {"valid", "errors", "warnings", "merged_yaml"} <= set(judged)


@cites("lib/api/lint.rb", "requires :content", laws=9)
def test_ci_lint_needs_content(place):
    answer = place.root.post(f"{place.path}/ci/lint", {})
    assert (answer.status_code, answer.json()) == (400, {"error": "content is missing"})
