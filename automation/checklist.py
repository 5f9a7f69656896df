"""Task lists as current GitLab reads them.

GitLab renders a description with comrak and counts the checkboxes in the result. This
module parses with the same options as far as they bear on boxes, so that what a person
sees, what GitLab counts and what Drumbeat judges are the same. Sources: GitLab's
`Banzai::Filter::MarkdownEngines::GlfmMarkdown` (options), the gem gitlab-glfm-markdown
(which symbols are boxes) and `Taskable` (what is counted).

comrak recurses over what is nested and takes quadratic time over some inputs; a text that
could crash or stall it is refused before it is parsed, and the checklist says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

import comrak

from automation.model.issue import TaskCounts


class Mark(StrEnum):
    """What stands in a box: `[ ]`, `[x]` or `[~]`."""

    OPEN = "open"
    DONE = "done"
    INAPPLICABLE = "inapplicable"


@dataclass(frozen=True)
class Item:
    """One box. `text` and `source` are the item's first paragraph, plain and in Markdown.

    Both are on one line and come from whoever edited the issue: make them inert before
    they go anywhere. For a box in a table they are the other cells of its row. `line`
    counts from 1; `depth` is the number of list items around this one.
    """

    text: str
    source: str
    mark: Mark
    line: int
    depth: int


@dataclass(frozen=True)
class Section:
    """The boxes below a heading, down to the next one of the same or a higher level.

    Subsections' items are included, as the same objects. `heading` is plain text, on one
    line; `anchor` is the id in the heading's `<!-- drumbeat:for se-101 -->`. Headings in
    quotes, lists and footnotes make no sections: they are somebody's words, not the
    template's structure.
    """

    heading: str
    level: int
    anchor: str | None
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Checklist:
    """All boxes of a description, in the order of its rendering, and its sections.

    `refused` is empty, or one sentence on why the description was not read.
    """

    items: tuple[Item, ...] = ()
    sections: tuple[Section, ...] = ()
    refused: str = ""

    def counts(self) -> TaskCounts:
        """What GitLab counts: `[~]` is left out of both figures."""
        done = sum(item.mark is Mark.DONE for item in self.items)
        return TaskCounts(done + sum(item.mark is Mark.OPEN for item in self.items), done)


def read(description: str) -> Checklist:
    """Read an issue's description; never fails, but may refuse (`Checklist.refused`)."""
    return _read_once(description) if len(description) <= _REMEMBERED else _read(description)


_REMEMBERED = 65_536
"""Characters of a description that is worth its place in memory for the next question."""


@lru_cache(maxsize=4096)
def _read_once(description: str) -> Checklist:
    return _read(description)


def _read(description: str) -> Checklist:
    text = description.encode("utf-8", "replace").decode()  # comrak takes no lone surrogates
    refused = _refusal(text)
    if refused:
        return Checklist(refused=refused)
    lines = _LINE_END.split(text)
    reading = _Reading()
    document = comrak.parse_document(text, _EXTENSIONS, _PARSING)
    try:
        for block in document.children:
            reading.take(block, lines)
    finally:
        _let_go(document)
    return reading.checklist()


def _let_go(document: comrak.AstNode) -> None:
    """Cut the way up from each node: Python's collector does not see comrak's circles."""
    waiting = [document]
    while waiting:
        node = waiting.pop()
        waiting += node.children
        node.parent = None


def fold(heading: str) -> str:
    """A heading's text without what two spellings of it may differ in: case and blanks."""
    return " ".join(heading.split()).casefold()


def heading_text(markdown: str) -> str:
    """The plain text of a heading that is written like this."""
    return read(f"# {' '.join(markdown.split())}").sections[0].heading


def is_optional(text: str) -> bool:
    """Whether an item or a heading with this plain text says that nobody must tick it."""
    return fold(text).endswith("(optional)")


def optional_boxes(
    checklist: Checklist, headings: Iterable[str] = (), below: int = 0
) -> frozenset[int]:
    """The `id` of each item that is optional, by its own text or by a section around it.

    A section is optional by its heading, or because `headings` names it as the policy
    does; only those at a level deeper than `below` count. An optional item makes the
    items inside it no more optional than an inapplicable one makes them inapplicable.
    """
    named = {fold(heading_text(heading)) for heading in headings}
    deep = (section for section in checklist.sections if section.level > below)
    found = (s for s in deep if is_optional(s.heading) or fold(s.heading) in named)
    inside = {id(item) for section in found for item in section.items}
    return frozenset(inside | {id(item) for item in checklist.items if is_optional(item.text)})


_EXTENSIONS = comrak.ExtensionOptions(
    alerts=True,
    description_lists=True,
    footnotes=True,
    front_matter_delimiter="---",
    multiline_block_quotes=True,
    strikethrough=True,
    table=True,
    tasklist=True,
)
"""GitLab's options but for those that decide about no box (math, autolinks, wiki links).

Front matter is not comrak's in GitLab: a filter before it turns it into a code block.
"""

_PARSING = comrak.ParseOptions(
    relaxed_tasklist_matching=True, tasklist_in_table=True, sourcepos_chars=True
)
_TEXTUAL = (comrak.Paragraph, comrak.Heading)
_LISTED = (comrak.TaskItem, comrak.Item)
_BLANK = (comrak.SoftBreak, comrak.LineBreak, comrak.TableCell)
_LINE_END = re.compile(r"\r\n|\n|\r")
_ANCHOR = re.compile(r"<!--\s*drumbeat:for\s+([a-z0-9][a-z0-9-]{0,63})\s*-->")


@dataclass
class _Draft:
    """A section while its items are still being found."""

    heading: str
    level: int
    anchor: str | None
    items: list[Item] = field(default_factory=list)


