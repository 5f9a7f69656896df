"""Rules over some boxes: `all`, `any`, `at_least`, `percent`, and those together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from automation.checklist import Item, Mark
from automation.completion.findings import Finding, all_hold, any_holds, unread
from automation.model.closing import AllOfBoxes, AnyOfBoxes, AtLeast, Percent, Rule


@dataclass(frozen=True)
class Boxes:
    """The boxes that a rule looks at, called `name`; empty for the whole issue.

    `place` is the name in a form that never changes. `ticked` says whether anything in
    the whole issue is.
    """

    name: str
    place: str
    required: tuple[Item, ...]
    optional: tuple[Item, ...]
    ticked: bool


def judge_boxes(rule: Rule, boxes: Boxes) -> Finding:
    """Hold the boxes against a rule for them."""
    match rule:
        case AnyOfBoxes():
            return any_holds([judge_boxes(one, boxes) for one in rule.any_of])
        case AllOfBoxes():
            return all_hold([judge_boxes(one, boxes) for one in rule.all_of])
        case AtLeast():
            return _enough(boxes, rule.at_least)
        case "any":
            return _enough(boxes, 1)
        case _:
            return _everything(rule, boxes)


def _enough(boxes: Boxes, wanted: int) -> Finding:
    """So many `[x]`, wherever."""
    tally = Tally.of((*boxes.required, *boxes.optional))
    text = _told(boxes, tally.told())
    if tally.done >= wanted:
        return Finding(True, text)
    return Finding(False, f"{text}, {wanted} {'is' if wanted == 1 else 'are'} wanted")


def _everything(rule: Rule, boxes: Boxes) -> Finding:
    """All boxes that are asked for, or a part of them."""
    if boxes.name and not boxes.required and not boxes.optional:
        return unread(f"{boxes.name} has no boxes any more", f"emptied {boxes.place}")
    tally, optional = Tally.of(boxes.required), Tally.of(boxes.optional)
    text = tally.told(share=isinstance(rule, Percent))
    if optional.total:
        text += f", and {optional.done} of {optional.total} optional"
    text = _told(boxes, text)
    wanted = rule.percent if isinstance(rule, Percent) else 100
    if tally.percent < wanted:
        lack = f", {wanted} % is wanted" if isinstance(rule, Percent) else ""
        return Finding(False, text + lack)
    if not boxes.ticked:
        return Finding(False, f"{text}, but nothing in the issue is ticked")
    return Finding(True, text)


def _told(boxes: Boxes, text: str) -> str:
    return f"{boxes.name}: {text}" if boxes.name else text


@dataclass(frozen=True)
class Tally:
    """How many boxes of a kind there are."""

    open: int
    done: int
    inapplicable: int

    @classmethod
    def of(cls, items: Iterable[Item]) -> Tally:
        """Count the items."""
        found = Counter(item.mark for item in items)
        return cls(found[Mark.OPEN], found[Mark.DONE], found[Mark.INAPPLICABLE])

    @property
    def total(self) -> int:
        """The boxes that apply."""
        return self.open + self.done

    @property
    def percent(self) -> int:
        """The part of those that is done, rounded down; 100 where none applies."""
        return self.done * 100 // self.total if self.total else 100

    def told(self, *, share: bool = False) -> str:
        """The figures in words, with the part that is done where it is wanted."""
        verb = "is" if 1 in {self.done, self.total} else "are"
        text = f"{self.done} of {items(self.total)} {verb} ticked"
        text += f" ({self.percent} %)" if share else ""
        text = text if self.total else "no item is to tick"
        if self.inapplicable:
            verb = "does" if self.inapplicable == 1 else "do"
            text += f" and {self.inapplicable} {verb} not apply"
        return text


def items(count: int) -> str:
    """`1 item`, `2 items`."""
    return "1 item" if count == 1 else f"{count} items"


def wanted(rule: Rule) -> str:
    """What a rule wants, to follow "every report has"."""
    match rule:
        case AnyOfBoxes():
            return " or ".join(map(wanted, rule.any_of))
        case AllOfBoxes():
            return " and ".join(map(wanted, rule.all_of))
        case AtLeast():
            return f"at least {rule.at_least} ticked"
        case Percent():
            return f"{rule.percent} % ticked of what applies"
        case "any":
            return "at least 1 ticked"
        case _:
            return "everything ticked that applies"
