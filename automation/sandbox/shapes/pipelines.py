"""Pipeline schedules and CI/CD variables as GitLab shows them.

Sources: `lib/api/entities/ci/pipeline_schedule.rb`, `pipeline_schedule_details.rb` and
`variable.rb`.
"""

from __future__ import annotations

from typing import Any

from automation.sandbox.schema import PipelineSchedule, Variable
from automation.sandbox.shapes.people import user_basic


def schedule(row: PipelineSchedule, base: str) -> dict[str, Any]:
    """A schedule in a list."""
    return {
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
        "inputs": [],
    }


def schedule_details(row: PipelineSchedule, base: str) -> dict[str, Any]:
    """A schedule that was made or changed; there are no pipelines here."""
    return schedule(row, base) | {"last_pipeline": None, "variables": []}


def variable(row: Variable) -> dict[str, Any]:
    """A variable; a hidden one without its value."""
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
