"""Markdown to HTML as GitLab shows it, and harmless whatever the text says.

The HTML is written from the parser's tree, element by element: text is always escaped, links
lead to web pages only, pictures become links, and of the HTML in a text just what GitLab's
users need for folding and keys is kept, without attributes. Whatever else it says is shown as
text. So nothing in a template can run, load or restyle anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from html import escape

import comrak
from markupsafe import Markup

from automation.render.document import readable, tree, words
from automation.render.drawn import code_block

KEPT = frozenset(("b", "br", "del", "details", "em", "i", "ins", "kbd", "strong", "sub",
                  "summary", "sup"))  # fmt: skip
"""HTML elements of a text that are kept; `details` may say `open`."""

_TOKEN = re.compile(
    r"(?P<comment><!--.*?-->)|<(?P<end>/?)(?P<name>[a-z]+)(?P<open>\s+open)?\s*/?>",
    re.DOTALL | re.I,
)
_LINK = re.compile(r"(?:https?://|mailto:)[^\s]+", re.IGNORECASE)
_MENTION = re.compile(r"(?<![\w@/])@[A-Za-z0-9_][A-Za-z0-9_.-]*")
_ELEMENTS: Mapping[type, tuple[str, str]] = {
    comrak.BlockQuote: ("<blockquote>", "</blockquote>"),
    comrak.DescriptionDetails: ("<dd>", "</dd>"),
    comrak.DescriptionList: ("<dl>", "</dl>"),
    comrak.DescriptionTerm: ("<dt>", "</dt>"),
    comrak.Emph: ("<em>", "</em>"),
    comrak.MultilineBlockQuote: ("<blockquote>", "</blockquote>"),
    comrak.Strikethrough: ("<del>", "</del>"),
    comrak.Strong: ("<strong>", "</strong>"),
}
_SIDES = ("left", "center", "right")


def to_html(text: str) -> Markup:
    """A description or note as HTML without an outer element."""
    clean = readable(text)
    root = tree(clean)
    shown = f"<pre>{escape(clean)}</pre>" if root is None else _inside(root)
    return Markup(shown)  # noqa: S704 - made of the elements above and of escaped text


def _inside(node: comrak.AstNode, show: Callable[[comrak.AstNode], str] | None = None) -> str:
    """All that a node contains, with every kept element that begins in it ended in it."""
    kept = _Kept()
    parts = [kept.html(child) or (show or _node)(child) for child in node.children]
    return "".join(parts) + kept.rest()


class _Kept:
    """The HTML of a text between two ends of its Markdown: what is kept, and is still open."""

    def __init__(self) -> None:
        self._open: list[str] = []

    def html(self, node: comrak.AstNode) -> str:
        """What a node of HTML becomes, if it is one."""
        match node.node_value:
            case comrak.HtmlInline(value=literal):
                return self._filtered(literal) or " "
            case comrak.HtmlBlock(value=block):
                return self._filtered(block.literal) or " "
        return ""

    def rest(self) -> str:
        """The ends of what is still open."""
        return "".join(f"</{name}>" for name in reversed(self._open))

    def _filtered(self, literal: str) -> str:
        parts, last = [], 0
        for found in _TOKEN.finditer(literal):
            parts += [escape(literal[last : found.start()]), self._token(found)]
            last = found.end()
        return "".join([*parts, escape(literal[last:])])

    def _token(self, found: re.Match[str]) -> str:
        if found["comment"]:
            return ""
        name = found["name"].lower()
        if name not in KEPT or (found["open"] and name != "details"):
            return escape(found[0])
        if name == "br":
            return "<br>"
        return self._end(name) if found["end"] else self._begin(name, found["open"])

    def _begin(self, name: str, is_open: str | None) -> str:
        self._open.append(name)
        return f"<{name}{' open' if is_open else ''}>"

    def _end(self, name: str) -> str:
        """The end of an element and of all that was begun in it; nothing where none is open."""
        if name not in self._open:
            return ""
        ends: list[str] = []
        while not ends or ends[-1] != name:
            ends.append(self._open.pop())
        return "".join(f"</{one}>" for one in ends)


def _node(node: comrak.AstNode) -> str:
    value = node.node_value
    if type(value) in _ELEMENTS:
        begin, end = _ELEMENTS[type(value)]
        return f"{begin}{_inside(node)}{end}"
    match value:
        case comrak.Text(value=text):
            return _MENTION.sub(r'<span class="mention">\g<0></span>', escape(text, quote=False))
        case comrak.SoftBreak():
            return "\n"
        case comrak.LineBreak():
            return "<br>\n"
        case comrak.ThematicBreak():
            return "<hr>\n"
        case comrak.Code(value=code):
            return f"<code>{escape(code.literal)}</code>"
        case comrak.CodeBlock(value=block):
            return code_block(block.info, block.literal)
        case comrak.FrontMatter(value=text):
            return code_block("yaml", text.strip().strip("-").strip() + "\n")
        case comrak.Paragraph():
            return f"<p>{_inside(node)}</p>\n"
        case comrak.Heading(value=heading):
            level = max(2, heading.level)
            return f"<h{level}>{_inside(node)}</h{level}>\n"
        case comrak.Link(value=link):
            return _link(link.url, _inside(node))
        case comrak.Image(value=link):
            return _link(link.url, escape(words(node)) or "image")
        case comrak.List(value=listed):
            return _list(node, listed)
        case comrak.TaskItem():
            return _box(value.value.symbol, _row_words(node))
        case comrak.Alert(value=alert):
            return _alert(node, alert)
        case comrak.Table(value=table):
            return _table(node, table.alignments)
        case comrak.FootnoteReference(value=reference):
            return f"<sup>[{escape(reference.name)}]</sup>"
        case comrak.FootnoteDefinition(value=note):
            return f'<div class="footnote"><sup>[{escape(note.name)}]</sup>{_inside(node)}</div>'
    return _inside(node)


def _link(address: str, inside: str) -> str:
    if not _LINK.fullmatch(address):
        return f'<span class="unlinked">{inside}</span>'
    return f'<a href="{escape(address)}" rel="nofollow noreferrer noopener">{inside}</a>'


def _list(node: comrak.AstNode, listed: comrak.NodeList) -> str:
    ordered = listed.list_type == comrak.ListType.Ordered
    name = "ol" if ordered else "ul"
    start = f' start="{listed.start}"' if ordered and listed.start != 1 else ""
    kind = ' class="tasks"' if listed.is_task_list else ""
    items = "".join(_item(item, tight=listed.tight) for item in node.children)
    return f"<{name}{start}{kind}>{items}</{name}>\n"


def _item(node: comrak.AstNode, *, tight: bool) -> str:
    def show(child: comrak.AstNode) -> str:
        bare = tight and isinstance(child.node_value, comrak.Paragraph)
        return f"<span>{_inside(child)}</span>\n" if bare else _node(child)

    value = node.node_value
    if not isinstance(value, comrak.TaskItem):
        return f"<li>{_inside(node, show)}</li>\n"
    symbol = value.value.symbol
    kind = "task inapplicable" if symbol == "~" else "task"
    return f'<li class="{kind}">{_box(symbol, words(node))}{_inside(node, show)}</li>\n'


def _row_words(node: comrak.AstNode) -> str:
    """What stands beside a box in a table: its cell is the row's."""
    row = node.parent.parent if node.parent else None
    return words(row or node)


