"""Makes text from GitLab or the roster inert before it enters Markdown (law 7).

An inert value is one line that renders as the text it was: it runs no quick action,
notifies nobody, forges no marker, opens no HTML, breaks no table and begins no list.
"""

from __future__ import annotations

import re
import unicodedata

from automation.model.base import is_username

WORD_JOINER = "\u2060"
"""Invisible; after `@`, `/` or `&` it keeps GitLab from reading a mention, command or epic."""

MAX_LENGTH = 500

_SPECIAL = re.compile(r"([\\`*_\[\]|~#!$%])")
_BEGINNING = re.compile(r"^(\d{1,9}(?=[.)])|[-+=:])")
_COMMAND = re.compile(r"(^|\s)/(?=\w)")
_EPIC = re.compile(r"&(?=\d)")
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


class Markdown(str):
    """Markdown that may enter an issue as it is: written by a template, or made inert."""

    __slots__ = ()


def plain(value: object, limit: int = MAX_LENGTH) -> str:
    """The value as one line of visible text, at most `limit` characters long."""
    seen = "".join(
        " " if character in "\n\r\t\v\f\x85\u2028\u2029" else character
        for character in str(value)
        if character in "\n\r\t\v\f\x85\u2028\u2029"
        or unicodedata.category(character) not in _UNSEEN
    )
    line = " ".join(seen.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


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
