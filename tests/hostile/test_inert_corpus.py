"""Every hostile text by itself, and any two of them side by side: inert as one, inert as two."""

from __future__ import annotations

from itertools import product

import pytest

from automation.carry_over import Carried, Origin, carried_over
from automation.checklist import read
from automation.inert import MAX_MARKS, WORD_JOINER, inert, plain, title_line
from automation.templates import render_title
from tests.hostile.corpus import ALL, shown
from tests.hostile.world import acting, skeleton

PLACES = ("{}", "Term\n{}", "Before {} after", "- [ ] {}", "# {}", "> {}", "| a |\n| --- |\n| {} |")

PIECES = (
    "/", "close", "@", "victim", "all", "&", "1", "12", ".", ")", ". x", ") x", "-", "+", "*", "=",
    "[", "]", "[ ]", "[x]", "x", "<", "!--", "-->", "`", "``", "~", "bug", "#", "{", "+x+}", "-x-}",
    ";", ";;;", ":", "-:", "|", "\\", "!", "$", "%", "_", "&#64;", "lt;", "http:", "//x", " ", "",
)  # fmt: skip


def wrong(markdown: str, harmless: str) -> bool:
    return skeleton(markdown) != skeleton(harmless) or [*acting(markdown)] != []


@pytest.mark.parametrize("place", PLACES)
def test_every_text_is_harmless_in_every_place(place):
    texts = [text for text in ALL if plain(text)]
    bad = [shown(one) for one in texts if wrong(place.format(inert(one)), place.format("Ann"))]
    assert bad == []


@pytest.mark.parametrize("place", ["{}", "Term\n{}", "- [ ] {}"])
def test_any_two_pieces_side_by_side_are_harmless(place):
    pairs = [(one, two) for one, two in product(PIECES, PIECES) if plain(one + two)]
    bad = [
        (one, two)
        for one, two in pairs
        if wrong(place.format(inert(one) + inert(two)), place.format("Ann"))
    ]
    assert bad == []


def test_two_halves_of_a_mention_or_an_epic_make_none():
    assert inert("@") + inert("victim") == f"@{WORD_JOINER}victim"
    assert inert("&") + inert("1") == f"&amp;{WORD_JOINER}1"
    assert inert("/") + inert("close") == f"/{WORD_JOINER}close"


def test_no_letter_bears_more_marks_than_people_can_read():
    assert plain("Z" + "\u0351" * 500 + "algo") == "Z" + "\u0351" * MAX_MARKS + "algo"
    assert plain("नमस्ते") == "नमस्ते"


def test_no_more_of_a_text_is_looked_at_than_is_shown():
    class Endless(str):
        __slots__ = ()

        def __iter__(self):
            yield from ("x" for _ in range(600))
            raise AssertionError("read too far")

        def __str__(self):
            return self

    assert plain(Endless()) == "x" * 499 + "…"


def test_titles_mention_nobody_and_stay_as_they_are_otherwise():
    assert render_title("Weekly of {{ name }}", {"name": "@all a@b.c #1"}) == (
        f"Weekly of @{WORD_JOINER}all a@b.c #1"
    )
    called = {shown(one): [*acting(title_line(one))] for one in ALL}
    assert [one for one, does in called.items() if any(what[:5] == "calls" for what in does)] == []


def test_an_item_is_carried_with_an_address_that_stays_one():
    source = '- [ ] x (from 2026-W47)[](/u "(from [2026-W47](https://evil.example/`a`@victim)")\n'
    (item,) = read(source).items
    assert item.text == "x (from 2026-W47)"
    origin = Origin("2026-W48", "https://gitlab.example.com/1")
    (carried,) = carried_over(
        "", [(f"## Carried over <!-- drumbeat:for carried-over -->\n\n{source}", origin)]
    )
    assert "evil" not in carried.line
    assert [*acting(carried.line)] == []


@pytest.mark.parametrize("part", range(4))
def test_every_text_is_carried_as_one_harmless_item(part):
    origin = Origin("2026-W48", "https://gitlab.example.com/1")
    harmless = Carried("Ann", origin).line
    texts = [text for text in ALL[part::4] if plain(text)]
    assert [shown(one) for one in texts if wrong(Carried(one, origin).line, harmless)] == []
