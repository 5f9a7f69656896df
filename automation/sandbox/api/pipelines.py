"""Pipeline schedules, what they pass on, and who may touch them.

No pipeline ever runs here, for no repository here has a commit. Sources: GitLab's
documentation, "Pipeline schedules API"; `lib/api/ci/pipeline_schedules.rb`,
`app/policies/ci/pipeline_schedule_policy.rb`.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select

from automation.sandbox.access import DEVELOPER, GUEST, MAINTAINER
from automation.sandbox.api import find
from automation.sandbox.call import Call, Reply
from automation.sandbox.clock import stamp
from automation.sandbox.cron import next_run
from automation.sandbox.errors import forbidden, grape, invalid, not_found
from automation.sandbox.paging import paginate, slice_page
from automation.sandbox.routing import Router
from automation.sandbox.schema import Project
from automation.sandbox.schema_pipelines import PipelineSchedule, ScheduleVariable
from automation.sandbox.shapes import pipelines

ROUTES = Router()
_ALL = "/projects/:id/pipeline_schedules"
_ONE = f"{_ALL}/:schedule_id"
_REF = re.compile(r"refs/(heads|tags)/\S+")
_KEY = re.compile(r"[a-zA-Z0-9_]{1,255}")
TYPES = ("env_var", "file")


def check_key(key: str) -> None:
    """Refuse a variable's name that GitLab would not take.

    Raises:
        ApiError: 400.
    """
    if not key:
        texts = ["can't be blank", "can contain only letters, digits and '_'."]
        raise invalid({"key": texts})
    if len(key) > 255:
        raise invalid({"key": ["is too long (maximum is 255 characters)"]})
    if not _KEY.fullmatch(key):
        raise invalid({"key": ["can contain only letters, digits and '_'."]})


def _project(call: Call, level: int) -> Project:
    row = find.project(call)
    if call.access.project_level(row) < level:
        raise forbidden()
    return row


def _schedule(call: Call, project: Project) -> PipelineSchedule:
    wanted = call.path["schedule_id"]
    if not wanted.isdigit():
        raise grape("pipeline_schedule_id is invalid")
    row = call.session.scalar(
        select(PipelineSchedule).where(
            PipelineSchedule.project_id == project.id, PipelineSchedule.id == int(wanted)
        )
    )
    # Pipelines are public among those who have a role, even as a guest.
    if row is None or call.access.project_level(project) < GUEST:
        raise not_found("Pipeline Schedule")
    return row


def _administers(call: Call, project: Project, row: PipelineSchedule) -> bool:
    """Maintainers, and its owner for as long as they are a developer."""
    level = call.access.project_level(project)
    return level >= MAINTAINER or (level >= DEVELOPER and row.owner_id == call.me.id)


def _updates(call: Call, project: Project, row: PipelineSchedule) -> bool:
    """Its owner and administrators; a Maintainer must take ownership first."""
    owned = row.owner_id == call.me.id and call.access.project_level(project) >= DEVELOPER
    return owned or call.access.admin


def _updated(call: Call) -> PipelineSchedule:
    project = find.project(call)
    row = _schedule(call, project)
    if not _updates(call, project, row):
        raise forbidden()
    return row


def _administered(call: Call) -> PipelineSchedule:
    project = find.project(call)
    row = _schedule(call, project)
    if not _administers(call, project, row):
        raise forbidden()
    return row


@ROUTES.add("GET", _ALL, login=True)
def schedules(call: Call) -> Any:
    """The schedules of a project; its pipelines are public among its members."""
    project = _project(call, GUEST)
    wanted = select(PipelineSchedule).where(PipelineSchedule.project_id == project.id)
    if scope := call.params.choice("scope", ("active", "inactive")):
        wanted = wanted.where(PipelineSchedule.active == (scope == "active"))
    rows = paginate(call, wanted.order_by(PipelineSchedule.id), PipelineSchedule.id)
    return [
        pipelines.schedule(row, call.base_url, inside=_administers(call, project, row))
        for row in rows
    ]


@ROUTES.add("GET", _ONE, login=True)
def show(call: Call) -> Any:
    """One schedule; its variables for those who administer it."""
    project = find.project(call)
    row = _schedule(call, project)
    return pipelines.schedule_details(row, call.base_url, inside=_administers(call, project, row))


@ROUTES.add("GET", f"{_ONE}/pipelines", login=True)
def runs(call: Call) -> Any:
    """The pipelines that it started: none."""
    _schedule(call, find.project(call))
    return slice_page(call, [])


@ROUTES.add("POST", _ALL)
def create(call: Call) -> Any:
    """A schedule of the caller's own."""
    params = call.params
    description, ref, cron = params.need("description"), params.need("ref"), params.need("cron")
    if not ref.strip():
        raise grape("ref is empty")
    row = PipelineSchedule(
        project_id=_project(call, DEVELOPER).id, description=description, ref=_full_ref(ref),
        cron=cron.strip(), cron_timezone=params.text("cron_timezone") or "UTC",
        active=params.flag("active", default=True), inputs=[], variables=[],
        created_at=call.now, updated_at=call.now,
    )  # fmt: skip
    row.owner = call.me
    _settle(call, row)
    call.session.add(row)
    call.session.flush()
    return pipelines.schedule_details(row, call.base_url)