def _box(symbol: str | None, name: str) -> str:
    """A box as GitLab shows it; a symbol that is none of GitLab's is text."""
    label = escape(name or "Checklist item")
    if symbol == "~":
        return f'<input type="checkbox" disabled aria-label="{label} (inapplicable)"> '
    if symbol is None or symbol.isspace():
        return f'<input type="checkbox" disabled aria-label="{label}"> '
    if symbol in "xX":
        return f'<input type="checkbox" checked disabled aria-label="{label}"> '
    return escape(f"[{symbol}] ")


def _alert(node: comrak.AstNode, alert: comrak.NodeAlert) -> str:
    kind = _name(alert.alert_type)
    title = escape(alert.title or kind.capitalize())
    return f'<div class="alert {kind}"><p><strong>{title}</strong></p>{_inside(node)}</div>\n'


def _table(node: comrak.AstNode, alignments: Iterable[comrak.TableAlignment]) -> str:
    sides = [_side(_name(one)) for one in alignments]
    head, *rows = [_row(row, sides) for row in node.children]
    table = f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>"
    return f'<div class="scroll" tabindex="0">{table}</div>\n'


def _side(name: str) -> str:
    return f' class="{name}"' if name in _SIDES else ""


def _name(one: comrak.TableAlignment | comrak.AlertType) -> str:
    """The parser's word for something, in lower case."""
    return repr(one).rpartition(".")[2].lower()


def _row(row: comrak.AstNode, sides: list[str]) -> str:
    is_head = isinstance(row.node_value, comrak.TableRow) and row.node_value.value
    name, scope = ("th", ' scope="col"') if is_head else ("td", "")
    cells = zip(row.children, sides, strict=True)
    shown = "".join(f"<{name}{scope}{side}>{_inside(cell)}</{name}>" for cell, side in cells)
    return f"<tr>{shown}</tr>\n"
