"""The projects that hold loops: what Drumbeat may do there, and who else reads there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress

from automation.checkup.exam import Exam, Use
from automation.checkup.finding import Finding, Severity, listed, unread
from automation.checkup.people import ACTIVE
from automation.model.issue import Member, Project, Role
from automation.model.questions import MembersOf, ProjectAt
from automation.model.snapshot import NotReadable

NOTHING_OPENS = "No loop opens there; confidential issues could be hidden from the token."


def roles(exam: Exam) -> Iterator[Finding]:
    """Projects in which Drumbeat may not work."""
    known = exam.access.projects
    exam.snapshot.require(ProjectAt(path) for path in exam.places if path not in known)
    for path in exam.places:
        yield from _usable(path, known.get(path), exam)


def _usable(path: str, project: Project | None, exam: Exam) -> Iterator[Finding]:
    if project is None:
        yield _no_role(path) if exam.snapshot.project(path) else _no_project(path)
    elif project.archived:
        yield Finding(
            key=f"project-archived:{path}",
            severity=Severity.ERROR,
            title=f"{path} is archived",
            cause="Somebody archived it, or it waits for its deletion.",
            consequence="No loop opens there, and none is closed.",
            remedy="Unarchive it under Settings > General > Advanced, or name another `project` "
            "in the policies.",
        )
    elif not project.issues_enabled:
        yield Finding(
            key=f"project-issues-off:{path}",
            severity=Severity.ERROR,
            title=f"Issues are switched off in {path}",
            cause="The feature is disabled in the project's settings.",
            consequence="No loop opens there.",
            remedy="Switch it on under Settings > General > Visibility, project features, "
            "permissions.",
        )


def _no_project(path: str) -> Finding:
    return Finding(
        key=f"project-missing:{path}",
        severity=Severity.ERROR,
        title=f"There is no project {path}",
        cause="Nobody made it, it has another path, or it is hidden from the token's user.",
        consequence=NOTHING_OPENS,
        remedy="Make the project, private and with issues, or mend `project` in the policies.",
    )


def _no_role(path: str) -> Finding:
    return Finding(
        key=f"project-role:{path}",
        severity=Severity.ERROR,
        title=f"The token's user is not Planner or above in {path}",
        cause="It sees the project, with a lesser role or with none.",
        consequence=NOTHING_OPENS,
        remedy="Give it the role Planner under Manage > Members, best in the group above all "
        "loops.",
    )


def readers(exam: Exam) -> Iterator[Finding]:
    """Who reads confidential loops and is neither their owner, nor a director, nor Drumbeat.

    Source: GitLab's documentation, "Confidential issues": Planner and above see them all.
    """
    found: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for path, members in _members(exam).items():
        if any(use.loop.confidential for use in exam.places[path]):
            found[_others(members, _allowed(exam.places[path], exam))].append(path)
    for others, paths in found.items():
        if others:
            yield Finding(
                key=f"confidential-readers:{paths[0]}",
                severity=Severity.ERROR,
                title=f"Others can read the confidential loops in {listed(paths)}",
                cause=f"Planner and above read them all, inherited roles too: {listed(others)}.",
                consequence="What is written in confidence is open to them.",
                remedy="Remove them, or make them Guest, under Manage > Members of the project or "
                "of a group above it; who may read is named in `confidential_readers` of the "
                "settings.",
            )


def _others(members: tuple[Member, ...], allowed: frozenset[str]) -> tuple[str, ...]:
    """Those who read confidential issues and are not among the allowed, with their role."""
    return tuple(
        f"@{one.user.username} ({one.role.name.title()})"
        for one in members
        if one.role >= Role.PLANNER
        and one.user.state == ACTIVE
        and one.user.username.casefold() not in allowed
    )


def _allowed(uses: tuple[Use, ...], exam: Exam) -> frozenset[str]:
    """The names of those who may read everything there, without case."""
    names = [name for use in uses for name in _concerned(use)]
    names += exam.loops.organisation.settings.confidential_readers
    return exam.trust.usernames | {name.casefold() for name in names}


def _concerned(use: Use) -> Iterator[str]:
    people = (use.loop.owner, use.loop.subject.director)
    yield from (person.username for person in people if person is not None)
    if use.assignee is not None:
        yield use.assignee


def owners(exam: Exam) -> Iterator[Finding]:
    """Owners of loops who are no members of the loops' project."""
    for path, members in _members(exam).items():
        there = {one.user.username.casefold() for one in members if one.role >= Role.GUEST}
        assigned = dict.fromkeys(use.assignee for use in exam.places[path] if use.assignee)
        lacking = [f"@{name}" for name in assigned if name.casefold() not in there]
        if lacking:
            yield Finding(
                key=f"owner-no-member:{path}",
                severity=Severity.ERROR,
                title=f"Owners of loops are no members of {path}",
                cause=f"They have no role there: {listed(lacking)}.",
                consequence="They cannot be assigned to their loops, nor see them in a private "
                "project.",
                remedy="Add them under Manage > Members, as Planner or above.",
            )


def hidden(exam: Exam) -> Iterator[Finding]:
    """Projects whose members GitLab does not show."""
    for path, number in _asked(exam).items():
        try:
            exam.snapshot.members(number)
        except NotReadable as why:
            so = "Who reads confidential loops there is not known."
            yield unread(why, f"the members of {path}", so)


def _members(exam: Exam) -> Mapping[str, tuple[Member, ...]]:
    """The members of each project whose members can be read, by its path."""
    found = {}
    for path, number in _asked(exam).items():
        with suppress(NotReadable):
            found[path] = exam.snapshot.members(number)
    return found


def _asked(exam: Exam) -> Mapping[str, int]:
    """The numbers of the projects that are used and can be read; all their members are known."""
    known = exam.access.projects
    numbers = {path: known[path].id for path in exam.places if path in known}
    exam.snapshot.require(MembersOf(number) for number in numbers.values())
    return numbers
