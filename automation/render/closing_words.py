"""When a loop counts as done, in words that a manager reads."""

from __future__ import annotations

from automation.loop import Loop
from automation.model.closing import (
    AnyOf,
    AnyOfBoxes,
    AnyRule,
    AtLeast,
    CarriedItems,
    EachReportRule,
    Percent,
    SectionRule,
    inner_rules,
)
from automation.render.counts import counted


def closes_when(loop: Loop) -> str:
    """The whole rule of a loop, as sentences."""
    sentences = [f"{_capital(_words(loop.close_when))}."]
    if loop.optional:
        named = ", ".join(f"“{heading}”" for heading in loop.optional)
        sentences.append(f"Nobody must tick {named}.")
    if loop.carried_items is CarriedItems.REQUIRED:
        sentences.append("What earlier loops left open must be settled, too.")
    return " ".join(sentences)


def _words(rule: AnyRule) -> str:
    match rule:
        case "all":
            return "every box is ticked, or set aside with [~]"
        case "any":
            return "one box is ticked"
        case AtLeast(at_least=number):
            return f"at least {counted(number, 'box')} {'is' if number == 1 else 'are'} ticked"
        case Percent(percent=share):
            return f"{share} % of the boxes that apply are ticked"
        case SectionRule(section=heading, done=done):
            return f"in “{heading}” {_words(done)}"
        case EachReportRule(done=done):
            return f"for each report {_words(done)}"
    inner = [_words(one) for one in inner_rules(rule)]
    if isinstance(rule, AnyOf | AnyOfBoxes):
        return f"either {'; or '.join(inner)}" if len(inner) > 1 else inner[0]
    return "; and ".join(inner)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
