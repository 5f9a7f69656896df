"""Markdown as the gallery shows it: like GitLab where it matters, and harmless everywhere."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.checklist import read
from automation.render.html import KEPT, to_html
from tests.checklist_cases import CASES, Case

REL = ' rel="nofollow noreferrer noopener"'
PARTS = {
    "text": ("a < b & c", "<p>a &lt; b &amp; c</p>\n"),
    "emphasis": ("*a* **b** ~~c~~", "<p><em>a</em> <strong>b</strong> <del>c</del></p>\n"),
    "code": ("`<b>`", "<p><code>&lt;b&gt;</code></p>\n"),
    "lines": ("a\nb\\\nc", "<p>a\nb<br>\nc</p>\n"),
    "a heading is never above the page's own": ("# A\n### B", "<h2>A</h2>\n<h3>B</h3>\n"),
    "a rule": ("***", "<hr>\n"),
    "a quote": ("> a", "<blockquote><p>a</p>\n</blockquote>"),
    "a long quote": (">>>\na\n>>>", "<blockquote><p>a</p>\n</blockquote>"),
    "an alert": (
        "> [!important]\n> a",
        '<div class="alert important"><p><strong>Important</strong></p><p>a</p>\n</div>\n',
    ),
    "somebody": (
        "@ann_1: mail x@y.z",
        f'<p><span class="mention">@ann_1</span>: mail <a href="mailto:x@y.z"{REL}>x@y.z</a></p>\n',
    ),
    "a link": (
        "[a](https://b.c/?d=1&e)",
        f'<p><a href="https://b.c/?d=1&amp;e"{REL}>a</a></p>\n',
    ),
    "a picture is a link": (
        "![a](https://b.c/d.png) ![](https://b.c/e.png)",
        f"""<p><a href="https://b.c/d.png"{REL}>a</a> <a href="https://b.c/e.png"{REL}>image</a></p>\n""",
    ),
    "a link that leads nowhere from here": (
        "[a](../b) [c](drumbeat:next)",
        '<p><span class="unlinked">a</span> <span class="unlinked">c</span></p>\n',
    ),
    "lists": (
        "- a\n  1. b\n\n3. c",
        """<ul><li><span>a</span>
<ol><li><span>b</span>
</li>
</ol>
</li>
</ul>
<ol start="3"><li><span>c</span>
</li>
</ol>
""",
    ),
    "a wide list": ("- a\n\n- b", "<ul><li><p>a</p>\n</li>\n<li><p>b</p>\n</li>\n</ul>\n"),
    "a table": (
        "| a | b | c | d |\n| --- | --: | :-: | :-- |\n| 1 | 2 | 3 | 4 |",
        """<div class="scroll" tabindex="0"><table><thead><tr><th scope="col">a</th>\
