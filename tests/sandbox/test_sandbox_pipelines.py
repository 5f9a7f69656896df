"""Pipeline schedules and CI/CD variables of the embedded GitLab.

Sources: GitLab's documentation, "Pipeline schedules API" and "Project-level CI/CD variables
API"; `lib/api/ci/pipeline_schedules.rb`, `lib/api/ci/variables.rb` and the entities beside them.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from automation.sandbox.cron import next_run
from tests.sandbox.world import new_space

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
NIGHTLY = {"description": "Nightly", "ref": "main", "cron": "0 1 * * *"}


@pytest.fixture
def still(fixed):
    """A space on a server whose clock stands still."""
    space = new_space(fixed)
    yield space
    space.close()


def test_a_schedule_has_gitlabs_fields(still):
    developer = still.member("developer")
    made = developer.post(f"{still.path}/pipeline_schedules", NIGHTLY)
    assert made.status_code == 201
    shown = made.json()
    assert shown.keys() == {
        "id",
        "description",
        "ref",
        "cron",
        "cron_timezone",
        "next_run_at",
        "active",
        "created_at",
        "updated_at",
        "owner",
        "last_pipeline",
    }
    assert (shown["ref"], shown["cron_timezone"], shown["active"]) == (
        "refs/heads/main",
        "UTC",
        True,
    )
    assert shown["next_run_at"] == "2026-11-24T01:03:00.000Z"
    assert shown["owner"]["username"] == developer.user["username"]
    listed = still.member("guest").get(f"{still.path}/pipeline_schedules").json()
    assert listed == [{key: shown[key] for key in shown if key != "last_pipeline"}]


def test_schedules_are_listed_by_scope(still):
    at = f"{still.path}/pipeline_schedules"
    developer = still.member("developer")
    first = developer.made(at, **NIGHTLY)
    second = developer.made(at, **NIGHTLY | {"active": False, "ref": "refs/tags/v1"})
    scopes = {scope: developer.get(at, {"scope": scope}).json() for scope in ("active", "inactive")}
    assert [one["id"] for one in scopes["active"]] == [first["id"]]
    assert [one["ref"] for one in scopes["inactive"]] == ["refs/tags/v1"]
    assert second["active"] is False


def test_who_may_do_what_with_schedules(still):
    at = f"{still.path}/pipeline_schedules"
    developer = still.member("developer")
    made = developer.made(at, **NIGHTLY)
    one = f"{at}/{made['id']}"
    assert still.member("reporter").post(at, NIGHTLY).status_code == 403
    assert still.someone().get(at).status_code == 404
    assert still.member("maintainer").put(one, {"active": False}).status_code == 403
    changed = developer.put(one, {"active": False, "cron_timezone": "Asia/Tokyo", "ref": "dev"})
    assert changed.status_code == 200
    assert (changed.json()["active"], changed.json()["ref"]) == (False, "refs/heads/dev")
    assert changed.json()["next_run_at"] == "2026-11-23T16:03:00.000Z"
    assert still.root.put(one, {"description": "Mine"}).json()["active"] is False
    assert developer.put(f"{at}/999", {}).json() == {"message": "404 Pipeline Schedule Not Found"}
    assert developer.put(f"{at}/x", {}).json() == {"error": "pipeline_schedule_id is invalid"}


def test_a_schedules_variables_are_for_its_owner_and_maintainers(still):
    # Source: `lib/api/entities/ci/pipeline_schedule_details.rb`, `pipeline_schedule_policy.rb`.
    at = f"{still.path}/pipeline_schedules"
    developer, maintainer = still.member("developer"), still.member("maintainer")
    one = f"{at}/{developer.made(at, **NIGHTLY)['id']}"
    made = developer.made(f"{one}/variables", key="SHARD", value="1/4")
    assert made == {"variable_type": "env_var", "key": "SHARD", "value": "1/4", "raw": False}
    assert developer.get(one).json()["variables"] == [made]
    assert maintainer.get(one).json()["variables"] == [made]
    reader = still.member("reporter")
    assert "variables" not in reader.get(one).json()
    assert reader.get(f"{one}/variables/SHARD").status_code == 403
    assert maintainer.get(f"{one}/variables/SHARD").json() == made
    assert maintainer.put(f"{one}/variables/SHARD", {"value": "2"}).status_code == 403
    changed = developer.put(f"{one}/variables/SHARD", {"value": "", "variable_type": "file"})
    assert changed.json() == made | {"value": "", "variable_type": "file"}
    gone = developer.delete(f"{one}/variables/SHARD")
    assert (gone.status_code, gone.json()) == (202, changed.json())
    missing = developer.get(f"{one}/variables/SHARD")
    assert missing.json() == {"message": "404 Pipeline Schedule Variable Not Found"}


def test_a_schedules_variables_have_names_of_their_own(still):
    at = f"{still.path}/pipeline_schedules"
    developer = still.member("developer")
    one = f"{at}/{developer.made(at, **NIGHTLY)['id']}/variables"
    developer.made(one, key="A", value="1")
    developer.made(one, key="B", value="2")
    assert developer.get(f"{one}/B").json()["value"] == "2"
    taken = developer.post(one, {"key": "A", "value": "2"})
    assert taken.json() == {"message": {"key": ["has already been taken"]}}
    assert developer.post(one, {"key": "A"}).json() == {"error": "value is missing"}
    assert developer.post(one, {"key": "", "value": "x"}).json()["message"]["key"][0] == (
        "can't be blank"
    )
    long = developer.post(one, {"key": "A" * 256, "value": "x"})
    assert long.json() == {"message": {"key": ["is too long (maximum is 255 characters)"]}}


def test_a_schedules_inputs_are_added_changed_and_dropped(still):
    at = f"{still.path}/pipeline_schedules"
    developer = still.member("developer")
    inputs = [{"name": "a", "value": [1, 2]}, {"name": "b", "value": True}]
    one = f"{at}/{developer.made(at, **NIGHTLY, inputs=inputs)['id']}"
    assert developer.get(one).json()["inputs"] == inputs
    changes = [{"name": "a", "destroy": True}, {"name": "b", "value": "x"}]
    assert developer.put(one, {"inputs": changes}).status_code == 200
    assert developer.get(at).json()[0]["inputs"] == [{"name": "b", "value": "x"}]
    for wrong, text in (({}, "inputs[0][name] is missing"),
                        ({"name": "c"}, "inputs[0][value] is missing")):  # fmt: skip
        assert developer.put(one, {"inputs": [wrong]}).json() == {"error": text}


def test_ownership_of_a_schedule_can_be_taken(still):
    at = f"{still.path}/pipeline_schedules"
    developer, maintainer = still.member("developer"), still.member("maintainer")
    one = f"{at}/{developer.made(at, **NIGHTLY)['id']}"
    assert still.member("developer").post(f"{one}/take_ownership").status_code == 403
    taken = maintainer.post(f"{one}/take_ownership")
    assert (taken.status_code, taken.json()["owner"]["id"]) == (201, maintainer.user["id"])
    assert maintainer.post(f"{one}/take_ownership").status_code == 200
    assert developer.delete(one).status_code == 403
    assert maintainer.put(one, {"active": False}).json()["active"] is False
    assert maintainer.delete(one).status_code == 204
    assert maintainer.get(one).status_code == 404


def test_a_schedule_can_be_played_and_has_no_pipelines(still):
    at = f"{still.path}/pipeline_schedules"
    developer = still.member("developer")
    one = f"{at}/{developer.made(at, **NIGHTLY)['id']}"
    played = developer.post(f"{one}/play")
    assert (played.status_code, played.json()) == (201, {"message": "201 Created"})
    assert still.member("guest").post(f"{one}/play").status_code == 403
    runs = developer.get(f"{one}/pipelines")
    assert (runs.json(), runs.headers["X-Total"]) == ([], "0")


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        ({"ref": " "}, {"error": "ref is empty"}),
        ({"description": ""}, {"message": {"description": ["can't be blank"]}}),
    ],
)
def test_a_schedule_that_lacks_something(still, fields, body):
    answer = still.member("developer").post(f"{still.path}/pipeline_schedules", NIGHTLY | fields)
    assert (answer.status_code, answer.json()) == (400, body)


@pytest.mark.parametrize(
    ("field", "value"),
    [("cron", "at dawn"), ("cron", "61 * * * *"), ("cron_timezone", "Mars/Olympus")],
)
def test_a_schedule_that_never_was_a_time(still, field, value):
    answer = still.member("developer").post(
        f"{still.path}/pipeline_schedules", NIGHTLY | {field: value}
    )
    assert answer.status_code == 400
    assert answer.json() == {"message": {field: [" is invalid syntax"]}}


def test_a_day_that_never_comes_gives_no_next_run(still):
    made = still.member("developer").made(
        f"{still.path}/pipeline_schedules", **NIGHTLY | {"cron": "0 0 30 2 *"}
    )
    assert made["next_run_at"] is None


def test_a_blocked_owners_schedules_are_inactive_and_a_removed_ones_have_none(still):
    # Source: `app/models/user.rb`, DropPipelinesAndDisableSchedulesForUserService.
    at = f"{still.path}/pipeline_schedules"
    developer = still.member("developer")
    developer.made(at, **NIGHTLY)
    user = f"/users/{developer.user['id']}"
    assert still.root.post(f"{user}/block").json() is True
    assert still.root.post(f"{user}/block").json() is None
    (shown,) = still.root.get(at).json()
    assert (shown["active"], shown["owner"]["state"]) == (False, "blocked")
    assert still.root.delete(user).status_code == 204
    assert still.root.get(at).json()[0]["owner"] is None


@pytest.mark.parametrize(
    ("cron", "zone", "expected"),
    [
        ("* * * * *", "UTC", "2026-11-23T08:03"),
        ("3 8 * * *", "UTC", "2026-11-23T08:03"),
        ("0 1 * * *", "Asia/Tokyo", "2026-11-23T16:03"),
        ("*/30 9-17 * * 1-5", "UTC", "2026-11-23T09:03"),
        ("0 8 * * 7", "UTC", "2026-11-29T08:03"),
        ("0 8 1,15 * 2", "UTC", "2026-11-24T08:03"),
        ("0 8 29 2 *", "UTC", "2028-02-29T08:03"),
        ("5/20 8 * * *", "UTC", "2026-11-23T08:13"),
        ("30 2 28 3 *", "Europe/Berlin", "2028-03-28T00:33"),
    ],
)
def test_the_next_run_waits_for_the_worker(cron, zone, expected):
    moment = next_run(cron, zone, MONDAY)
    assert moment is not None
    assert moment.isoformat()[:16] == expected


# --- Variables ---------------------------------------------------------------------------


def test_a_variable_has_gitlabs_fields(space):
    maintainer = space.member("maintainer")
    at = f"{space.path}/variables"
    made = maintainer.made(at, key="DRUMBEAT_TOKEN", value="glpat-value", protected=True)
    assert made == {
        "variable_type": "env_var",
        "key": "DRUMBEAT_TOKEN",
        "value": "glpat-value",
        "hidden": False,
        "protected": True,
        "masked": False,
        "raw": False,
        "environment_scope": "*",
        "description": None,
    }
    assert maintainer.get(at).json() == [made]
    assert maintainer.get(f"{at}/DRUMBEAT_TOKEN").json() == made
    changed = maintainer.put(f"{at}/DRUMBEAT_TOKEN", {"masked": True, "value": "glpat-other"})
    assert (changed.json()["masked"], changed.json()["value"]) == (True, "glpat-other")
    assert maintainer.get(f"{at}/OTHER").json() == {"message": "404 Variable Not Found"}


def test_a_hidden_variable_is_masked_and_never_shown(space):
    made = space.member("maintainer").made(
        f"{space.path}/variables", key="X", value="glpat-value", masked_and_hidden=True
    )
    assert (made["value"], made["hidden"], made["masked"]) == (None, True, True)


def test_a_variable_for_each_environment(space):
    maintainer = space.member("maintainer")
    at = f"{space.path}/variables"
    for scope in ("prod", "test"):
        maintainer.made(at, key="X", value=scope, environment_scope=scope)
    several = maintainer.get(f"{at}/X")
    assert several.status_code == 409
    assert several.json()["message"].startswith("There are multiple variables")
    chosen = maintainer.get(f"{at}/X", {"filter[environment_scope]": "test"})
    assert chosen.json()["value"] == "test"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"key": "A-B"}, {"key": ["can contain only letters, digits and '_'."]}),
        ({"value": "short", "masked": True}, {"value": ["is invalid"]}),
        ({"value": "with#others", "masked": True}, {"value": ["is invalid"]}),
        ({"key": "TAKEN"}, {"key": ["(TAKEN) has already been taken"]}),
    ],
)
def test_a_variable_that_cannot_be(space, fields, message):
    maintainer = space.member("maintainer")
    at = f"{space.path}/variables"
    maintainer.made(at, key="TAKEN", value="v")
    answer = maintainer.post(at, {"key": "X", "value": "long-enough"} | fields)
    assert (answer.status_code, answer.json()) == (400, {"message": message})


def test_raw_values_may_be_masked_with_any_sign(space):
    made = space.member("maintainer").made(
        f"{space.path}/variables", key="X", value="with#others", masked=True, raw=True
    )
    assert made["masked"] is True


def test_a_variable_is_changed_and_deleted_by_its_scope(space):
    maintainer = space.member("maintainer")
    at = f"{space.path}/variables"
    for scope in ("prod", "test"):
        maintainer.made(at, key="X", value=scope, environment_scope=scope)
    only = {"filter[environment_scope]": "test"}
    changes = {"value": "", "variable_type": "file", "description": "d", "environment_scope": "qa"}
    changed = maintainer.put(f"{at}/X", changes, params=only).json()
    assert {key: changed[key] for key in changes} == changes
    assert maintainer.delete(f"{at}/X").status_code == 409
    taken = maintainer.put(
        f"{at}/X", {"environment_scope": "prod"}, params={"filter[environment_scope]": "qa"}
    )
    assert taken.json() == {"message": {"key": ["(X) has already been taken"]}}
    gone = maintainer.delete(f"{at}/X", params={"filter[environment_scope]": "qa"})
    assert gone.status_code == 204
    assert [row["value"] for row in maintainer.get(at).json()] == ["prod"]


def test_a_hidden_variable_stays_masked(space):
    # Source: `app/models/concerns/ci/hidable_variable.rb`.
    maintainer = space.member("maintainer")
    at = f"{space.path}/variables"
    maintainer.made(at, key="X", value="glpat-value", masked_and_hidden=True)
    refused = maintainer.put(f"{at}/X", {"masked": False})
    assert (refused.status_code, refused.json()) == (
        400,
        {
            "message": {
                "base": [
                    "The visibility setting cannot be changed for masked and hidden variables."
                ]
            }
        },
    )
    assert maintainer.put(f"{at}/X", {"value": "glpat-other"}).json()["value"] is None


def test_group_variables_are_the_owners(space, root):
    # Source: `lib/api/group_variables.rb`.
    at = f"/groups/{space.group['id']}/variables"
    made = root.made(at, key="X", value="v", environment_scope="prod")
    assert (made["environment_scope"], made["hidden"]) == ("*", False)
    assert root.get(at).json() == [made] == [root.get(f"{at}/X").json()]
    assert root.put(f"{at}/X", {"protected": True}).json()["protected"] is True
    missing = {"message": "404 GroupVariable Not Found"}
    assert root.get(f"{at}/Y").json() == root.put(f"{at}/Y", {}).json() == missing
    maintainer = space.someone()
    root.made(
        f"/groups/{space.group['id']}/members", user_id=maintainer.user["id"], access_level=40
    )
    assert maintainer.get(at).status_code == 403
    assert root.delete(f"{at}/X").status_code == 204
    assert root.get(at).json() == []


def test_a_paid_groups_variables_have_scopes(premium):
    at = f"/groups/{premium.group['id']}/variables"
    for scope in ("prod", "test"):
        premium.root.made(at, key="X", value=scope, environment_scope=scope)
    assert premium.root.get(f"{at}/X").status_code == 409
    assert premium.root.put(f"{at}/X", {"value": "new"}).json()["environment_scope"] == "prod"
    only = {"filter[environment_scope]": "test"}
    assert premium.root.put(f"{at}/X", {"value": "2"}, params=only).json()["value"] == "2"


def test_variables_are_the_maintainers(space):
    for role, status in (("developer", 403), ("maintainer", 200)):
        assert space.member(role).get(f"{space.path}/variables").status_code == status
