"""Taking quick actions out of a text: only the reading, not the doing.

A command stands in column 0. Fenced blocks, code spans that fill their lines, HTML blocks
and ``>>>`` quotes protect what is in them; an HTML comment on one line does not. Carriage
returns are dropped before anything else, so they hide nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

ALIASES = {"labels": "label", "remove_label": "unlabel", "award": "react"}
COMMANDS = (
    "assign", "close", "confidential", "done", "due", "duplicate", "label", "lock",
    "milestone", "reassign", "relabel", "remove_due_date", "remove_milestone", "reopen",
    "subscribe", "title", "todo", "unassign", "unlabel", "unlock", "unsubscribe",
)  # fmt: skip
SUBSTITUTIONS = {"shrug": "¯\\＿(ツ)＿/¯", "tableflip": "(╯°□°)╯︵ ┻━┻"}  # noqa: RUF001
_NAMES = "|".join(
    sorted([*COMMANDS, *SUBSTITUTIONS, "labels", "remove_label"], key=len, reverse=True)
)
_PATTERN = re.compile(
    rf"""
      ^```.+?\n```$                       # a fenced block
    | ^`\n*.+?\n*`$                       # a code span from line start to line end
    | ^<[^>]+?>\n.+?\n</[^>]+?>$          # an HTML block
    | ^>>>.+?\n>>>$                       # a block quote
    | ^/(?P<name>{_NAMES})(?:[ ](?P<arg>[^\n]*))?(?:\s*\n|$)
    """,
    re.MULTILINE | re.DOTALL | re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True)
class Command:
    """One quick action by its canonical name, with its argument (empty for none)."""

    name: str
    arg: str = ""


def extract(text: str) -> tuple[str, list[Command]]:
    """The text without its quick actions, and those in order."""
    found: list[Command] = []

    def replace(match: re.Match[str]) -> str:
        name = match["name"]
        if name is None:
            return match[0]
        name = name.lower()
        argument = (match["arg"] or "").strip()
        if name in SUBSTITUTIONS:
            tail = "\n" if match[0].endswith("\n") else ""
            return f"{argument} {SUBSTITUTIONS[name]}".strip() + tail
        found.append(Command(ALIASES.get(name, name), argument))
        return ""

    rest = _PATTERN.sub(replace, text.replace("\r", ""))
    return rest.rstrip(), found
