"""How values, paths and near misses are told to a person."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

MAX_SHOWN = 60
MAX_NAMES = 15
_MAX_COMPARED = 1000

Path = tuple[str | int, ...]
"""Where a value stands in its document: keys of mappings and indexes of lists."""


def shortened(text: str) -> str:
    """The text, cut to a length that fits into a message."""
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"


def quoted(text: str) -> str:
    """The text in quotes, with everything unprintable in it spelt out."""
    return shortened(repr(text[: MAX_SHOWN + 1]))


def dotted(path: Path) -> str:
    """The path as people write it: `reports[2].timezone`."""
    return "".join(map(_step, path)).removeprefix(".")


def _step(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    return f".{part}" if re.fullmatch(r"[\w-]{1,60}", part) else f"[{quoted(part)}]"


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The name that was probably meant, if there is one."""
    known = {candidate.casefold(): candidate for candidate in names}
    if len(name) > MAX_SHOWN or len(known) > _MAX_COMPARED:
        return None
    found = get_close_matches(name.casefold(), known, n=1)
    return known[found[0]] if found else None


def suggestion(name: str, names: Iterable[str], *, always_list: bool = False) -> str:
    """The remedy for a wrong name: the nearest valid one, or else (or always) all of them."""
    known = sorted(set(names))
    found = nearest(name, known)
    listed = _listed(known)
    if found is None:
        return listed
    return f"Did you mean {found!r}? {listed if always_list else ''}".rstrip()


def _listed(names: list[str]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
    return f"Valid here: {', '.join(names[:MAX_NAMES])}{more}."
