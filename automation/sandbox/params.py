"""Parameters as Rails and Grape read them: any body form, nested names, typed, checked.

Query, form and multipart all spell lists ``iids[]=1`` and hashes ``not[labels]=x``; JSON
has its own. They meet here as one dictionary. The getters raise Grape's messages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from automation.sandbox import clock
from automation.sandbox.errors import ApiError, grape

_TRUE = {True, "true", "t", "1", "yes", "on"}
_FALSE = {False, "false", "f", "0", "no", "off", ""}
_KEY = re.compile(r"\[([^\]]*)\]")


def nest(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Pairs like ``("not[labels]", "x")`` or ``("iids[]", "1")`` as nested data."""
    result: dict[str, Any] = {}
    for name, value in pairs:
        head, _, rest = name.partition("[")
        keys = _KEY.findall("[" + rest) if rest else []
        _put(result, [head, *keys], value)
    return result


def _put(into: dict[str, Any], keys: list[str], value: Any) -> None:
    head, *rest = keys
    if not rest:
        into[head] = value
    elif rest[0] == "" or rest[0].isdigit():
        held = into.setdefault(head, [])
        if isinstance(held, list):
            held.append(value)
    else:
        inner = into.setdefault(head, {})
        if isinstance(inner, dict):
            _put(inner, rest, value)


class Params:
    """A request's parameters; path parameters win over the others."""

    def __init__(self, values: dict[str, Any], prefix: str = "") -> None:
        self.values = values
        self._prefix = prefix

    def has(self, name: str) -> bool:
        """Whether it was sent at all, even as null."""
        return name in self.values

    def any_of(self, names: Iterable[str]) -> bool:
        """Whether one of them was sent."""
        return any(name in self.values for name in names)

    def sub(self, name: str) -> Params:
        """The parameters nested below a name, such as ``not[…]``."""
        inner = self.values.get(name)
        return Params(inner if isinstance(inner, dict) else {}, f"{name}")

    def text(self, name: str, default: str | None = None) -> str | None:
        """A string, or the default when absent or null."""
        value = self.values.get(name)
        if value is None:
            return default
        if isinstance(value, dict | list):
            raise grape(f"{self._full(name)} is invalid")
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value)

    def need(self, name: str) -> str:
        """A string that must be there."""
        if name not in self.values:
            raise grape(f"{self._full(name)} is missing")
        return self.text(name) or ""

    def integer(self, name: str, default: int | None = None) -> int | None:
        """A whole number; empty counts as absent."""
        value = self.values.get(name)
        if value is None or value == "":
            return default
        return self._int(name, value)

    def need_int(self, name: str) -> int:
        """A whole number that must be there."""
        if name not in self.values:
            raise grape(f"{self._full(name)} is missing")
        return self._int(name, self.values[name])

    def flag(self, name: str, default: bool | None = None) -> bool | None:
        """A truth value in any of Grape's spellings."""
        value = self.values.get(name)
        if value is None:
            return default
        plain = value.lower() if isinstance(value, str) else value
        if not isinstance(plain, str | int | bool) or plain not in _TRUE | _FALSE:
            raise grape(f"{self._full(name)} is invalid")
        return plain in _TRUE

    def choice(self, name: str, allowed: Iterable[str], default: str | None = None) -> str | None:
        """A string out of a fixed set."""
        value = self.text(name, default)
        if value is not None and value not in allowed:
            raise grape(f"{self._full(name)} does not have a valid value")
        return value

    def refusal(self, name: str, words: str) -> ApiError:
        """Grape's error about one parameter."""
        return grape(f"{self._full(name)} {words}")

    def exclusive(self, *names: str) -> None:
        """Refuse more than one of them, as Grape's ``mutually_exclusive`` does."""
        sent = [name for name in names if self.has(name)]
        if len(sent) > 1:
            raise grape(f"{', '.join(map(self._full, sent))} are mutually exclusive")

    def filled(self, *names: str) -> None:
        """Refuse those that were sent without a value, as Grape's ``allow_blank: false`` does."""
        for name in names:
            if self.has(name) and self.values[name] in (None, ""):
                raise grape(f"{self._full(name)} is empty")

    def number_or(self, name: str, words: Iterable[str], remedy: str) -> int | str | None:
        """A whole number, or one of some words in small letters; ``remedy`` says what it takes."""
        text = self.text(name)
        if not text:
            return None
        if text.lower() in words:
            return text.lower()
        if not text.lstrip("-").isdigit():
            raise self.refusal(name, remedy)
        return int(text)

    def strings(self, name: str) -> list[str]:
        """Strings from an array or from a comma-separated string, empty ones left out."""
        value = self.values.get(name)
        if value is None:
            return []
        items = value if isinstance(value, list) else [value]
        parts = [part for item in items for part in str(item).split(",")]
        return [part.strip() for part in parts if part.strip()]

    def integers(self, name: str) -> list[int]:
        """Whole numbers from an array or a comma-separated string."""
        return [self._int(name, item) for item in self.strings(name)]

    def time(self, name: str) -> str | None:
        """A moment, as `clock.stamp` writes it."""
        value = self.text(name)
        if not value:
            return None
        try:
            return clock.stamp(clock.parse(value))
        except ValueError:
            raise grape(f"{self._full(name)} is invalid") from None

    def date(self, name: str) -> str | None:
        """A date ``YYYY-MM-DD``; what is none counts as null, as in GitLab's model."""
        value = self.text(name)
        return parse_date(value) if value else None

    def _int(self, name: str, value: Any) -> int:
        try:
            return int(str(value))
        except ValueError:
            raise grape(f"{self._full(name)} is invalid") from None

    def _full(self, name: str) -> str:
        return f"{self._prefix}[{name}]" if self._prefix else name


def parse_date(text: str) -> str | None:
    """The date at the start of a text, or `None`."""
    try:
        return date.fromisoformat(text.strip()[:10]).isoformat()
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text.strip()).date().isoformat()
    except ValueError:
        return None
