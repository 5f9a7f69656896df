"""Kinds of text that several policies hold: expressions, and paths of templates."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from automation.model.base import Matching

Expression = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
"""Text that may hold `{{ … }}`, evaluated in the sandbox for every subject."""

TemplatePath = Annotated[
    str,
    Matching(
        r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]*/)*[A-Za-z0-9_][A-Za-z0-9_.-]*\.md",
        "is not the path of a template",
        "Write it as it stands below issue_templates/, such as one-on-one.md.",
    ),
]
"""A Markdown file below `issue_templates/`."""
