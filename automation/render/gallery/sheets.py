"""What stands on the gallery's pages: a loop as its issue would look, and words of triage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from automation.checklist import read
from automation.inert import plain
from automation.labels import State, wanted
from automation.loops import Loop, Loops
from automation.model.organisation import Organisation
from automation.model.policy import WhenPreviousOpen
from automation.model.triage import TriageAction
from automation.render.closing_words import closes_when
from automation.render.html import to_html
from automation.rules.gathering import sampled
from automation.rules.rehearsal import rehearsed
from automation.rules.triage.showing import Shown

DEFAULT_COLOUR = "#6699CC"
"""GitLab's own for a label that nobody gave one."""

_NEXT = {
    WhenPreviousOpen.CARRY_OVER: "this one closes, and what is open goes along",
    WhenPreviousOpen.WAIT: "the next one waits for this one",
    WhenPreviousOpen.KEEP_BOTH: "both stay open",
}


@dataclass(frozen=True)
class Chip:
    """A label in its colour, `#RRGGBB`."""

    name: str
    colour: str

    @property
    def style(self) -> str:
        """The class of its colour."""
        return f"c{self.colour[1:].lower()}"

    @property
    def ink(self) -> str:
        """Black or white, whichever can be read better on it."""
        channels = [int(self.colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        light = sum(part * one for part, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
        return "#000" if light > 0.179 else "#fff"


@dataclass(frozen=True)
class Said:
    """Something that would be said on the issue, and when."""

    why: str
    day: date
    words: Markup


@dataclass(frozen=True)
class Sheet:
    """A loop's page. `file` is its name in the gallery, with `/` between folders."""

    file: str
    loop: Loop
    title: str
    chips: tuple[Chip, ...]
    facts: Mapping[str, str]
    body: Markup
    boxes: int
    said: tuple[Said, ...]

    @property
    def confidential(self) -> bool:
        """Whether the issue is."""
        return self.loop.confidential

    @property
    def skipped(self) -> str:
        """Why the loop does not open, in one line; empty where it does."""
        return plain(self.loop.skipped)

    @property
    def root(self) -> str:
        """The way from the page to the gallery's front page."""
        return "../" * self.file.count("/")


@dataclass(frozen=True)
class WordsSheet:
    """The page of a triage rule's words, or of the issue that it opens."""

    file: str
    shown: Shown
    title: str
    chips: tuple[Chip, ...]
    gone: tuple[Chip, ...]
    facts: Mapping[str, str]
    body: Markup

    @property
    def root(self) -> str:
        """The way from the page to the gallery's front page."""
        return "../" * self.file.count("/")


def sheet_of(loop: Loop, loops: Loops) -> Sheet:
    """The page of a loop with made-up facts; RenderError where its template cannot be."""
    text = sampled(loop)[0].body
    return Sheet(
        file=f"loops/{loop.key}.html",
        loop=loop,
        title=plain(loop.title),
        chips=_chips((State.OPEN.value, *loop.labels), loop.organisation),
        facts=_facts(loop),
        body=to_html(text),
        boxes=len(read(text).items),
        said=tuple(Said(one.why, one.day, to_html(one.text)) for one in rehearsed(loop, loops)),
    )


def words_sheet(shown: Shown, organisation: Organisation) -> WordsSheet:
    """The page of what a triage rule writes."""
    policy, rule, do = shown.policy, shown.rule, shown.rule.do
    return WordsSheet(
        file=f"triage/{policy.name}/{rule.name}-{shown.kind}.html",
        shown=shown,
        title=plain(shown.title),
        chips=_chips(do.label, organisation),
        gone=_chips(do.unlabel, organisation),
        facts=_about(shown, do),
        body=to_html(shown.text),
    )


def _chips(names: Iterable[str], organisation: Organisation) -> tuple[Chip, ...]:
    specs = wanted(organisation)
    return tuple(
        Chip(plain(name), specs[name].color if name in specs else DEFAULT_COLOUR) for name in names
    )


def _facts(loop: Loop) -> dict[str, str]:
    """What stands beside the issue, in words."""
    cadence, occurrence = loop.cadence, loop.occurrence
    period, opens = occurrence.period, occurrence.opens_at
    who = f"@{loop.assignee}" if loop.assignee else "nobody"
    instead = loop.substitute_for
    found = {
        "Assignee": f"{who}, for {instead.display_name}" if instead else who,
        "Due date": f"{loop.due:%a %-d %b %Y}",
        "Project": loop.project,
        "Period": f"{period.label}, {period.start} to {period.end}",
        "Opens": f"{opens:%a %-d %b %Y, %H:%M} {loop.subject.zone.key}",
        "Closes when": closes_when(loop),
        "Still open when the next comes": _NEXT[loop.when_previous_open],
        "Key": str(loop.key),
        "Template": loop.template.file,
        "Policy": loop.organisation.place("cadence", cadence.name).file,
    }
    return {name: plain(text) for name, text in found.items()}


def _about(shown: Shown, do: TriageAction) -> dict[str, str]:
    found = {
        "When": shown.rule.when,
        "Addressed": ", ".join(do.mention),
        "Only for members": "yes" if do.internal else "",
        "Project": shown.where,
        "Template": f"issue_templates/{shown.template}",
    }
    return {name: plain(text) for name, text in found.items() if text}