<th scope="col" class="right">b</th><th scope="col" class="center">c</th>\
<th scope="col" class="left">d</th></tr>
</thead><tbody><tr><td>1</td><td class="right">2</td><td class="center">3</td>\
<td class="left">4</td></tr>
</tbody></table></div>
""",
    ),
    "a description": ("a\n\n: b", "<dl><dt><p>a</p>\n</dt><dd><p>b</p>\n</dd></dl>"),
    "a footnote": (
        "a[^n]\n\n[^n]: b",
        '<p>a<sup>[n]</sup></p>\n<div class="footnote"><sup>[n]</sup><p>b</p>\n</div>',
    ),
    "front matter is code": (
        "---\na: <b>\n---\nc",
        '<pre tabindex="0"><code>a: &lt;b&gt;\n</code></pre><p>c</p>\n',
    ),
    "indented code": ("    a", '<pre tabindex="0"><code>a\n</code></pre>'),
    "a symbol": ("&copy;", "<p>©</p>\n"),
}


@pytest.mark.parametrize(
    ("text", "html"), [pytest.param(*one, id=name) for name, one in PARTS.items()]
)
def test_markdown(text: str, html: str) -> None:
    assert to_html(text) == html


BOXES = {
    "- [ ] a": '<input type="checkbox" disabled aria-label="a">',
    "- [x] a **b** `c`": '<input type="checkbox" checked disabled aria-label="a b c">',
    "1. [X]": '<input type="checkbox" checked disabled aria-label="Checklist item">',
    '- [~] "a"': '<input type="checkbox" disabled aria-label="&quot;a&quot; (inapplicable)">',
    "- [ ] a\n  - [x] b": '<input type="checkbox" disabled aria-label="a">',
    "|a|b|\n|-|-|\n|[x]|c|": '<input type="checkbox" checked disabled aria-label="c">',
    "- [y] a": '<li class="task">[y] <span>a</span>',
}


@pytest.mark.parametrize("text", BOXES)
def test_a_box(text: str) -> None:
    assert BOXES[text] in to_html(text)


def test_an_inapplicable_box_can_be_told() -> None:
    assert '<li class="task inapplicable">' in to_html("- [~] a")


# --- HTML in the text --------------------------------------------------------------------

HTML = {
    "a fold": (
        "<details>\n<summary>A & **b**</summary>\n\n- [ ] c\n\n</details>",
        "<details>\n<summary>A &amp; **b**</summary>\n",
    ),
    "an open fold": ("<details open>\n\na\n\n</details>", "<details open>\n<p>a</p>\n</details>"),
    "keys and breaks": ("<kbd>a</kbd><br/>b", "<p><kbd>a</kbd><br>b</p>\n"),
    "what is not ended": ("<b>a", "<p><b>a</b></p>\n"),
    "what ends with all that was begun in it": ("<b><i>a</b>c", "<p><b><i>a</i></b>c</p>\n"),
    "what never began": ("a</b>", "<p>a </p>\n"),
    "an attribute": ("<b onclick=x>a</b>", "<p>&lt;b onclick=x&gt;a </p>\n"),
    "a word that only a fold has": ("<kbd open>a</kbd>", "<p>&lt;kbd open&gt;a </p>\n"),
    "another element": ("<u>a</u>", "<p>&lt;u&gt;a&lt;/u&gt;</p>\n"),
    "a block of another": ("<div>\na\n</div>", "&lt;div&gt;\na\n&lt;/div&gt;"),
    "a comment": ("a <!-- b -->\n\n<!-- c -->", "<p>a  </p>\n "),
    "capitals": ("<KBD>a</KBD>", "<p><kbd>a</kbd></p>\n"),
}


@pytest.mark.parametrize(
    ("text", "html"), [pytest.param(*one, id=name) for name, one in HTML.items()]
)
def test_html_in_the_text(text: str, html: str) -> None:
    assert to_html(text).startswith(html)


HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    '"><svg onload=alert(3)>',
    "[a](javascript:alert(4)) [b](JavaScript&colon;alert(5)) [c](data:text/html,x)",
    "![a](javascript:alert(6))",
    "<details ontoggle=alert(7) open>",
    "<style>@import 'https://evil.example';</style>",
    "<a href=https://evil.example>a</a><iframe src=https://evil.example></iframe>",
    "<sCrIpT\n>alert(8)</sCrIpT\n>",
    "```json:table\n{\"items\": [{\"<b>\": \"<script>\"}]}\n```",
    '```mermaid\npie title <script>\n"<img>" : 1\n```',
    "[a]: javascript:x\n\n[a] <javascript:alert(9)>",
    "- [ ] <img src=x> \"onfocus=alert(10) x=\"",
    "`\u0000<script>`",
    "\ud800 <b",
)  # fmt: skip
ALLOWED = KEPT | {
    "a", "blockquote", "caption", "code", "dd", "del", "div", "dl", "dt", "figcaption", "figure",
    "h2", "h3", "h4", "h5", "h6", "hr", "input", "li", "ol", "p", "pre", "rect", "span", "svg",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {
    "aria-hidden", "aria-label", "checked", "class", "disabled", "height", "href", "open",
    "preserveaspectratio", "rel", "scope", "start", "tabindex", "type", "viewbox", "width",
}  # fmt: skip


class Seen(HTMLParser):
    """Elements and attributes of a text, and how deep it ends."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.boxes = 0
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.boxes += tag == "input"
        if tag not in ALLOWED:
            self.faults.append(tag)
        for name, value in attrs:
            if name not in ATTRIBUTES:
                self.faults.append(name)
            if name == "href" and not (value or "").lower().startswith(("http", "mailto:")):
                self.faults.append(str(value))
        if tag not in ("br", "hr", "input", "rect"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag != "rect" and (not self.open or self.open.pop() != tag):
            self.faults.append(f"</{tag}>")


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hostile_gets_in(text: str) -> None:
    for one in (text, f"- [ ] {text}", f"# {text}", f"| a |\n| - |\n| {text} |", f"> {text}"):
        seen = Seen(to_html(one))
        assert (seen.faults, seen.open) == ([], [])


@given(st.lists(st.sampled_from(["<b>", "</b>", "<details>", "</details>", "\n\n", "- ", "> ",
                                 "a", "<!--", "-->", "| a |\n| - |\n", "`", "<", "*", "[ ] "]),
                max_size=30))  # fmt: skip
def test_whatever_it_is_made_of_it_is_whole(parts: list[str]) -> None:
    seen = Seen(to_html("".join(parts)))
    assert (seen.faults, seen.open) == ([], [])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_as_many_boxes_as_gitlab_counts(case: Case) -> None:
    assert Seen(to_html(case.markdown)).boxes == len(case.marks)
    assert len(read(case.markdown).items) == len(case.marks)


def test_what_had_better_not_be_read_is_shown_as_it_is() -> None:
    text = "> " * 150 + "<a"
    assert to_html(text) == f"<pre>{text.replace('>', '&gt;').replace('<', '&lt;')}</pre>"
    deep = "- " * 60 + "a"
    assert to_html(deep).startswith("<pre>- - ")


# --- What GitLab draws -----------------------------------------------------------------------


def test_a_json_table() -> None:
    text = """```json:table
{"fields": [{"key": "a", "label": "A & B", "sortable": true}, "c"],
 "items": [{"a": "<x>", "c": 2}, {"a": true}], "filter": true, "caption": "Of <it>"}
```"""
    assert to_html(text) == (
        '<div class="scroll" tabindex="0"><table><caption>Of &lt;it&gt;</caption><thead><tr>'
        '<th scope="col">A &amp; B</th><th scope="col">c</th></tr></thead><tbody><tr>'
        '<td>&lt;x&gt;</td><td class="n">2</td></tr><tr><td>True</td><td></td></tr></tbody>'
        "</table></div>"
    )


def test_a_json_table_without_fields_has_those_of_its_first_row() -> None:
    shown = to_html('```json:table\n{"items": [{"a": 1, "b": "x"}]}\n```')
    assert '<th scope="col">a</th><th scope="col">b</th>' in shown
    assert "<tbody></tbody>" in to_html('```json:table\n{"items": []}\n```')


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", '{"items": 1}', '{"items": [1]}', "[" * 5000, '{"items": [], "fields": [1]}']
)  # fmt: skip
def test_a_json_table_that_is_none_is_shown_and_told(text: str) -> None:
    shown = to_html(f"```json:table\n{text}\n```")
    assert "GitLab cannot read this table" in shown


def test_a_pie_is_drawn_as_bars() -> None:
    shown = to_html('```mermaid\npie showData title How & why\n  "a<b" : 3\n  "c" : 1.5\n```')
    assert "<caption>How &amp; why</caption>" in shown
    assert '<th scope="row">a&lt;b</th><td class="n">3</td>' in shown
    assert '<rect width="66.7" height="8"/>' in shown
    assert "<caption>" not in to_html('```mermaid\npie\n"a" : 0\n```')


@pytest.mark.parametrize("text", ["graph TD", "pie", "pie\n a", "", 'pie\n"a" : x'])
def test_another_chart_is_shown_as_its_code(text: str) -> None:
    assert "A chart, which GitLab draws with Mermaid." in to_html(f"```mermaid\n{text}\n```")


def test_other_code_is_code() -> None:
    assert to_html("```yaml x\na: 1\n```") == '<pre tabindex="0"><code>a: 1\n</code></pre>'
    assert to_html("```\na\n```") == '<pre tabindex="0"><code>a\n</code></pre>'