class _Reading:
    """Takes a document's blocks in order, and knows the headings that they stand below."""

    def __init__(self) -> None:
        self._items: list[Item] = []
        self._drafts: list[_Draft] = []
        self._open: list[_Draft] = []

    def take(self, block: comrak.AstNode, lines: list[str]) -> None:
        if isinstance(block.node_value, comrak.Heading):
            self._begin(block, block.node_value.value.level)
            return
        items = list(_items(block, lines))
        self._items += items
        if isinstance(block.node_value, comrak.FootnoteDefinition):
            return  # rendered after everything else, below no heading
        for draft in self._open:
            draft.items += items

    def _begin(self, heading: comrak.AstNode, level: int) -> None:
        draft = _Draft(_plain(heading.children), level, _anchor(heading))
        self._open = [outer for outer in self._open if outer.level < level]
        self._open.append(draft)
        self._drafts.append(draft)

    def checklist(self) -> Checklist:
        sections = (
            Section(draft.heading, draft.level, draft.anchor, tuple(draft.items))
            for draft in self._drafts
        )
        return Checklist(tuple(self._items), tuple(sections))


def _items(block: comrak.AstNode, lines: list[str]) -> Iterator[Item]:
    """The boxes in a block, in order; without recursion, for blocks nest deeply."""
    waiting: list[tuple[comrak.AstNode, int, comrak.AstNode | None]] = [(block, 0, None)]
    while waiting:
        node, depth, row = waiting.pop()
        value = node.node_value
        if isinstance(value, _TEXTUAL):
            continue
        if isinstance(value, comrak.TableRow):
            row = node
        elif isinstance(value, comrak.TaskItem):
            mark = _mark(value.value.symbol)
            if mark:
                own = _own_text(node) if row is None else _other_cells(row)
                line = value.value.symbol_sourcepos.start.line
                yield Item(_plain(own), _source(own, lines), mark, line, depth)
        depth += isinstance(value, _LISTED)
        waiting.extend((child, depth, row) for child in reversed(node.children))


def _mark(symbol: str | None) -> Mark | None:
    """What the symbol in the brackets means; None where GitLab shows no box for it."""
    if symbol is None or symbol.isspace():
        return Mark.OPEN
    return {"x": Mark.DONE, "X": Mark.DONE, "~": Mark.INAPPLICABLE}.get(symbol)


def _own_text(item: comrak.AstNode) -> list[comrak.AstNode]:
    first = item.children[:1]
    return [node for node in first if isinstance(node.node_value, comrak.Paragraph)]


def _other_cells(row: comrak.AstNode) -> list[comrak.AstNode]:
    return [cell for cell in row.children if not any(map(_is_task, cell.children))]


def _is_task(node: comrak.AstNode) -> bool:
    return isinstance(node.node_value, comrak.TaskItem)


def _plain(nodes: Iterable[comrak.AstNode]) -> str:
    """The text that a reader sees in the nodes, on one line."""
    found: list[str] = []
    waiting = [*nodes][::-1]
    while waiting:
        node = waiting.pop()
        value = node.node_value
        if isinstance(value, comrak.Text):
            found.append(value.value)
        elif isinstance(value, comrak.Code):
            found.append(value.value.literal)
        elif isinstance(value, _BLANK):
            found.append(" ")
        waiting.extend(reversed(node.children))
    return " ".join("".join(found).split())


def _source(nodes: Iterable[comrak.AstNode], lines: list[str]) -> str:
    """The Markdown of the nodes, on one line and without the marks of quotes around them."""
    return " ".join(" ".join(_slice(node.sourcepos, lines)) for node in nodes).strip()


def _slice(place: comrak.Sourcepos, lines: list[str]) -> Iterator[str]:
    start, end = place.start, place.end
    first, last = start.line, end.line
    for number in range(first, last + 1):
        line = lines[number - 1]
        if number == last:
            line = line[: end.column]
        if number == first:
            yield line[start.column - 1 :].strip()
        else:
            yield line.lstrip(" \t>").rstrip()


def _anchor(heading: comrak.AstNode) -> str | None:
    for node in heading.children:
        if isinstance(node.node_value, comrak.HtmlInline):
            found = _ANCHOR.fullmatch(node.node_value.value)
            if found:
                return found[1]
    return None


_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_QUOTES = re.compile(r"^(?:[ \t\d.)*+-]*>){101}", re.MULTILINE)
_MOST_EMPHASIS = 2000
_MOST_IMAGES = 500
_MOST_FOOTNOTES = 5000


def _refusal(text: str) -> str:
    """Why the text could crash or stall comrak, in one sentence; empty where it cannot.

    comrak 0.2.8 of the Python bindings overflows an 8 MiB stack somewhere beyond 8,000
    nested nodes. Lists end at 100 levels in a line; quotes, emphasis and images do not.
    Emphasis of one paragraph and footnotes of one document take quadratic time.
    """
    if _QUOTES.search(text):
        return "it has more than 100 quotes inside each other"
    if text.count("[^") > _MOST_FOOTNOTES:
        return f"it has more than {_MOST_FOOTNOTES} footnotes"
    for paragraph in _BLANK_LINE.split(text.replace("\r", "\n")):
        if paragraph.count("![") > _MOST_IMAGES:
            return f"it has more than {_MOST_IMAGES} images with no blank line between"
        if _emphasis(paragraph) > _MOST_EMPHASIS:
            return f"it has more than {_MOST_EMPHASIS} marks of emphasis with no blank line between"
    return ""


def _emphasis(paragraph: str) -> int:
    signs = paragraph.count("*") + paragraph.count("~")
    return signs + (len(_UNDERSCORE.findall(paragraph)) if "_" in paragraph else 0)
