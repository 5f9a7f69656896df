"""What starts pipelines and what they are given: schedules and CI/CD variables.

No pipeline ever runs here. Sources: GitLab's documentation, "Pipeline schedules API" and
"Project-level CI/CD variables API"; `lib/api/ci/pipeline_schedules.rb`, `lib/api/ci/variables.rb`.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select

from automation.sandbox.access import DEVELOPER, GUEST, MAINTAINER
from automation.sandbox.api import find
from automation.sandbox.call import Call
from automation.sandbox.clock import stamp
from automation.sandbox.cron import next_run
from automation.sandbox.errors import forbidden, invalid, message, not_found
from automation.sandbox.paging import paginate
from automation.sandbox.routing import Router
from automation.sandbox.schema import PipelineSchedule, Project, Variable
from automation.sandbox.shapes import pipelines

ROUTES = Router()
_REF = re.compile(r"refs/(heads|tags)/\S+")
_KEY = re.compile(r"[a-zA-Z0-9_]{1,255}")
_MASKABLE = re.compile(r"[a-zA-Z0-9_+=/@:.~-]{8,}")
_MASKABLE_RAW = re.compile(r"\S{8,}")
_SEVERAL = (
    "There are multiple variables with provided parameters. Please use 'filter[environment_scope]'"
)


def _project(call: Call, level: int) -> Project:
    row = find.project(call)
    if call.access.project_level(row) < level:
        raise forbidden()
    return row


# --- Schedules ---------------------------------------------------------------------------


@ROUTES.add("GET", "/projects/:id/pipeline_schedules", login=True)
def schedules(call: Call) -> Any:
    """The schedules of a project; its pipelines are public among its members."""
    wanted = select(PipelineSchedule).where(PipelineSchedule.project_id == _project(call, GUEST).id)
    if scope := call.params.choice("scope", ("active", "inactive")):
        wanted = wanted.where(PipelineSchedule.active == (scope == "active"))
    rows = paginate(call, wanted.order_by(PipelineSchedule.id), PipelineSchedule.id)
    return [pipelines.schedule(row, call.base_url) for row in rows]


@ROUTES.add("POST", "/projects/:id/pipeline_schedules")
def create_schedule(call: Call) -> Any:
    """A schedule of the caller's own."""
    project, params = _project(call, DEVELOPER), call.params
    row = PipelineSchedule(
        project_id=project.id, description=params.need("description"),
        ref=_full_ref(params.need("ref")), cron=params.need("cron").strip(),
        cron_timezone=params.text("cron_timezone") or "UTC",
        active=params.flag("active", default=True), created_at=call.now, updated_at=call.now,
    )  # fmt: skip
    row.owner = call.me
    _reckon(call, row)
    call.session.add(row)
    call.session.flush()
    return pipelines.schedule_details(row, call.base_url)


@ROUTES.add("PUT", "/projects/:id/pipeline_schedules/:schedule_id")
def edit_schedule(call: Call) -> Any:
    """Change a schedule; for its owner and for administrators."""
    project, params = _project(call, GUEST), call.params
    row = call.session.scalar(
        select(PipelineSchedule).where(
            PipelineSchedule.project_id == project.id,
            PipelineSchedule.id == call.path["schedule_id"],
        )
    )
    if row is None:
        raise not_found("Pipeline Schedule")
    owned = row.owner_id == call.me.id and call.access.project_level(project) >= DEVELOPER
    if not (owned or call.access.admin):
        raise forbidden()
    for field in ("description", "cron", "cron_timezone"):
        setattr(row, field, params.text(field) or getattr(row, field))
    row.ref = _full_ref(params.text("ref") or row.ref)
    row.active = params.flag("active", row.active) is True
    row.updated_at = call.now
    _reckon(call, row)
    return pipelines.schedule_details(row, call.base_url)


def _full_ref(ref: str) -> str:
    """The ref in full; a short one is a branch, since there are no tags here."""
    return ref if _REF.fullmatch(ref) else f"refs/heads/{ref}"


def _reckon(call: Call, row: PipelineSchedule) -> None:
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


# --- Variables ---------------------------------------------------------------------------


@ROUTES.add("GET", "/projects/:id/variables", login=True)
def variables(call: Call) -> Any:
    """The CI/CD variables of a project, with their values."""
    wanted = select(Variable).where(Variable.project_id == _project(call, MAINTAINER).id)
    rows = paginate(call, wanted.order_by(Variable.id), Variable.id)
    return [pipelines.variable(row) for row in rows]


def _variable(call: Call) -> Variable:
    project = _project(call, MAINTAINER)
    wanted = select(Variable).where(
        Variable.project_id == project.id, Variable.key == call.path["key"]
    )
    if scope := call.params.sub("filter").text("environment_scope"):
        wanted = wanted.where(Variable.environment_scope == scope)
    rows = list(call.session.scalars(wanted))
    if len(rows) > 1:
        raise message(409, f"409 Conflict: {_SEVERAL}")
    if not rows:
        raise not_found("Variable")
    return rows[0]


@ROUTES.add("GET", "/projects/:id/variables/:key", login=True)
def variable(call: Call) -> Any:
    """One variable."""
    return pipelines.variable(_variable(call))


@ROUTES.add("POST", "/projects/:id/variables")
def create_variable(call: Call) -> Any:
    """A new variable; with ``masked_and_hidden`` its value is never shown again."""
    project, params = _project(call, MAINTAINER), call.params
    hidden = params.flag("masked_and_hidden") is True
    row = Variable(
        project_id=project.id, key=params.need("key"), value=params.need("value"),
        variable_type=params.choice("variable_type", ("env_var", "file"), "env_var"),
        protected=params.flag("protected") is True, hidden=hidden,
        masked=hidden or params.flag("masked") is True, raw=params.flag("raw") is True,
        environment_scope=params.text("environment_scope") or "*",
        description=params.text("description"),
    )  # fmt: skip
    _check(call, row)
    call.session.add(row)
    call.session.flush()
    return pipelines.variable(row)


@ROUTES.add("PUT", "/projects/:id/variables/:key")
def edit_variable(call: Call) -> Any:
    """Change a variable; hidden ones stay hidden."""
    row, params = _variable(call), call.params
    for flag in ("protected", "masked", "raw"):
        setattr(row, flag, params.flag(flag, getattr(row, flag)))
    row.value = params.text("value") or row.value
    _check(call, row)
    return pipelines.variable(row)


def _check(call: Call, row: Variable) -> None:
    if not _KEY.fullmatch(row.key):
        raise invalid({"key": ["can contain only letters, digits and '_'."]})
    if row.masked and not (_MASKABLE_RAW if row.raw else _MASKABLE).fullmatch(row.value):
        raise invalid({"value": ["is invalid"]})
    with call.session.no_autoflush:
        same = select(Variable.id).where(
            Variable.project_id == row.project_id,
            Variable.key == row.key,
            Variable.environment_scope == row.environment_scope,
            Variable.id != (row.id or 0),
        )
        if call.session.scalar(same):
            raise invalid({"key": [f"({row.key}) has already been taken"]})
