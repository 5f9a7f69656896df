"""Makes text from GitLab or the roster inert before it enters Markdown (law 7).

An inert value is one line that renders as the text it was: it runs no quick action,
notifies nobody, forges no marker, opens no HTML, breaks no table and begins no list. That
holds whatever stands beside it: two values in a row make nothing that neither of them is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from automation.model.base import is_username

WORD_JOINER = "\u2060"
"""Invisible; after `@`, `/` or `&` it keeps GitLab from reading a mention, command or epic."""

MAX_LENGTH = 500

NOTHING_SEEN = "\ufffd"
"""Stands for a value that has no visible character."""

MAX_MARKS = 8
"""Combining marks on one letter. No script needs more; hundreds paint over their neighbours."""

_SPECIAL = re.compile(r"([\\`*_\[\]|~#!$%]|\{(?=[-+]|$))")
_BEGINNING = re.compile(r"^(\d{1,9}(?=[.)])|[-+=:;.)])")
_COMMAND = re.compile(r"(^|\s)/(?=\w|$)")
_MENTION = re.compile(r"(?<!\w)@(?=\w|$)")
_EPIC = re.compile(r"&(?=\d|$)")
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_MARKS = {"Mn", "Me"}
_BREAKS = "\n\r\t\v\f\x85\u2028\u2029"


class Markdown(str):
    """Markdown that may enter an issue as it is: written by a template, or made inert."""

    __slots__ = ()


def plain(value: object, limit: int = MAX_LENGTH, keep: str = "") -> str:
    """The value as one line of visible text, at most `limit` characters long.

    Invisible characters in `keep` stay. A value of nothing but invisible ones shows that
    something is there: a box or a heading without any text would be none. No more of it is
    looked at than that takes.
    """
    line: list[str] = []
    for character in _visible(str(value), keep):
        if not character.isspace():
            line.append(character)
        elif line and line[-1] != " ":
            line.append(" ")
        if len(line) > limit + 1:
            break
    text = "".join(line).rstrip() or (NOTHING_SEEN if str(value).strip() else "")
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _visible(text: str, keep: str) -> Iterator[str]:
    """The characters that people see, with as many marks on each as they can read."""
    marks = 0
    for character in text:
        if " " <= character <= "~" or character in _BREAKS or character in keep:
            marks = 0
            yield character
            continue
        category = unicodedata.category(character)
        marks = marks + 1 if category in _MARKS else 0
        if category not in _UNSEEN and marks <= MAX_MARKS:
            yield character


def title_line(value: object) -> str:
    """The value as a part of a title: one line that notifies nobody.

    GitLab reads mentions in titles as well, and knows no escapes there. Source: its
    `Issuable`, where both title and description are `attr_mentionable`.
    """
    return _MENTION.sub(f"@{WORD_JOINER}", plain(value))


def inert(value: object, limit: int = MAX_LENGTH) -> Markdown:
    """The value as one line of Markdown that only shows what the value said."""
    text = plain(value, limit)
    text = _COMMAND.sub(rf"\1/{WORD_JOINER}", text)
    text = _SPECIAL.sub(r"\\\1", text)
    text = _EPIC.sub(f"&{WORD_JOINER}", text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = text.replace("@", f"@{WORD_JOINER}")
    return Markdown(_BEGINNING.sub(_escape_beginning, text))


def _escape_beginning(found: re.Match[str]) -> str:
    mark = found[1]
    return f"{mark}\\" if mark.isdigit() else f"\\{mark}"


def mention(username: object) -> Markdown:
    """`@username`, which notifies that user; anything else than a user name is made inert."""
    name = str(username).removeprefix("@")
    if not is_username(name) or name.casefold() in {"all", "here", "channel"}:
        return inert(f"@{name}")
    return Markdown(f"@{name}")
