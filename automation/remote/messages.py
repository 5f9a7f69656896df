"""GitLab's error bodies as one short line for a person.

They come as text, as HTML of a proxy, or as JSON whose `message` is a text, a list, or
texts by field.
"""

from __future__ import annotations

import html
import json
import re
import textwrap

_TAGS = re.compile(r"<(?:script|style|head)\b.*?</(?:script|style|head)>|<[^>]*>", re.S | re.I)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.S | re.I)
_WIDTH = 300


def readable(body: str) -> str:
    """What the body says, in one line of printable characters."""
    try:
        said = _flatten(json.loads(body))
    except (ValueError, RecursionError):
        said = _without_tags(body)
    return _one_line(said) or "no explanation"


def _flatten(data: object) -> str:
    if isinstance(data, dict):
        for name in ("message", "error_description", "error"):
            if data.get(name):
                return _flatten(data[name])
        return "; ".join(_named(name, value) for name, value in data.items())
    if isinstance(data, list):
        return ", ".join(_flatten(item) for item in data)
    return "" if data is None else str(data)


def _named(name: str, value: object) -> str:
    said = _flatten(value)
    return said if name == "base" else f"{name} {said}"


def _without_tags(body: str) -> str:
    title = _TITLE.search(body)
    return html.unescape(title[1] if title else _TAGS.sub(" ", body))


def _one_line(text: str) -> str:
    printable = "".join(char if char.isprintable() else " " for char in text)
    if len(printable) > _WIDTH and " " not in printable[:_WIDTH]:
        return printable[: _WIDTH - 1] + "…"
    return textwrap.shorten(printable, _WIDTH, placeholder=" …")
