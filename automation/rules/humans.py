"""Tells people from bots (law 6)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Self

from automation.identity import GHOST, Trust
from automation.model.issue import Event, Note, User
from automation.model.organisation import Organisation
from automation.model.policy import Activity
from automation.model.snapshot import Snapshot
from automation.rules.activity import counts

# How GitLab itself names the users of project and group tokens, service accounts, and its own.
# Sources: its documentation, "Project access tokens" and "Service accounts", and its
# `lib/users/internal.rb`.
_GITLABS_BOT = re.compile(
    r"(?:project|group)_\d+_bot(?:_[0-9a-f]+)?\d*"
    r"|service_account_(?:(?:group|project)_\d+_)?[0-9a-f]{12,}"
    r"|(?:alert|migration|support|automation)-bot\d*"
    r"|gitlab-(?:security|admin|llm)-bot\d*|gitlabduo\d*"
)


@dataclass(frozen=True)
class Humans:
    """Whom to take for a person, and which of their actions count.

    `patterns` are user names of bots; `known` are names of people, which GitLab is not asked
    about. `bot_flags`: whether it is asked about others.
    """

    trust: Trust
    patterns: tuple[str, ...] = ()
    known: frozenset[str] = frozenset()
    activity: Activity = field(default_factory=Activity)
    bot_flags: bool = True

    @classmethod
    def of(cls, organisation: Organisation, trust: Trust) -> Self:
        """As the settings have it; everybody in the roster is a person."""
        settings, roster = organisation.settings, organisation.roster
        reports = (report for manager in roster.managers for report in manager.reports)
        people = (*roster.directors, *roster.managers, *reports)
        return cls(
            trust,
            settings.bots,
            frozenset(person.username.casefold() for person in people),
            settings.activity,
            settings.bot_flags,
        )

    def is_human(self, user: User | None) -> bool:
        """Whether nothing that is known here says that the user is none."""
        if user is None or user.bot or self.trust.is_drumbeat(user):
            return False
        name = user.username.casefold()
        if name == GHOST or _GITLABS_BOT.fullmatch(name):
            return False
        return not any(fnmatchcase(name, pattern.casefold()) for pattern in self.patterns)

    def in_doubt(self, user: User) -> bool:
        """Whether only GitLab's flag can tell that this user, who seems human, is no bot."""
        return self.bot_flags and user.bot is None and user.username.casefold() not in self.known

    def proven(self, user: User | None, snapshot: Snapshot) -> bool:
        """Whether the user is a person; those who are gone cannot be proven to be one.

        Raises Missing where GitLab has to be asked.
        """
        if user is None or not self.is_human(user):
            return False
        return self.is_human(snapshot.user_at(user.id)) if self.in_doubt(user) else True

    def acted(self, entry: Note | Event) -> bool:
        """Whether the entry is an action that counts, of somebody who seems human."""
        return counts(entry, self.activity) and self.is_human(actor(entry))


def actor(entry: Note | Event) -> User | None:
    """Who did it."""
    return entry.user if isinstance(entry, Event) else entry.author
