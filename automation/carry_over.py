"""What goes along when a new loop opens while the old one still has open items.

Unticked items that the new issue does not bring itself stand below a heading of their
own, each with the section it came from, its origin, and how often it was carried. Ticks
are never carried. Below that heading nothing counts for completion, unless the policy
says `carried_items: required`. What was optional says so itself when it is carried.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Iterable, Iterator
from dataclasses import dataclass, replace

from automation.checklist import (
    Checklist,
    Item,
    Mark,
    Section,
    fold,
    is_optional,
    optional_boxes,
    read,
)
from automation.inert import MAX_LENGTH, inert, plain

ANCHOR = "carried-over"
HEADING = f"## Carried over <!-- drumbeat:for {ANCHOR} -->"

_ORIGIN = re.compile(r" \(from (?P<period>[A-Z0-9-]+)(?:, carried (?P<times>\d{1,4}) times)?\)$")
_ADDRESS = re.compile(r"\(from \[[A-Z0-9-]+\]\((?P<url>https?://[\w./~%?=&#:+-]+)\)[^()]*\)$")


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


def carried_over(
    body: str, before: Iterable[tuple[str, Origin]], optional: Collection[str] = ()
) -> tuple[Carried, ...]:
    """The open items of earlier loops that the new body does not bring itself.

    `before` are the descriptions of loops that are still open, oldest first, with what
    they are called and where they are; `optional` the headings that the policy names so.
    """
    brought = {_identity(item, section) for item, section in placed(read(body))}
    went_on: set[str] = set()
    found: list[dict[str, Carried]] = []
    for description, origin in reversed(tuple(before)):
        checklist = read(description)
        left = dict(_leaving(checklist, origin, brought, optional))
        found.append({text: one for text, one in left.items() if text not in went_on})
        # What a later loop took over from an earlier one is that later loop's matter: it may
        # be ticked there, and must not come back from where it was left.
        went_on |= {fold(item.text) for item in carried_items(checklist)}
    oldest_first = [entry for left in reversed(found) for entry in left.items()]
    return tuple(dict(reversed(oldest_first))[text] for text in dict(oldest_first))


def _leaving(
    checklist: Checklist,
    origin: Origin,
    brought: Container[tuple[str, str]],
    optional: Collection[str],
) -> Iterator[tuple[str, Carried]]:
    """The open items that do not stand in the new body, each by its text."""
    unasked = optional_boxes(checklist, optional)
    for item, section in placed(checklist):
        if item.mark is Mark.OPEN and _identity(item, section) not in brought:
            one = _carried(item, section, origin)
            one = _told_optional(one) if id(item) in unasked else one
            yield fold(one.text), one


_OPTIONAL = " (optional)"


def _told_optional(one: Carried) -> Carried:
    if is_optional(one.text):
        return one
    return replace(one, text=plain(one.text, MAX_LENGTH - len(_OPTIONAL)) + _OPTIONAL)


def carried_items(checklist: Checklist) -> tuple[Item, ...]:
    """What was carried into the checklist, with the text that each item had before."""
    carried = _in_carried(checklist)
    return tuple(
        replace(item, text=_ORIGIN.sub("", item.text))
        for item in checklist.items
        if id(item) in carried
    )


def _in_carried(checklist: Checklist) -> frozenset[int]:
    sections = (section for section in checklist.sections if section.anchor == ANCHOR)
    return frozenset(id(item) for section in sections for item in section.items)


def own_items(checklist: Checklist) -> Checklist:
    """The checklist without what was carried into it, in any section around it either."""
    carried = _in_carried(checklist)
    if not carried:
        return checklist
    sections = (s for s in checklist.sections if s.anchor != ANCHOR)
    return Checklist(
        _without(checklist.items, carried),
        tuple(replace(s, items=_without(s.items, carried)) for s in sections),
        checklist.refused,
    )


def _without(items: Iterable[Item], left_out: Container[int]) -> tuple[Item, ...]:
    return tuple(item for item in items if id(item) not in left_out)


def placed(checklist: Checklist) -> Iterator[tuple[Item, Section | None]]:
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