@ROUTES.add("PUT", _ONE)
def edit(call: Call) -> Any:
    """Change a schedule; for its owner and for administrators."""
    row, params = _updated(call), call.params
    for field in ("description", "cron", "cron_timezone"):
        setattr(row, field, params.text(field, getattr(row, field)))
    row.ref = _full_ref(params.text("ref") or row.ref)
    row.active = params.flag("active", row.active) is True
    row.updated_at = call.now
    _settle(call, row)
    return pipelines.schedule_details(row, call.base_url)


def _full_ref(ref: str) -> str:
    """The ref in full; a short one is a branch, since there are no tags here."""
    return ref if _REF.fullmatch(ref) else f"refs/heads/{ref}"


def _settle(call: Call, row: PipelineSchedule) -> None:
    """Check a schedule and work out what follows from its fields."""
    if not row.description:
        raise invalid({"description": ["can't be blank"]})
    row.inputs = _inputs(call, row.inputs)
    for field, zone, cron in (
        ("cron", "UTC", row.cron),
        ("cron_timezone", row.cron_timezone, "0 0 * * *"),
    ):
        try:
            next_run(cron, zone, call.store.clock.now())
        except (ValueError, KeyError, OSError):
            raise invalid({field: [" is invalid syntax"]}) from None
    moment = next_run(row.cron, row.cron_timezone, call.store.clock.now())
    row.next_run_at = stamp(moment) if moment else None


def _inputs(call: Call, held: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The inputs after the request's own: each has a name, and a value unless it goes."""
    values = {item["name"]: item["value"] for item in held}
    sent = call.params.values.get("inputs") or []
    for number, item in enumerate(sent if isinstance(sent, list) else [sent]):
        if not isinstance(item, dict) or not item.get("name"):
            raise grape(f"inputs[{number}][name] is missing")
        if item.get("destroy") in (True, "true"):
            values.pop(item["name"], None)
        elif "value" not in item:
            raise grape(f"inputs[{number}][value] is missing")
        else:
            values[item["name"]] = item["value"]
    return [{"name": name, "value": value} for name, value in values.items()]


@ROUTES.add("POST", f"{_ONE}/take_ownership")
def take_ownership(call: Call) -> Any:
    """Become its owner; 200 for who is already."""
    row = _administered(call)
    status = 200 if row.owner_id == call.me.id else 201
    row.owner = call.me
    call.session.flush()
    return Reply(status, pipelines.schedule_details(row, call.base_url))


@ROUTES.add("DELETE", _ONE)
def remove(call: Call) -> Any:
    """Delete a schedule with its variables."""
    call.session.delete(_administered(call))


@ROUTES.add("POST", f"{_ONE}/play")
def play(call: Call) -> Any:
    """Ask for a run now, which comes to nothing in a repository without commits."""
    project = find.project(call)
    _schedule(call, project)
    if call.access.project_level(project) < DEVELOPER:
        raise forbidden()
    return {"message": "201 Created"}


def _held(call: Call, row: PipelineSchedule) -> ScheduleVariable:
    for variable in row.variables:
        if variable.key == call.path["key"]:
            return variable
    raise not_found("Pipeline Schedule Variable")


@ROUTES.add("POST", f"{_ONE}/variables")
def create_variable(call: Call) -> Any:
    """A variable for the schedule's pipelines."""
    row, params = _updated(call), call.params
    key, value = params.need("key"), params.need("value")
    kind = params.choice("variable_type", TYPES, "env_var")
    check_key(key)
    if any(other.key == key for other in row.variables):
        raise invalid({"key": ["has already been taken"]})
    variable = ScheduleVariable(key=key, value=value, variable_type=kind)
    row.variables.append(variable)
    call.session.flush()
    return pipelines.schedule_variable(variable)


@ROUTES.add("GET", f"{_ONE}/variables/:key", login=True)
def show_variable(call: Call) -> Any:
    """One variable of a schedule."""
    return pipelines.schedule_variable(_held(call, _administered(call)))


@ROUTES.add("PUT", f"{_ONE}/variables/:key")
def edit_variable(call: Call) -> Any:
    """Change a variable's value or type."""
    variable, params = _held(call, _updated(call)), call.params
    variable.value = params.text("value", variable.value) or ""
    kind = params.choice("variable_type", TYPES, variable.variable_type)
    variable.variable_type = kind or variable.variable_type
    return pipelines.schedule_variable(variable)


@ROUTES.add("DELETE", f"{_ONE}/variables/:key", status=202)
def remove_variable(call: Call) -> Any:
    """Delete a variable; the answer shows it once more."""
    variable = _held(call, _administered(call))
    call.session.delete(variable)
    return pipelines.schedule_variable(variable)
