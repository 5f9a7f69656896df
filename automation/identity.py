"""Key ↔ issue: the marker, the title as second carrier, and whose word counts.

A marker is a line that people do not see. It counts only on an issue that a Drumbeat
user wrote (or Ghost, to whom GitLab gives the issues of a removed user): what anybody
else writes into a description proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from automation.model.issue import Issue, Note, User
from automation.model.key import LoopKey

_MARKER = re.compile(r"<!-- drumbeat:loop (\S{1,250}) -->")
GHOST = "ghost"
SAID = "<!-- drumbeat:said "
"""How the hidden line of every note of Drumbeat begins."""


def marker(key: LoopKey) -> str:
    """The hidden line that makes an issue the loop of this key."""
    return f"<!-- drumbeat:loop {key} -->"


def said_marker(what: str, key: str) -> str:
    """The hidden line of a note by which a later run knows that it was said."""
    return f"{SAID}{what} {key} -->"


@dataclass(frozen=True)
class Trust:
    """Whose issues and notes are Drumbeat's own."""

    user_id: int
    usernames: frozenset[str]

    @classmethod
    def of(cls, user: User, also: Iterable[str]) -> Trust:
        """The token's own user, and the users named in the settings."""
        names = {user.username, *also}
        return cls(user.id, frozenset(name.casefold() for name in names))

    def is_drumbeat(self, user: User) -> bool:
        """Whether the user is one of Drumbeat's."""
        return user.id == self.user_id or user.username.casefold() in self.usernames

    def wrote(self, issue: Issue) -> bool:
        """Whether Drumbeat wrote the issue, or somebody who is gone did."""
        return self.is_drumbeat(issue.author) or issue.author.username.casefold() == GHOST

    def said(self, note: Note, mark: str) -> bool:
        """Whether the note is Drumbeat's, and bears the marker."""
        return not note.system and mark in note.body and self.is_drumbeat(note.author)


@dataclass(frozen=True)
class Claim:
    """Which keys an issue carries; more than one is a conflict, told in `conflict`."""

    keys: frozenset[LoopKey]
    conflict: str = ""


NOTHING = Claim(frozenset())


def read_markers(description: str, rename: Callable[[LoopKey], LoopKey]) -> frozenset[LoopKey]:
    """The keys in the description's markers, by today's ids."""
    keys = (LoopKey.parse(text) for text in _MARKER.findall(description))
    return frozenset(rename(key) for key in keys if key is not None)


def claim(marked: frozenset[LoopKey], titled: LoopKey | None) -> Claim:
    """Bring both carriers together.

    Either of them is enough; where they disagree, the loop exists under every key that
    is named, and nothing may be done to it.
    """
    keys = marked | ({titled} if titled else set())
    if len(keys) <= 1:
        return Claim(frozenset(keys))
    names = " and ".join(sorted(map(str, keys)))
    return Claim(frozenset(keys), f"its title and its markers name {names}")
