"""When a loop counts as done: the forms that `close_when` may have.

A rule for boxes (`all`, `any`, `{at_least: 2}`, `{percent: 50}`) judges the whole issue,
or the boxes of a section or of each report's section. `any_of` and `all_of` bring rules
together, five levels deep at the most. What each of them means is in
`automation.completion`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from difflib import get_close_matches
from enum import StrEnum
from itertools import chain, islice
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, Discriminator, Field, StringConstraints, Tag

from automation.model.base import Fact, Unfit

MAX_NESTED = 5
"""How many `any_of` and `all_of` may stand inside each other."""

Heading = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""The text of a heading, as the template writes it."""


class CarriedItems(StrEnum):
    """Whether what earlier loops left open must be settled before a loop is done."""

    OPTIONAL = "optional"
    REQUIRED = "required"


class AtLeast(Fact):
    """A rule that wants a number of `[x]`."""

    at_least: int = Field(ge=1, le=1000)


class Percent(Fact):
    """A rule that wants a part of the boxes that apply to be `[x]`."""

    percent: int = Field(ge=1, le=100)


class AnyOfBoxes(Fact):
    """One of several rules for the same boxes must hold."""

    any_of: Annotated[tuple[Rule, ...], Field(min_length=1, max_length=50)]


class AllOfBoxes(Fact):
    """Several rules for the same boxes must all hold."""

    all_of: Annotated[tuple[Rule, ...], Field(min_length=1, max_length=50)]


class SectionRule(Fact):
    """A rule over the boxes below the headings with this text."""

    section: Heading
    done: Rule = "all"


class EachReportRule(Fact):
    """A rule over the section of every direct report."""

    each: Literal["report"]
    done: Rule = "all"


class AnyOf(Fact):
    """One of several rules must hold."""

    any_of: Annotated[tuple[Member, ...], Field(min_length=1, max_length=50)]


class AllOf(Fact):
    """Several rules must all hold."""

    all_of: Annotated[tuple[Member, ...], Field(min_length=1, max_length=50)]


# Pydantic tells what is wrong with every branch of a union. The tags let it pick the one
# branch that was meant, by the key that tells it; angle brackets, so that none is taken
# for a key of a document. The second line of a custom message is the remedy.
_MOST_COMPARED = 20
_COUNTED = ("at_least", "percent")
_NESTED = ("any_of", "all_of")
_SECTIONS = ("section", "each")


def _form(value: Any, forms: tuple[str, ...]) -> str | None:
    """The tag of the form that a value has, or was meant to have."""
    if isinstance(value, str):
        return "<word>" if value in {"all", "any"} else None
    keys = _keys(value)
    meant = next((form for form in forms if form in keys), None)
    if meant is None and not {*_COUNTED, *_NESTED, *_SECTIONS} & set(keys):
        near = (get_close_matches(key, forms, 1) for key in islice(keys, _MOST_COMPARED))
        meant = next(chain.from_iterable(near), None)
    return meant and f"<{meant}>"


def _keys(value: Any) -> Collection[str]:
    if isinstance(value, Fact):
        return type(value).model_fields.keys()
    return value.keys() if isinstance(value, dict) else ()


def _rule_form(value: Any) -> str | None:
    return _form(value, (*_COUNTED, *_NESTED))


def _section_form(value: Any) -> str | None:
    return None if isinstance(value, str) else _form(value, (*_SECTIONS, *_NESTED))


def _member_form(value: Any) -> str | None:
    return _form(value, (*_SECTIONS, *_COUNTED, *_NESTED))


def _close_form(value: Any) -> str | None:
    return "<list>" if isinstance(value, list | tuple) else _rule_form(value)


_Word = Annotated[Literal["all", "any"], Tag("<word>")]
_Count = Annotated[AtLeast, Tag("<at_least>")]
_Percent = Annotated[Percent, Tag("<percent>")]
_Section = Annotated[SectionRule, Tag("<section>")]
_Each = Annotated[EachReportRule, Tag("<each>")]
_AnyOf = Annotated[AnyOf, Tag("<any_of>")]
_AllOf = Annotated[AllOf, Tag("<all_of>")]

Rule: TypeAlias = Annotated[
    _Word
    | _Count
    | _Percent
    | Annotated[AnyOfBoxes, Tag("<any_of>")]
    | Annotated[AllOfBoxes, Tag("<all_of>")],
    Discriminator(
        _rule_form,
        custom_error_type="no_rule",
        custom_error_message="is not a rule for boxes\nWrite all, any or {at_least: 2}.",
    ),
]
"""How many of some boxes must be ticked."""

Member: TypeAlias = Annotated[
    _Word | _Count | _Percent | _Section | _Each | _AnyOf | _AllOf,
    Discriminator(
        _member_form,
        custom_error_type="no_member_rule",
        custom_error_message="is not a rule\n"
        "Write all, any, {at_least: 2}, {percent: 50}, {section: …, done: …}, "
        "{each: report, done: …}, {any_of: […]} or {all_of: […]}.",
    ),
]
"""What `any_of` and `all_of` bring together: any rule."""

_SectionOrNested = Annotated[
    _Section | _Each | _AnyOf | _AllOf,
    Discriminator(
        _section_form,
        custom_error_type="no_section_rule",
        custom_error_message="is not a rule for a section\n"
        "Write {section: …, done: …} or {each: report, done: …}.",
    ),
]

AnyRule: TypeAlias = Rule | Member | tuple[_SectionOrNested, ...]
"""A rule of whatever form."""


def inner_rules(rule: AnyRule) -> tuple[AnyRule, ...]:
    """The rules that a list, an `any_of` or an `all_of` brings together; none elsewhere."""
    match rule:
        case tuple():
            return rule
        case AnyOf() | AnyOfBoxes():
            return rule.any_of
        case AllOf() | AllOfBoxes():
            return rule.all_of
        case _:
            return ()


def leaves(rule: AnyRule) -> Iterator[AnyRule]:
    """The rules inside that bring nothing together themselves."""
    inner = inner_rules(rule)
    if not inner:
        yield rule
    for one in inner:
        yield from leaves(one)


def _nested(rule: AnyRule) -> int:
    """How many `any_of` and `all_of` stand inside each other."""
    if isinstance(rule, SectionRule | EachReportRule):
        return _nested(rule.done)
    deepest = max(map(_nested, inner_rules(rule)), default=0)
    return deepest + (bool(inner_rules(rule)) and not isinstance(rule, tuple))


def _not_too_deep(rule: AnyRule) -> AnyRule:
    if _nested(rule) > MAX_NESTED:
        message = f"has rules nested more than {MAX_NESTED} deep"
        raise Unfit(message, f"Use {MAX_NESTED} levels of any_of and all_of at most.")
    return rule


CloseWhen: TypeAlias = Annotated[
    _Word
    | _Count
    | _Percent
    | _AnyOf
    | _AllOf
    | Annotated[tuple[_SectionOrNested, ...], Field(min_length=1, max_length=50), Tag("<list>")],
    Discriminator(
        _close_form,
        custom_error_type="no_closing_rule",
        custom_error_message="is not a rule for closing\n"
        "Write all, any, {at_least: 2}, or a list of {section: …, done: …} "
        "/ {each: report, done: …}.",
    ),
    AfterValidator(_not_too_deep),
]
"""When a loop counts as done: one rule for all of it, or a list of which all must hold."""

for _model in (AnyOfBoxes, AllOfBoxes, SectionRule, EachReportRule, AnyOf, AllOf):
    _model.model_rebuild()
