"""Issue templates: YAML front matter and a Jinja2 body, rendered in a sandbox within a budget.

What a template prints is made inert unless a filter of ours vouches for it, so a name
or a title can never act. Undefined names are errors, nothing beyond the model's own
fields can be reached, and work without end is refused before it is done.
"""

from automation.templates.budget import FOR_BODY, FOR_FIELD, Allowance, budget
from automation.templates.faults import RenderError, explained, quoted_expression
from automation.templates.library import Library
from automation.templates.rendering import LoopTemplate, render_field, render_title
from automation.templates.sandbox import BODY, FIELD, Sandbox

__all__ = [
    "BODY",
    "FIELD",
    "FOR_BODY",
    "FOR_FIELD",
    "Allowance",
    "Library",
    "LoopTemplate",
    "RenderError",
    "Sandbox",
    "budget",
    "explained",
    "quoted_expression",
    "render_field",
    "render_title",
]
