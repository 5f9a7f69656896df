"""The token: what it may do, until when, and whose it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from automation.checkup.exam import Exam
from automation.checkup.finding import Finding, Severity, listed
from automation.checkup.people import everybody
from automation.model.issue import Token

SOON = 60
"""Days before its end at which a token is worth a thought."""
VERY_SOON = 7
NEEDED = "api"
TOO_MUCH = frozenset({"sudo", "admin_mode"})
_PROJECT_BOT = re.compile(r"project_(?P<id>\d+)_bot(_\w+)?")
_RENEW = "Make or rotate the token in GitLab, and put the new one into DRUMBEAT_TOKEN."


def rights(exam: Exam) -> Iterator[Finding]:
    """Scopes and expiry."""
    token = exam.snapshot.token()
    if NEEDED not in token.scopes:
        yield Finding(
            key="token-scope",
            severity=Severity.ERROR,
            title="The token cannot write",
            cause=f"Its scopes are {listed(sorted(token.scopes))}; `{NEEDED}` is not among them.",
            consequence="`drumbeat apply` is refused by GitLab: nothing opens or closes.",
            remedy=f"Make a token with the scope `{NEEDED}` and put it into DRUMBEAT_TOKEN.",
        )
    if token.scopes & TOO_MUCH:
        yield Finding(
            key="token-scope-wide",
            severity=Severity.WARNING,
            title="The token may do more than Drumbeat needs",
            cause=f"It has the scopes {listed(sorted(token.scopes & TOO_MUCH))}.",
            consequence="Whoever gets hold of it can act as others or as an administrator.",
            remedy=f"Make a token with the scope `{NEEDED}` alone, and revoke this one.",
        )
    yield from _expiry(token, exam)


def _expiry(token: Token, exam: Exam) -> Iterator[Finding]:
    if token.expires_on is None:
        yield Finding(
            key="token-expiry",
            severity=Severity.HINT,
            title="The token never expires",
            cause="It was made without a date of expiry.",
            consequence="Should it leak, it opens GitLab to whoever has it until somebody notices.",
            remedy="Give it a date of expiry; `drumbeat doctor` tells when it comes near.",
        )
        return
    left = (token.expires_on - exam.today).days
    if left <= SOON:
        yield Finding(
            key="token-expiry",
            severity=Severity.ERROR if left <= VERY_SOON else Severity.WARNING,
            title=f"The token expires on {token.expires_on}",
            cause="GitLab ends every token at its date, as that day begins in UTC.",
            consequence="From then on no run can read or write anything.",
            remedy=_RENEW,
        )


def owner(exam: Exam) -> Iterator[Finding]:
    """Whose token it is: no administrator's, nobody's own, and known to the settings."""
    identity = exam.snapshot.identity()
    name = identity.user.username
    settings = exam.loops.organisation.settings
    if identity.is_admin:
        yield Finding(
            key="token-admin",
            severity=Severity.WARNING,
            title="The token is an administrator's",
            cause=f"@{name} administrates this GitLab.",
            consequence="A mistake or a leak reaches every project, not only the loops.",
            remedy="Let a user without that right run Drumbeat, with the role Planner in the "
            f"group {settings.loops_group}.",
        )
    if name.casefold() not in {one.casefold() for one in settings.drumbeat_users}:
        yield Finding(
            key="token-user-unnamed",
            severity=Severity.WARNING,
            title=f"The settings do not name @{name}, whose token this is",
            cause="`drumbeat_users` holds the users that run Drumbeat, former ones too.",
            consequence="Once another user's token is used, the loops that this one opened are "
            "not recognised any more.",
            remedy=f"Add {name} to `drumbeat_users` in policies/settings.yml.",
        )
    if name.casefold() in {one.username.casefold() for one in everybody(exam)}:
        yield Finding(
            key="token-personal",
            severity=Severity.WARNING,
            title="The token belongs to somebody of the roster",
            cause=f"@{name} is a person with work of their own.",
            consequence="What they do counts as Drumbeat's, and Drumbeat stops when they leave.",
            remedy="Use a group access token or a service account.",
        )
    yield from _one_project(name, exam)


def _one_project(name: str, exam: Exam) -> Iterator[Finding]:
    found = _PROJECT_BOT.fullmatch(name)
    if found is None:
        return
    known = exam.access.projects
    others = [
        path for path in exam.places if path not in known or known[path].id != int(found["id"])
    ]
    if others:
        yield Finding(
            key="token-project",
            severity=Severity.ERROR,
            title="The token is one project's, and cadences use others",
            cause="A project access token's user can join no other project.",
            consequence=f"No loops open in {listed(others)}.",
            remedy="Make a group access token, role Planner, scope `api`, in the group "
            f"{exam.loops.organisation.settings.loops_group}.",
        )
