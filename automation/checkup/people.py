"""The people of the roster, and whether GitLab knows them."""

from __future__ import annotations

from collections.abc import Iterator

from automation.checkup.exam import Exam
from automation.checkup.finding import Finding, Severity, listed
from automation.model.questions import UserNamed
from automation.model.roster import Person

ACTIVE = "active"


def everybody(exam: Exam) -> Iterator[Person]:
    """All people who are there today, each as the roster has them today."""
    roster, today = exam.loops.organisation.roster, exam.today
    yield from (one for one in roster.directors if one.is_active(today))
    for manager in roster.managers:
        if manager.is_active(today):
            yield manager
            yield from manager.team(today)


def accounts(exam: Exam) -> Iterator[Finding]:
    """People whom GitLab does not know, or does not let in.

    Blocked users show in the list of users to administrators only.
    Source: GitLab's `app/finders/users_finder.rb`, `base_scope`.
    """
    names = sorted({person.username for person in everybody(exam)})
    exam.snapshot.require(UserNamed(name) for name in names)
    users = {name: exam.snapshot.user(name) for name in names}
    missing = [f"@{name}" for name, user in users.items() if user is None]
    if missing:
        yield Finding(
            key="people-missing",
            severity=Severity.ERROR,
            title="GitLab does not show everybody in the roster",
            cause=f"There is no user {listed(missing)}, or they are blocked: only administrators "
            "see those.",
            consequence="Their loops open without an assignee, and mentions reach nobody.",
            remedy="Mend `username` in the roster, or end the entry of who left with `until`.",
        )
    away = [
        f"@{user.username} ({user.state})"
        for user in users.values()
        if user is not None and user.state != ACTIVE
    ]
    if away:
        yield Finding(
            key="people-blocked",
            severity=Severity.WARNING,
            title="People of the roster cannot log in to GitLab",
            cause=f"These users are not active: {listed(away)}.",
            consequence="Their loops open, and nobody can work on them.",
            remedy="End their entries in the roster with `until`, or have an administrator let "
            "them in.",
        )
