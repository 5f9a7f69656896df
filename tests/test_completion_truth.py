"""Every small checklist against every rule: a truth table, and what must always be so."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.checklist import read
from automation.completion import judge
from automation.model.closing import (
    AllOf,
    AnyOf,
    AtLeast,
    CarriedItems,
    CloseWhen,
    EachReportRule,
    Percent,
    SectionRule,
)
from automation.model.roster import Report

SE = Report(id="se-1", username="se")
ALL_MARKS = ["".join(marks) for count in range(5) for marks in product(" x~", repeat=count)]
"""All 121 checklists of up to four boxes."""


def complete(rule: CloseWhen, markdown: str, **terms) -> bool:
    checklist = read(markdown)
    return judge(rule, checklist, checklist.counts(), (SE,), **terms).complete


def boxes(marks: str) -> str:
    return "".join(f"- [{mark}] a\n" for mark in marks)


@pytest.mark.parametrize("marks", ALL_MARKS)
def test_the_truth_table(marks):
    """Written from the words of the design, not from the code."""
    done, left = marks.count("x"), marks.count(" ")
    expected: dict[Any, bool] = {
        "all": done > 0 and left == 0,
        "any": done > 0,
        AtLeast(at_least=1): done >= 1,
        AtLeast(at_least=2): done >= 2,
        AtLeast(at_least=4): done >= 4,
        Percent(percent=1): done > 0,
        Percent(percent=50): done > 0 and done / (done + left) >= 0.5,
        Percent(percent=67): done > 0 and done / (done + left) >= 0.67,
        Percent(percent=100): done > 0 and left == 0,
    }
    text = boxes(marks)
    assert {rule: complete(rule, text) for rule in expected} == expected
    for one, other in product(expected, repeat=2):
        assert complete(AnyOf(any_of=(one, other)), text) is (expected[one] or expected[other])
        assert complete(AllOf(all_of=(one, other)), text) is (expected[one] and expected[other])


MARKS = st.text(alphabet=" x~", max_size=5)
BOX_RULES = st.one_of(
    st.sampled_from(["all", "any"]),
    st.integers(1, 5).map(lambda n: AtLeast(at_least=n)),
    st.integers(1, 100).map(lambda n: Percent(percent=n)),
)
LEAVES = st.one_of(
    BOX_RULES,
    st.builds(SectionRule, section=st.sampled_from(["A", "B (optional)", "Gone"]), done=BOX_RULES),
    st.builds(EachReportRule, each=st.just("report"), done=BOX_RULES),
)


def _several(inner):
    rules = st.lists(inner, min_size=1, max_size=3).map(tuple)
    return st.builds(AnyOf, any_of=rules) | st.builds(AllOf, all_of=rules)


RULES = st.recursive(LEAVES, _several, max_leaves=6)
TERMS = st.fixed_dictionaries(
    {"carried": st.sampled_from(CarriedItems), "optional": st.sampled_from([(), ("A",)])}
)


@st.composite
def issues(draw):
    """An issue with sections, optional items, and items that were carried over."""
    plain, se, extra, old = (boxes(draw(MARKS)) for _ in range(4))
    some = boxes(draw(MARKS)).replace(" a\n", " a (optional)\n")
    return (
        f"# A\n{plain}{some}\n# B (optional)\n{extra}\n# @se\n{se}\n"
        f"# Carried over <!-- drumbeat:for carried-over -->\n{old}"
    )


def one_more(text: str, at: int) -> str:
    """The text with one of its empty boxes ticked."""
    parts = text.split("[ ]")
    at = 1 + at % max(len(parts) - 1, 1)
    head, tail = "[ ]".join(parts[:at]), "[ ]".join(parts[at:])
    return f"{head}[x]{tail}" if len(parts) > 1 else text


@settings(deadline=None, max_examples=300)
@given(RULES, issues(), TERMS, st.integers(0, 20))
def test_one_more_tick_never_makes_a_complete_loop_incomplete(rule, text, terms, at):
    if complete(rule, text, **terms):
        assert complete(rule, one_more(text, at), **terms)


@settings(deadline=None, max_examples=200)
@given(RULES, issues(), TERMS)
def test_nothing_is_complete_without_a_tick(rule, text, terms):
    assert not complete(rule, text.replace("[x]", "[ ]"), **terms)


@settings(deadline=None, max_examples=200)
@given(issues(), TERMS, st.integers(1, 100))
def test_all_is_the_same_as_a_hundred_percent_and_more_than_any_part(text, terms, part):
    for within in (lambda rule: rule, lambda rule: (SectionRule(section="A", done=rule),)):
        everything = complete(within("all"), text, **terms)
        assert everything is complete(within(Percent(percent=100)), text, **terms)
        assert not everything or complete(within(Percent(percent=part)), text, **terms)


@settings(deadline=None, max_examples=200)
@given(RULES, RULES, issues(), TERMS)
def test_together_is_more_than_alone_and_alone_more_than_either(one, other, text, terms):
    both = complete(AllOf(all_of=(one, other)), text, **terms)
    either = complete(AnyOf(any_of=(one, other)), text, **terms)
    alone = [complete(rule, text, **terms) for rule in (one, other)]
    assert both is all(alone)
    assert either is any(alone)


@settings(deadline=None, max_examples=200)
@given(RULES, issues(), TERMS)
def test_every_verdict_says_why_in_one_line_without_the_issues_words(rule, text, terms):
    checklist = read(text.replace("] a", "] secret"))
    found = judge(rule, checklist, checklist.counts(), (SE,), **terms)
    assert found.summary
    assert "\n" not in found.summary
    assert "secret" not in found.summary + found.unreadable
    assert bool(found.causes) is bool(found.unreadable)
    assert not (found.complete and found.unreadable)
