"""Markdown to HTML that can do no harm, with boxes that say where they stand in the source.

Comrak renders with raw HTML escaped, and comments taken out first, as GitLab does not show
them. What it wrote is then read once more, and only known elements and attributes pass.
Pictures become links: a page of the sandbox loads nothing from elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser

import comrak
from markupsafe import Markup

from automation.sandbox import tasks

_RENDERING = comrak.RenderOptions(escape=True, github_pre_lang=False)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_SAFE_LINK = re.compile(r"(?:https?://|mailto:|/(?!/)|#)", re.IGNORECASE)
_VOID = frozenset(("br", "hr"))
_KNOWN = frozenset(
    ("a", "blockquote", "code", "dd", "del", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4",
     "h5", "h6", "li", "ol", "p", "pre", "section", "strong", "sup", "table", "tbody", "td",
     "th", "thead", "tr", "ul", *_VOID)
)  # fmt: skip
_CLASSES = frozenset(
    ("footnotes", "footnote-ref", "footnote-backref", "markdown-alert", "markdown-alert-title",
     "markdown-alert-note", "markdown-alert-tip", "markdown-alert-important",
     "markdown-alert-warning", "markdown-alert-caution")
)  # fmt: skip
# Comrak's renderer goes down by recursion, and a stack ends.
_DEEPEST = 500


@dataclass(frozen=True)
class Box:
    """A task's box: ``line`` and ``byte`` from 0, ``source`` the line that holds it."""

    symbol: str
    line: int
    byte: int
    source: str
    words: str

    @property
    def placed(self) -> bool:
        """Whether the symbol really stands where the parser says."""
        raw = self.symbol.encode()
        return self.source.encode()[self.byte : self.byte + len(raw)] == raw


def _boxes(root: comrak.AstNode, lines: list[str]) -> Iterator[Box]:
    for node, symbol, line, byte in tasks.symbols(root):
        yield Box(symbol, line, byte, lines[line], tasks.words(node))


def _depth(root: comrak.AstNode) -> int:
    level, depth = [root], 0
    while level:
        level, depth = [child for node in level for child in node.children], depth + 1
    return depth


def _hide_comments(root: comrak.AstNode) -> None:
    for node in tasks.walk(root):
        value = node.node_value
        if isinstance(value, comrak.HtmlInline) and value.value.startswith("<!--"):
            node.node_value = comrak.Raw("")
        elif isinstance(value, comrak.HtmlBlock) and value.value.literal.startswith("<!--"):
            node.node_value = comrak.Raw(escape(_COMMENT.sub("", value.value.literal)))


def render(text: str | None, *, may_tick: bool = False) -> Markup:
    """A description or a comment as HTML; boxes can be ticked where the visitor may."""
    source = tasks.lines_of(text or "")
    root = tasks.parse(source)
    if tasks.tame(source) != source or _depth(root) > _DEEPEST:
        return Markup("<pre>{}</pre>").format(source)
    _hide_comments(root)
    boxes = list(_boxes(root, source.split("\n")))
    written = comrak.format_html(
        root, extension_options=tasks.EXTENSIONS, parse_options=tasks.PARSING,
        render_options=_RENDERING,
    )  # fmt: skip
    filtered = _Filter(boxes, may_tick=may_tick)
    filtered.feed(written)
    filtered.close()
    return Markup("".join(filtered.out))  # noqa: S704 - made of known elements and escaped text


class _Filter(HTMLParser):
    """Writes again what it reads, as far as it knows it."""

    def __init__(self, boxes: list[Box], *, may_tick: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self._boxes = iter(boxes)
        self._may_tick = may_tick

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Known elements pass with known attributes; boxes and pictures are made anew."""
        given = {name: value or "" for name, value in attrs}
        if tag == "input":
            self.out.append(_input(next(self._boxes), may_tick=self._may_tick))
        elif tag == "img":
            self.out.append(_link(given.get("src", ""), given.get("alt") or "image"))
        else:
            start = f"<{tag}{''.join(_attributes(tag, given))}>"
            self.out.append(start if tag in _KNOWN else "")

    def handle_endtag(self, tag: str) -> None:
        """The end of an element that passed."""
        if tag in _KNOWN - _VOID:
            self.out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        """Text, escaped again."""
        self.out.append(escape(data))


def _attributes(tag: str, given: dict[str, str]) -> Iterator[str]:
    """What of an element's attributes passes, ready to be written."""
    if tag == "a" and _SAFE_LINK.match(given.get("href", "")):
        yield f' href="{escape(given["href"])}" rel="nofollow noreferrer noopener"'
    if classes := [name for name in given.get("class", "").split() if name in _CLASSES]:
        yield f' class="{" ".join(classes)}"'
    if given.get("align") in ("left", "center", "right"):
        yield f' class="{given["align"]}"'
    if tag == "ol" and given.get("start", "").isdigit():
        yield f' start="{given["start"]}"'
    if given.get("id", "").startswith(("fn-", "fnref-")):
        yield f' id="{escape(given["id"])}"'
    if "aria-label" in given:
        yield f' aria-label="{escape(given["aria-label"])}"'


def _link(address: str, words: str) -> str:
    return f"<a{''.join(_attributes('a', {'href': address}))}>{escape(words)}</a>"


def _input(box: Box, *, may_tick: bool) -> str:
    """A box; an inapplicable one is greyed out, and an unknown symbol is text."""
    if not (box.symbol == "~" or box.symbol.isspace() or box.symbol in "xX"):
        return escape(f"[{box.symbol}]")
    name = box.words or "Checklist item"
    if box.symbol == "~":
        label = escape(f"{name} (inapplicable)")
        return f'<input type="checkbox" class="task inapplicable" disabled aria-label="{label}">'
    state = " checked" if box.symbol in "xX" else ""
    if not (may_tick and box.placed):
        state += " disabled"
    return (
        f'<input type="checkbox" class="task" data-line="{box.line}" data-byte="{box.byte}" '
        f'data-source="{escape(box.source)}" aria-label="{escape(name)}"{state}>'
    )


def ticked(description: str | None, line: int, byte: int, source: str, *, done: bool) -> str | None:
    """The description with one box ticked or unticked.

    `None`, when the line is not (any more) what the visitor saw, or has no box there.
    """
    lines = tasks.lines_of(description or "").split("\n")
    known = {(box.line, box.byte): box for box in _boxes(tasks.parse("\n".join(lines)), lines)}
    box = known.get((line, byte))
    if box is None or box.source != source or not box.placed or box.symbol == "~":
        return None
    raw, length = source.encode(), len(box.symbol.encode())
    changed = raw[:byte] + (b"x" if done else b" ") + raw[byte + length :]
    lines[line] = changed.decode()
    return "\n".join(lines)
