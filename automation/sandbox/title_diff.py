"""The system note about a changed title, with the changed part marked inside."""

from __future__ import annotations

from itertools import takewhile


def _common(one: str, other: str) -> int:
    """How many characters two texts begin with in common."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _marked(text: str, start: int, end: int, sign: str) -> str:
    middle = text[start : len(text) - end]
    if not middle:
        return text
    return f"{text[:start]}{{{sign}{middle}{sign}}}{text[len(text) - end :]}"


def note(old: str, new: str) -> str:
    """``changed title from **{-Old-} title** to **{+New+} title**``."""
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    before, after = _marked(old, start, end, "-"), _marked(new, start, end, "+")
    return f"changed title from **{before}** to **{after}**"
