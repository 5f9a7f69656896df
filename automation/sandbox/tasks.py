"""Task lists: what GitLab counts in a description, and which boxes an edit toggled.

GitLab renders the Markdown and counts the checkboxes in the HTML. Comrak, the family of
its renderer, draws ``[~]`` and any other symbol as a ticked box, where GitLab draws the
first as inapplicable and does not know the rest. So those are blanked out before rendering.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

import comrak

EXTENSIONS = comrak.ExtensionOptions(
    tasklist=True, table=True, strikethrough=True, autolink=True, footnotes=True,
    multiline_block_quotes=True, description_lists=True, alerts=True,
    front_matter_delimiter="---",
)  # fmt: skip
PARSING = comrak.ParseOptions(relaxed_tasklist_matching=True, tasklist_in_table=True)
_TOO_DEEP = re.compile(r"^(?:[ \t]*(?:[>*+-]|\d{1,9}[.)])){500}[^\n]*", re.MULTILINE)
_ESCAPED = frozenset("!\"#$%&'()*+,-.;<=>?@[\\]^_`{|}~")


@dataclass(frozen=True)
class Item:
    """One task item. ``done`` is `None` for an inapplicable one."""

    text: str
    done: bool | None


def parse(source: str) -> comrak.AstNode:
    """The tree of a Markdown text, read as GitLab reads it."""
    return comrak.parse_document(tame(source), extension_options=EXTENSIONS, parse_options=PARSING)


def tame(source: str) -> str:
    """The text with plain letters, as many, in the place of lines that nest too deep.

    Comrak recurses over what is nested, and such a line ends the process.
    """
    return _TOO_DEEP.sub(lambda found: "x" * len(found[0].encode()), source)


def walk(root: comrak.AstNode) -> Iterator[comrak.AstNode]:
    """All nodes in document order, without recursion: nesting may be as deep as one likes."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(node.children))


def symbols(root: comrak.AstNode) -> Iterator[tuple[comrak.AstNode, str, int, int]]:
    """Task nodes with their symbol and its place: line (from 0) and byte (from 0)."""
    for node in walk(root):
        value = node.node_value
        if isinstance(value, comrak.TaskItem):
            start = value.value.symbol_sourcepos.start
            yield node, value.value.symbol or " ", start.line - 1, start.column - 1


def lines_of(source: str) -> str:
    """The text with line feeds alone at the ends of its lines."""
    return source.replace("\r\n", "\n").replace("\r", "\n")


def _masked(source: str) -> str:
    """The same text with every box that is neither open nor ticked made plain text."""
    lines = [line.encode() for line in source.split("\n")]
    for _, symbol, line, byte in symbols(parse(source)):
        raw = symbol.encode()
        before, after = lines[line][:byte], lines[line][byte + len(raw) :]
        if lines[line][byte : byte + len(raw)] != raw:
            continue
        if symbol.isspace():
            lines[line] = before + b" " + after
        elif symbol not in "xX":
            lines[line] = before[:-1] + b"(" + raw + b")" + after[1:]
    return b"\n".join(lines).decode()


class _Boxes(HTMLParser):
    """Counts the checkboxes of rendered Markdown."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.done = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if tag == "input" and names.get("type") == "checkbox":
            self.count += 1
            self.done += "checked" in names


def count(description: str | None) -> tuple[int, int]:
    """How many boxes a description has, and how many are ticked."""
    if not description:
        return 0, 0
    # Two passes: a Unicode space becomes a plain one first, so that both parsers agree.
    source = _masked(lines_of(description))
    rendered = comrak.markdown_to_html(
        tame(source), extension_options=EXTENSIONS, parse_options=PARSING
    )
    boxes = _Boxes()
    boxes.feed(rendered)
    boxes.close()
    return boxes.count, boxes.done


def words(task: comrak.AstNode) -> str:
    """The words of one item; nested lists are items of their own."""
    parts: list[str] = []
    siblings = task.children
    if not siblings and task.parent is not None:
        siblings = [node for node in task.parent.children if node is not task]
    waiting = list(reversed(siblings))
    while waiting:
        node = waiting.pop()
        value = node.node_value
        if isinstance(value, comrak.List):
            continue
        if isinstance(value, comrak.Text):
            parts.append(value.value)
        elif isinstance(value, comrak.Code):
            parts.append(value.value.literal)
        elif isinstance(value, comrak.HtmlInline) and value.value.startswith("<!--"):
            parts.append(value.value[4:-3])
        elif isinstance(value, comrak.SoftBreak | comrak.LineBreak):
            parts.append(" ")
        waiting.extend(reversed(node.children))
    return "".join(parts).strip()


def items(description: str | None) -> list[Item]:
    """The task items of a description, in order; unknown symbols are none."""
    found: list[Item] = []
    for node, symbol, _, _ in symbols(parse(lines_of(description or ""))):
        if symbol == "~":
            found.append(Item(words(node), None))
        elif symbol.isspace() or symbol in "xX":
            found.append(Item(words(node), symbol in "xX"))
    return found


def toggled(old: str | None, new: str | None) -> list[Item]:
    """The items at the same place with the same words whose box was ticked or unticked."""
    pairs = zip(items(old), items(new), strict=False)
    return [
        after
        for before, after in pairs
        if before.text == after.text and {before.done, after.done} == {True, False}
    ]


def note(item: Item) -> str:
    """What GitLab writes about a toggled item; its text is escaped as gitlab.com does."""
    escaped = "".join(f"\\{c}" if c in _ESCAPED else c for c in item.text)
    state = "completed" if item.done else "incomplete"
    return f"marked the checklist item **{escaped}** as {state}"
