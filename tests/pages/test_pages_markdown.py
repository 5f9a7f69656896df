"""Markdown as pages show it: GitLab's boxes, and nothing that could do harm."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.sandbox import tasks
from automation.sandbox.errors import ApiError
from automation.sandbox.pages.markdown import render, ticked
from automation.sandbox.pages.rendering import colors_css
from automation.sandbox.pages.visit import words_of


def shown(text, **options):
    return str(render(text, **options)).strip()


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("", ""),
        (None, ""),
        ("a <!-- hidden --> b", "<p>a  b</p>"),
        ("<!-- hidden -->\n\nb", "<p>b</p>"),
        ("<!-- hidden --> <b>seen</b>", "&lt;b&gt;seen&lt;/b&gt;"),
        ("<b onclick=x>t</b>", "<p>&lt;b onclick=x&gt;t&lt;/b&gt;</p>"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("`<!-- c -->`", "<p><code>&lt;!-- c --&gt;</code></p>"),
        ("![i](https://e.example/x.png)",
         '<p><a href="https://e.example/x.png" rel="nofollow noreferrer noopener">i</a></p>'),
        ("![](data:image/png;base64,AA)", "<p><a>image</a></p>"),
        ("[a](javascript:alert(1))", "<p><a>a</a></p>"),
        ("[a](//evil.example)", "<p><a>a</a></p>"),
        ("[a](/x)", '<p><a href="/x" rel="nofollow noreferrer noopener">a</a></p>'),
        ("a  \nb", "<p>a<br>\nb</p>"),
        ("3. a", '<ol start="3">\n<li>a</li>\n</ol>'),
        ("- [?] a", "<ul>\n<li>[?] a</li>\n</ul>"),
    ],
)  # fmt: skip
def test_what_is_shown(source, html):
    assert shown(source) == html


def test_tables_alerts_and_footnotes():
    html = shown("| a |\n|:-:|\n| b |\n\n> [!note]\n> c\n\nd[^1]\n\n[^1]: e")
    assert '<th class="center">a</th>' in html
    assert 'class="markdown-alert markdown-alert-note"' in html
    assert re.search(r'<a href="#fn-1"[^>]* id="fnref-1">1</a>', html)
    assert 'aria-label="Back to reference 1"' in html


def test_boxes_say_where_they_stand():
    html = shown('- [ ] a "q" <!-- x -->\n  - [X] b\n\n| t |\n|--|\n| [x] |', may_tick=True)
    boxes = re.findall(r"<input [^>]*>", html)
    assert boxes == [
        (
            '<input type="checkbox" class="task" data-line="0" data-byte="3" data-source="- [ ] a '
            '&quot;q&quot; &lt;!-- x --&gt;" aria-label="a &quot;q&quot;">'
        ),
        (
            '<input type="checkbox" class="task" data-line="1" data-byte="5" '
            'data-source="  - [X] b" aria-label="b" checked>'
        ),
        (
            '<input type="checkbox" class="task" data-line="5" data-byte="3" '
            'data-source="| [x] |" aria-label="Checklist item" checked>'
        ),
    ]


def test_boxes_of_a_reader_are_shut():
    assert shown("- [x] a").count(" checked disabled>") == 1


def test_nesting_without_end_is_shown_as_text():
    assert shown(">" * 1000 + " a") == f"<pre>{'&gt;' * 1000} a</pre>"


class _Elements(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))


_PIECES = st.sampled_from(
    ["- [ ] ", "- [x] ", "* [~] ", "1. [X] ", "> ", "| a | b |\n|--|--|\n| [ ] c | [x] |\n",
     "\n", "\n\n", "  ", "\t", "<b>", "<!--", "-->", "<script>", "</script>", "`", "```\n", "*",
     "[a](javascript:x)", "![i](http://x.example/)", "[^1]", "\n[^1]: note\n- [ ] n\n", "&lt;",
     "<input type=checkbox>", "é", "[ ] ", "\r\n", "\u2003", "---\n", "<img src=x onerror=y>"]
)  # fmt: skip


@given(st.lists(_PIECES | st.text(max_size=4), max_size=20).map("".join))
def test_no_text_gets_an_element_of_its_own_in(text):
    reader = _Elements()
    reader.feed(shown(text, may_tick=True))
    reader.close()
    for tag, attrs in reader.seen:
        assert tag not in {"script", "img", "iframe", "style", "b"}
        assert not any(name.startswith("on") or name in {"style", "src"} for name in attrs)
        assert re.match(r"(https?://|mailto:|/(?!/)|#|$)", attrs.get("href") or "", re.IGNORECASE)


@given(st.lists(_PIECES | st.text(max_size=4), max_size=20).map("".join))
def test_every_open_box_can_be_ticked_and_only_that_one(text):
    source = tasks.lines_of(text)
    reader = _Elements()
    reader.feed(shown(source, may_tick=True))
    for _, box in reader.seen:
        if "data-line" in box and "checked" not in box and "disabled" not in box:
            line, byte = int(box["data-line"]), int(box["data-byte"])
            after = ticked(source, line, byte, box["data-source"], done=True)
            assert after is not None
            old, new = source.split("\n"), after.split("\n")
            assert [number for number, pair in enumerate(zip(old, new, strict=True))
                    if pair[0] != pair[1]] == [line]  # fmt: skip
            undone = ticked(after, line, byte, new[line], done=False)
            assert tasks.items(undone) == tasks.items(source)


def test_colours_can_be_read():
    css = colors_css(["#000", "#FFFFFF", "#6699cc", "red", "#12", "#fff;}body{display:none"])
    assert css.splitlines() == [
        ".c-000{--label:#000;--label-text:#fff}",
        ".c-6699cc{--label:#6699cc;--label-text:#000}",
        ".c-ffffff{--label:#ffffff;--label-text:#000}",
    ]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("Retry later", "Retry later"),
        ({"error": "title is missing"}, "title is missing"),
        ({"message": {"title": ["is odd", "is long"]}}, "Title is odd. Title is long."),
        ({"message": {"error": "No"}}, "Error No."),
        ({}, ""),
    ],
)
def test_refusals_in_words(body, words):
    assert unescape(words_of(ApiError(400, body))) == words
