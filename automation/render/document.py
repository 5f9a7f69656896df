"""Markdown as a tree, read as GitLab reads it, for those who show it otherwise than GitLab.

What nests without end, or could stall the parser, is not read: it is shown as the text it is.
"""

from __future__ import annotations

import comrak

from automation.checklist import read

DEEPEST = 100
"""So many levels of a text are read at the most: to show one takes a call for each."""

_EXTENSIONS = comrak.ExtensionOptions(
    alerts=True,
    autolink=True,
    description_lists=True,
    footnotes=True,
    front_matter_delimiter="---",
    multiline_block_quotes=True,
    strikethrough=True,
    table=True,
    tasklist=True,
)
_PARSING = comrak.ParseOptions(relaxed_tasklist_matching=True, tasklist_in_table=True)


def tree(text: str) -> comrak.AstNode | None:
    """The document of a text without lone surrogates; None where it had better not be read."""
    if read(text).refused:
        return None
    root = comrak.parse_document(text, _EXTENSIONS, _PARSING)
    return root if _depth(root) <= DEEPEST else None


def readable(text: str) -> str:
    """The text with line feeds alone, and without what is no character."""
    return text.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n")


def words(root: comrak.AstNode) -> str:
    """What a reader sees of a node, on one line; nested lists are not its words."""
    parts: list[str] = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        value = node.node_value
        if isinstance(value, comrak.Text):
            parts.append(value.value)
        elif isinstance(value, comrak.Code):
            parts.append(value.value.literal)
        elif isinstance(value, comrak.SoftBreak | comrak.LineBreak | comrak.TableCell):
            parts.append(" ")
        inside = (one for one in node.children if not isinstance(one.node_value, comrak.List))
        waiting.extend(reversed([*inside]))
    return " ".join("".join(parts).split())


def _depth(root: comrak.AstNode) -> int:
    level, depth = [root], 0
    while level:
        level, depth = [child for node in level for child in node.children], depth + 1
    return depth
