"""Tables and charts that GitLab draws from a code block of an issue.

Source: GitLab's documentation, "GitLab Flavored Markdown", on JSON tables and Mermaid.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from automation.inert import Markdown, plain

Cell = str | int
MAX_CHART = 2_000
"""Characters that GitLab draws of all charts on a page."""


def json_table(columns: Mapping[str, str], rows: Sequence[Mapping[str, Cell]]) -> Markdown:
    """A table that people sort and filter; `columns` are the headings by key, in order.

    Texts are shown as they are: GitLab runs no Markdown in it. Nothing in them can end the
    code block, since the marks that could are written as escapes.
    """
    table = {
        "fields": [
            {"key": key, "label": label, "sortable": True} for key, label in columns.items()
        ],
        "items": [{key: _cell(row[key]) for key in columns} for row in rows],
        "filter": True,
    }
    text = json.dumps(table, ensure_ascii=True)
    for mark in "`<>&~@":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return Markdown(f"```json:table\n{text}\n```")


def _cell(value: Cell) -> Cell:
    return plain(value, 100) if isinstance(value, str) else value


def pie(title: str, parts: Mapping[str, int]) -> Markdown:
    """A pie chart of counts; empty where there is nothing to draw. Names are ours, plain words."""
    shown = {name: count for name, count in parts.items() if count}
    lines = "\n".join(f'  "{plain(name, 40)}" : {count}' for name, count in shown.items())
    text = f"```mermaid\npie showData title {plain(title, 80)}\n{lines}\n```"
    return Markdown(text if shown and len(text) <= MAX_CHART else "")
