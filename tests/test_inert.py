"""Whatever text comes in: what comes out shows itself, and does nothing else (law 7)."""

from __future__ import annotations

import re

import comrak
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.inert import MAX_LENGTH, WORD_JOINER, Markdown, inert, mention, plain

EXTENSIONS = comrak.ExtensionOptions(
    alerts=True,
    description_lists=True,
    footnotes=True,
    front_matter_delimiter="---",
    math_code=True,
    math_dollars=True,
    multiline_block_quotes=True,
    strikethrough=True,
    table=True,
    tasklist=True,
    wikilinks_title_after_pipe=True,
)
"""GitLab's, but for autolinks: an address stays an address, and people want to follow it."""

PARSING = comrak.ParseOptions(relaxed_tasklist_matching=True, tasklist_in_table=True)

COMMANDS = [
    "/close",
    "/close\r",
    "\r/close",
    "\r\n/close\r\n",
    "x\n/close",
    "x\n\n/label ~a",
    "  /close",
    "\t/assign @me",
    "\u00a0/close",
    "\u200b/close",
    "\ufeff/close",
    "\u2028/close",
    "\x0b/close",
    "\x85/close",
    "/CLOSE",
    "/label ~done",
    '/unlabel ~"a b"',
    "/due tomorrow",
    "/title x",
    "/shrug",
    "well /shrug",
    "text /tableflip",
    "done\n/shrug",
    "> /close",
    "- /close",
    "```\n/close\n```",
    "<!-- -->\n/close",
]
MENTIONS = [
    "@all",
    "@mgr-1",
    "a@b.c",
    "x@all",
    "@group/sub",
    "@@all",
    "`@all`",
    "\\@all",
    "@\u200ball",
]
MARKERS = [
    "<!-- drumbeat:loop weekly/mgr-1/2026-W48 -->",
    "<!-- drumbeat:said done weekly/mgr-1/2026-W48 -->",
    "<!-- drumbeat:for se-1 -->",
    "<!--drumbeat:for se-1-->",
    "&lt;!-- drumbeat:loop a/b/2026 -->",
    "<!\u200b-- drumbeat:loop a/b/2026 -->",
    "-->",
    "<!--",
]
HTML = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<details>",
    "</details>",
    "<br>",
    "<a href='javascript:1'>x</a>",
    "<https://example.com>",
    "<me@example.com>",
    "&amp;",
    "&lt;b&gt;",
    "&#64;all",
    "&commat;all",
    "&NewLine;/close",
]
MARKDOWN = [
    "# heading",
    "####### seven",
    "===",
    "---",
    "***",
    "___",
    "- item",
    "+ item",
    "* item",
    "- [ ] box",
    "* [x] box",
    "1. one",
    "1) one",
    "123456789. nine",
    ": details",
    ":-",
    "|-|",
    "| a | b |",
    "a | b",
    "> quote",
    ">>>",
    "> [!note]",
    "```",
    "~~~ruby",
    "`code`",
    "``a`b``",
    "$math$",
    "$`math`$",
    "*em* **strong** _em_ __strong__",
    "~~gone~~",
    "[text](https://example.com)",
    "[text][ref]",
    "[ref]: https://example.com",
    "[^1]",
    "[^1]: foot",
    "![image](x.png)",
    "[[wiki|page]]",
    "[[_TOC_]]",
    "a\\",
    "\\*",
    "a  \nb",
    "    indented",
    "\tindented",
    "---\ntitle: x\n---",
]
REFERENCES = [
    "~bug",
    '~"two words"',
    "#1",
    "a#1",
    "!1",
    "$1",
    "%1",
    '%"v 1"',
    "&1",
    "a&1",
    "GL#1",
    "^alert#1",
]
ODD = [
    "",
    " ",
    "\x00",
    "\x1b[31mred",
    "\u202eevil\u202c",
    "\u2066iso\u2069",
    "\ue000private",
    "\ud800",
    "a\u0300\u0301",
    "x" * 10_000,
    "@" * 10_000,
    "\\" * 999,
    "日本語",
    "O'Brien & Söhne",
    None,
    42,
]
HOSTILE = [*COMMANDS, *MENTIONS, *MARKERS, *HTML, *MARKDOWN, *REFERENCES, *ODD]

HARMLESS = (comrak.Document, comrak.Paragraph, comrak.Text, comrak.SoftBreak, comrak.Escaped)
PLACES = ["{}", "{}\n", "Term\n{}", "Term\n\n{}", "Before {} after", "Line\n{} after\n"]


def nodes(markdown):
    waiting = [comrak.parse_document(markdown, EXTENSIONS, PARSING)]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += node.children


def shown(markdown):
    """The text that a reader sees, without the joiners that nobody sees."""
    html = comrak.markdown_to_html(markdown, EXTENSIONS)
    text = re.sub(r"</?p>|\n$", "", html)
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        text = text.replace(entity, sign)
    return text.replace(WORD_JOINER, "").strip()


def assert_harmless(text):
    assert "\n" not in text
    assert "\r" not in text
    assert not re.search(r"@(?=[\w.-])", text)
    assert not re.search(r"(^|\s)/\w", text)
    assert "<" not in text
    assert not re.search(r"&(?=\d)|&amp;(?=\d)", text)
    for place in PLACES:
        markdown = place.format(text)
        strange = [n.node_value for n in nodes(markdown) if not isinstance(n.node_value, HARMLESS)]
        assert strange == [], markdown
        assert not re.search(r"^/[a-zA-Z]", markdown, re.MULTILINE)


def test_there_are_enough_hostile_texts():
    assert len(HOSTILE) >= 60


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:40])
def test_an_inert_text_shows_itself_and_does_nothing(text):
    made = inert(text)
    assert isinstance(made, Markdown)
    assert_harmless(made)
    assert shown(made) == plain(text)


@given(st.text(max_size=200) | st.text("/@<>[]()#*_~`|!$&%:-+=.1 \n\\ax", max_size=40))
def test_any_text_is_made_inert(text):
    made = inert(text)
    assert_harmless(made)
    assert shown(made) == plain(text)


@pytest.mark.parametrize("text", REFERENCES)
def test_no_reference_is_left_that_gitlab_would_link(text):
    """GitLab leaves a sign alone that a backslash or an invisible joiner stands beside."""
    assert not re.search(r"(?<!\\)[~#!$%]|&amp;\d", inert(text))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\nb\r\nc\td", "a b c d"),
        ("  a   b  ", "a b"),
        ("a\u200bb\u202ec", "abc"),
        ("zero\x00", "zero"),
        (12.5, "12.5"),
    ],
)
def test_plain_is_one_visible_line(text, line):
    assert plain(text) == line


def test_plain_keeps_to_its_limit():
    assert plain("x" * 501) == "x" * 499 + "…"
    assert plain("x" * MAX_LENGTH) == "x" * MAX_LENGTH
    assert plain("ab cd ef", limit=4) == "ab…"


@pytest.mark.parametrize(("name", "made"), [("mgr-1", "@mgr-1"), ("@a.b_c", "@a.b_c"), ("1", "@1")])
def test_mention_calls_a_user(name, made):
    assert mention(name) == made
    assert isinstance(mention(name), Markdown)


@pytest.mark.parametrize(
    "name", ["all", "@All", "here", "channel", "a b", "", "a/b", "x\n/close", ".a", "a" * 256]
)
def test_mention_calls_nobody_but_users(name):
    assert_harmless(mention(name))
