"""Pipeline schedules and CI/CD variables as GitLab shows them.

Sources: `lib/api/entities/ci/pipeline_schedule.rb`, `pipeline_schedule_details.rb` and
`variable.rb`.
"""

from __future__ import annotations

from typing import Any

from automation.sandbox.schema_pipelines import PipelineSchedule, ScheduleVariable, Variable
from automation.sandbox.shapes.people import user_basic


def schedule(row: PipelineSchedule, base: str, *, inside: bool = False) -> dict[str, Any]:
    """A schedule in a list; its inputs for those who see inside."""
    shape: dict[str, Any] = {
        "id": row.id,
        "description": row.description,
        "ref": row.ref,
        "cron": row.cron,
        "cron_timezone": row.cron_timezone,
        "next_run_at": row.next_run_at,
        "active": row.active,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "owner": user_basic(row.owner, base) if row.owner else None,
    }
    return shape | ({"inputs": row.inputs} if inside else {})


def schedule_details(row: PipelineSchedule, base: str, *, inside: bool = False) -> dict[str, Any]:
    """One schedule. GitLab shows what it passes on when it is read, not when it is changed."""
    shape = schedule(row, base, inside=inside) | {"last_pipeline": None}
    if inside:
        shape["variables"] = [schedule_variable(variable) for variable in row.variables]
    return shape


def schedule_variable(row: ScheduleVariable) -> dict[str, Any]:
    """A variable of a schedule, which has fewer fields than others."""
    return {
        "variable_type": row.variable_type,
        "key": row.key,
        "value": row.value,
        "raw": False,
    }


def variable(row: Variable) -> dict[str, Any]:
    """A variable of a project or group; a hidden one without its value."""
    return {
        "variable_type": row.variable_type,
        "key": row.key,
        "value": None if row.hidden else row.value,
        "hidden": row.hidden,
        "protected": row.protected,
        "masked": row.masked,
        "raw": row.raw,
        "environment_scope": row.environment_scope,
        "description": row.description,
    }
