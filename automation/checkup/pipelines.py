"""The project whose pipelines run Drumbeat: its schedules, and the variable with the token."""

from __future__ import annotations

from collections.abc import Iterator

from automation.checkup.exam import Exam
from automation.checkup.finding import Finding, Severity, listed, unread
from automation.checkup.people import ACTIVE
from automation.inert import plain
from automation.model.issue import Schedule, Variable
from automation.model.snapshot import NotReadable

TOKEN = "DRUMBEAT_TOKEN"


def schedules(exam: Exam) -> Iterator[Finding]:
    """Schedules that do not run, and whether any runs on the default branch."""
    path = exam.pipelines
    if not path:
        return
    try:
        found = exam.snapshot.schedules(path)
    except NotReadable as why:
        so = "Whether runs are scheduled is not known."
        yield unread(why, f"the pipeline schedules of {path}", so)
        return
    idle = {one.id: reason for one in found if (reason := _idle(one))}
    if idle:
        names = (f"“{plain(one.description)}” {idle[one.id]}" for one in found if one.id in idle)
        yield Finding(
            key=f"schedules-idle:{path}",
            severity=Severity.WARNING,
            title=f"Pipeline schedules of {path} do not run: {len(idle)}",
            cause=f"{listed(names)}.",
            consequence="What they were made for does not happen, and GitLab tells nobody.",
            remedy="Take them over or activate them under Build > Pipeline schedules, or delete "
            "them.",
        )
    yield from _on_default_branch([one for one in found if one.id not in idle], path, exam)


def _idle(schedule: Schedule) -> str:
    """Why the schedule does not run; empty where it does."""
    if schedule.owner is None:
        return "has no owner any more"
    if schedule.owner.state != ACTIVE:
        return f"belongs to @{schedule.owner.username}, who is {schedule.owner.state}"
    return "" if schedule.active else "is inactive"


def _on_default_branch(running: list[Schedule], path: str, exam: Exam) -> Iterator[Finding]:
    project = exam.snapshot.project(path)
    branch = project.default_branch if project else ""
    refs = [one.ref.removeprefix("refs/heads/") for one in running]
    if branch in refs or (refs and not branch):
        return
    yield Finding(
        key=f"schedules-none:{path}",
        severity=Severity.ERROR,
        title=f"No pipeline schedule of {path} runs Drumbeat",
        cause=f"Those that run are for {listed(refs)}, and the default branch is {branch}."
        if refs
        else "There is none that is active and has an active owner.",
        consequence="Nothing opens, reminds or closes by itself.",
        remedy="Make one under Build > Pipeline schedules, for the default branch.",
    )


def variable(exam: Exam) -> Iterator[Finding]:
    """The CI/CD variable that holds the token: the project's, or that of the nearest group."""
    if not exam.pipelines:
        return
    for path in _upwards(exam.pipelines):
        try:
            held = exam.snapshot.variable(path, TOKEN, in_group=path != exam.pipelines)
        except NotReadable as why:
            about = f"the variable {TOKEN} of {path}"
            so = f"See for yourself, under Settings > CI/CD > Variables of {path}: it shall be "
            yield unread(why, about, f"{so}protected and masked.", Severity.HINT)
            return
        if held is not None:
            yield from _kept(held, path)
            return


def _upwards(path: str) -> Iterator[str]:
    """A project and the groups around it, the nearest first."""
    parts = path.split("/")
    return ("/".join(parts[:count]) for count in range(len(parts), 0, -1))


def _kept(held: Variable, path: str) -> Iterator[Finding]:
    if not held.masked:
        yield _loose(
            path,
            "masked",
            "Its value stands in the log of a job that prints it.",
        )
    if not held.protected:
        yield _loose(
            path,
            "protected",
            "Whoever can push a branch can make a pipeline that uses the token.",
        )


def _loose(path: str, lacking: str, consequence: str) -> Finding:
    return Finding(
        key=f"variable-not-{lacking}:{path}",
        severity=Severity.WARNING,
        title=f"The CI/CD variable {TOKEN} is not {lacking}",
        cause=f"It was made so in {path}.",
        consequence=consequence,
        remedy=f"Edit it under Settings > CI/CD > Variables: {lacking}.",
    )
