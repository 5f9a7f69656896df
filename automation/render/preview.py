"""A loop as its issue would read: in a terminal, and as Markdown to keep."""

from __future__ import annotations

import json

from automation.inert import plain
from automation.loops import Loop
from automation.render.screen import obedient, on_screen
from automation.render.text import Paint, unpainted
from automation.rules.gathering import sampled


def preview_text(loop: Loop, paint: Paint = unpainted, *, on_a_terminal: bool = False) -> str:
    """Title, facts and text; boxes and headings are made readable where somebody watches.

    Raises RenderError where the loop cannot be rendered.
    """
    body = sampled(loop)[0].body
    shown = on_screen(body, paint) if on_a_terminal else obedient(body)
    facts = _facts(loop).items()
    head = "".join(f"{paint('dim', f'{name:>12}')}  {plain(value)}\n" for name, value in facts)
    return f"{paint('bold', plain(loop.title))}\n{head}\n{shown}"


def preview_markdown(loop: Loop) -> str:
    """The issue's Markdown behind a front matter of facts; RenderError as above."""
    facts = {"title": loop.title, **_facts(loop)}
    lines = (f"{name}: {json.dumps(text, ensure_ascii=False)}\n" for name, text in facts.items())
    return f"---\n{''.join(lines)}---\n\n{sampled(loop)[0].body}"


def _facts(loop: Loop) -> dict[str, str]:
    return {
        "key": str(loop.key),
        "project": loop.project,
        "assignee": f"@{loop.assignee}" if loop.assignee else "nobody",
        "labels": ", ".join(loop.labels),
        "due": f"{loop.due:%a %Y-%m-%d}",
        "confidential": "yes" if loop.confidential else "no",
        **({"not opened": loop.skipped} if loop.skipped else {}),
    }
