"""Code blocks that GitLab draws: a JSON table as a table, a Mermaid pie as bars.

Nothing is drawn by a script. What cannot be read is shown as the code it is, and says so;
other Mermaid charts are shown as code.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import escape
from typing import Any

_PIE = re.compile(r"pie(?: showData)?(?: title (?P<title>.*))?")
_SLICE = re.compile(r'"(?P<name>[^"\n]*)"\s*:\s*(?P<count>\d{1,9}(?:\.\d{1,9})?)')


def code_block(info: str, literal: str) -> str:
    """HTML of a code block; `info` is what stands behind its opening fence."""
    language = info.split()[0] if info.split() else ""
    if language == "json:table":
        return _table(literal) or _code(literal, "GitLab cannot read this table: it is no JSON.")
    if language == "mermaid":
        return _pie(literal) or _code(literal, "A chart, which GitLab draws with Mermaid.")
    return _code(literal)


def _code(literal: str, told: str = "") -> str:
    caption = f"<figcaption>{told}</figcaption>" if told else ""
    code = f'<pre tabindex="0"><code>{escape(literal)}</code></pre>'
    return f"<figure>{caption}{code}</figure>" if told else code


def _table(literal: str) -> str:
    """The table, or nothing where it is none."""
    try:
        data = json.loads(literal)
        fields = [_field(one) for one in data.get("fields") or _keys(data["items"])]
        rows = [[_cell(row.get(key, "")) for key, _ in fields] for row in data["items"]]
        caption = escape(str(data.get("caption", "")))
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return ""
    head = "".join(f'<th scope="col">{escape(label)}</th>' for _, label in fields)
    body = "".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    told = f"<caption>{caption}</caption>" if caption else ""
    table = f"<table>{told}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="scroll" tabindex="0">{table}</div>'


def _field(one: Any) -> tuple[str, str]:
    if isinstance(one, str):
        return one, one
    return str(one["key"]), str(one.get("label", one["key"]))


def _keys(items: list[dict[str, Any]]) -> list[str]:
    return list(items[0]) if items else []


def _cell(value: Any) -> str:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    kind = ' class="n"' if number else ""
    return f"<td{kind}>{escape(str(value))}</td>"


def _pie(literal: str) -> str:
    """A pie's parts as bars with their figures, or nothing where it is another chart."""
    first, *lines = literal.strip().splitlines() or [""]
    pie = _PIE.fullmatch(first.strip())
    slices = [_SLICE.fullmatch(line.strip()) for line in lines if line.strip()]
    if pie is None or not slices or not all(slices):
        return ""
    parts = [(one["name"], one["count"]) for one in slices if one]
    title = f"<caption>{escape(pie['title'])}</caption>" if pie["title"] else ""
    return f'<table class="bars">{title}<tbody>{"".join(_bars(parts))}</tbody></table>'


def _bars(parts: list[tuple[str, str]]) -> Iterator[str]:
    total = sum(float(count) for _, count in parts) or 1
    for name, count in parts:
        width = round(100 * float(count) / total, 1)
        yield (
            f'<tr><th scope="row">{escape(name)}</th><td class="n">{count}</td>'
            '<td><svg viewBox="0 0 100 8" width="160" height="12" preserveAspectRatio="none" '
            f'aria-hidden="true"><rect width="{width}" height="8"/></svg></td></tr>'
        )
