"""Pipeline schedules, each known by its description in its project.

A schedule runs as its owner. GitLab lets nobody else change it, an administrator aside; who is
Maintainer may take it over (`app/policies/ci/pipeline_schedule_policy.rb`). Drumbeat does so
where the owner is gone or not active, and leaves a living owner's to that owner.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from automation.model.change import EnsureSchedule, Problem, ScheduleBefore, VariableChange
from automation.model.issue import Schedule, User
from automation.model.organisation import Organisation
from automation.model.provision import ScheduleSpec
from automation.model.snapshot import Snapshot
from automation.rules.finding import Finding, settle

ACTIVE = "active"
_NO_OWNER = "its owner is gone"


def set_up(organisation: Organisation, snapshot: Snapshot) -> Iterator[Finding]:
    """All schedules that policies ask for, as far as they differ from what is there."""
    projects = dict.fromkeys(spec.project for spec in organisation.schedules)
    for project in projects:
        specs = [spec for spec in organisation.schedules if spec.project == project]
        yield from settle(f"schedules of {project}", _of_project(project, specs, snapshot))


def _of_project(project: str, specs: list[ScheduleSpec], snapshot: Snapshot) -> Iterator[Finding]:
    schedules = snapshot.schedules(project)
    for spec in specs:
        found = [one for one in schedules if one.description == spec.description]
        yield from settle(_key(spec), _schedule(spec, found, snapshot))


def _key(spec: ScheduleSpec) -> str:
    return f"{spec.project}: {spec.description}"


def _schedule(spec: ScheduleSpec, found: list[Schedule], snapshot: Snapshot) -> Iterator[Finding]:
    if len(found) > 1:
        yield Problem(
            key=_key(spec),
            message=f"there are {len(found)} schedules with this description",
            remedy="Delete all but one of them, or give them other descriptions.",
            blocking=True,
        )
        return
    ref = spec.ref or _default_ref(spec, snapshot)
    if found:
        yield from _mended(spec, found[0], ref, snapshot)
    elif ref:
        variables = _variables(spec, {})
        yield _ensure(spec, ref, variables, "policies ask for it", None, take=False)
    else:
        yield Problem(
            key=_key(spec),
            message=f"the default branch of {spec.project} is not known",
            remedy="Push a first commit there, give the token's user the role Maintainer in it, "
            "or name a branch as `ref`.",
            blocking=True,
        )


def _default_ref(spec: ScheduleSpec, snapshot: Snapshot) -> str:
    project = snapshot.project(spec.project)
    return project.default_branch if project else ""


def _mended(
    spec: ScheduleSpec, schedule: Schedule, ref: str, snapshot: Snapshot
) -> Iterator[Finding]:
    held = snapshot.schedule_variables(spec.project, schedule.id) if spec.variables else {}
    variables = _variables(spec, held)
    ref = schedule.ref if not ref or _is_same(schedule.ref, ref) else ref
    reasons = list(_reasons(spec, schedule, ref, variables))
    owner = schedule.owner
    if owner is None or owner.state != ACTIVE:
        reasons.append(f"its owner @{owner.username} is {owner.state}" if owner else _NO_OWNER)
        yield _ensure(spec, ref, variables, ", ".join(reasons), schedule, take=True)
    elif reasons:
        identity = snapshot.identity()
        if identity.is_admin or owner.id == identity.user.id:
            yield _ensure(spec, ref, variables, ", ".join(reasons), schedule, take=False)
        else:
            yield _not_ours(spec, owner, reasons)


def _is_same(full: str, ref: str) -> bool:
    """Whether a ref as GitLab keeps it is the one that somebody wrote."""
    return full in {ref, f"refs/heads/{ref}", f"refs/tags/{ref}"}


def _not_ours(spec: ScheduleSpec, owner: User, reasons: list[str]) -> Problem:
    who = f"@{owner.username}"
    return Problem(
        key=_key(spec),
        message=f"it belongs to {who}, and only they can change it: {', '.join(reasons)}",
        remedy=f"Let {who} change it, or have a Maintainer delete it, and run this again.",
        blocking=True,
    )


def _reasons(
    spec: ScheduleSpec, schedule: Schedule, ref: str, variables: tuple[VariableChange, ...]
) -> Iterator[str]:
    if schedule.cron != spec.cron:
        yield f"it runs at {schedule.cron}"
    if schedule.timezone != spec.timezone:
        yield f"its time zone is {schedule.timezone}"
    if schedule.ref != ref:
        yield f"it runs on {schedule.ref}"
    if schedule.active != spec.active:
        yield "it is active" if schedule.active else "it is not active"
    if variables:
        yield f"variables differ: {', '.join(one.key for one in variables)}"


def _variables(spec: ScheduleSpec, held: Mapping[str, str]) -> tuple[VariableChange, ...]:
    return tuple(
        VariableChange(key=key, value=value, there=key in held)
        for key, value in sorted(spec.variables.items())
        if held.get(key) != value
    )


def _ensure(
    spec: ScheduleSpec,
    ref: str,
    variables: tuple[VariableChange, ...],
    reason: str,
    schedule: Schedule | None,
    *,
    take: bool,
) -> EnsureSchedule:
    return EnsureSchedule(
        key=_key(spec),
        reason=reason,
        project=spec.project,
        description=spec.description,
        cron=spec.cron,
        timezone=spec.timezone,
        ref=ref,
        active=spec.active,
        variables=variables,
        take_ownership=take,
        before=_before(schedule) if schedule else None,
    )


def _before(schedule: Schedule) -> ScheduleBefore:
    return ScheduleBefore(
        id=schedule.id,
        cron=schedule.cron,
        timezone=schedule.timezone,
        ref=schedule.ref,
        active=schedule.active,
        owner=schedule.owner.username if schedule.owner else None,
    )
