"""What goes along when a new loop opens while the old one still has open items.

Unticked items that the new issue does not bring itself stand below a heading of their
own, each with the section it came from, its origin, and how often it was carried. Ticks
are never carried. Below that heading nothing counts for completion.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from automation.checklist import Checklist, Item, Mark, Section, fold, read
from automation.inert import inert, plain

ANCHOR = "carried-over"
HEADING = f"## Carried over <!-- drumbeat:for {ANCHOR} -->"

_ORIGIN = re.compile(r" \(from (?P<period>[A-Z0-9-]+)(?:, carried (?P<times>\d{1,4}) times)?\)$")
_ADDRESS = re.compile(r"\(from \[[A-Z0-9-]+\]\((?P<url>https?://[^\s()<>]+)\)[^()]*\)$")


@dataclass(frozen=True)
class Origin:
    """The loop that an item comes from: its period, and its issue's address."""

    period: str
    url: str


@dataclass(frozen=True)
class Carried:
    """An open item on its way: its text, where it was first, how often it was carried."""

    text: str
    origin: Origin
    times: int = 1

    @property
    def line(self) -> str:
        """The item as the new issue has it."""
        often = f", carried {self.times} times" if self.times > 1 else ""
        return f"- [ ] {inert(self.text)} (from [{self.origin.period}]({self.origin.url}){often})"


def carried_over(body: str, before: Iterable[tuple[str, Origin]]) -> tuple[Carried, ...]:
    """The open items of earlier loops that the new body does not bring itself.

    `before` are the descriptions of loops that are still open, oldest first, with what
    they are called and where they are.
    """
    brought = {_identity(item, section) for item, section in _placed(read(body))}
    found: dict[str, Carried] = {}
    for description, origin in before:
        for item, section in _placed(read(description)):
            if item.mark is Mark.OPEN and _identity(item, section) not in brought:
                one = _carried(item, section, origin)
                found.setdefault(fold(one.text), one)
    return tuple(found.values())


def own_items(checklist: Checklist) -> Checklist:
    """The checklist without what was carried into it."""
    carried = {
        id(item)
        for section in checklist.sections
        if section.anchor == ANCHOR
        for item in section.items
    }
    if not carried:
        return checklist
    sections = tuple(section for section in checklist.sections if section.anchor != ANCHOR)
    items = tuple(item for item in checklist.items if id(item) not in carried)
    return Checklist(items, sections, checklist.refused)


def _placed(checklist: Checklist) -> Iterator[tuple[Item, Section | None]]:
    """Every item with the innermost section that it stands in."""
    innermost = {id(item): section for section in checklist.sections for item in section.items}
    for item in checklist.items:
        yield item, innermost.get(id(item))


def _identity(item: Item, section: Section | None) -> tuple[str, str]:
    """What makes two items the same: their text, below the same heading."""
    heading = "" if section is None else section.anchor or fold(section.heading)
    return heading, fold(item.text)


def _carried(item: Item, section: Section | None, origin: Origin) -> Carried:
    if section is None:
        return Carried(plain(item.text), origin)
    if section.anchor != ANCHOR:
        return Carried(plain(f"{section.heading}: {item.text}"), origin)
    return _carried_again(item, origin)


def _carried_again(item: Item, origin: Origin) -> Carried:
    """An item that came from an earlier loop keeps its origin; a person may have edited it."""
    told, address = _ORIGIN.search(item.text), _ADDRESS.search(item.source)
    if told is None or address is None:
        return Carried(plain(item.text), origin)
    first = Origin(told["period"], address["url"])
    text = item.text[: told.start()]
    return Carried(plain(text), first, int(told["times"] or 1) + 1)
