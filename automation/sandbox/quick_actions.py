"""Taking quick actions out of a text: only the reading, not the doing.

GitLab renders the text first and looks at its top-level paragraphs only. So a command in a
list, a quote, a table, a code block or an HTML element is none, and neither is one on the
line right after a list: Markdown takes that into the last item. Within a paragraph a
command stands in column 0 and outside code spans. An HTML comment on a line of its own
ends there and protects nothing below it. Carriage returns are dropped before anything
else, so they hide nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser

import comrak

from automation.sandbox.tasks import tame

ALIASES = {
    "labels": "label", "remove_label": "unlabel", "award": "react", "estimate_time": "estimate",
    "remove_time_estimate": "remove_estimate", "spend_time": "spend", "spent": "spend",
    "link": "relate",
}  # fmt: skip
COMMANDS = (
    "assign", "blocked_by", "blocks", "clear_weight", "clone", "close", "confidential", "done",
    "due", "duplicate", "estimate", "label", "lock", "milestone", "move",
    "promote_to_incident", "react", "reassign", "relabel", "relate", "remove_due_date",
    "remove_estimate", "remove_milestone", "remove_time_spent", "reopen", "severity", "spend",
    "subscribe", "title", "todo", "unassign", "unlabel", "unlink", "unlock", "unsubscribe",
    "weight",
)  # fmt: skip
# GitLab knows these too. They are taken out of the text like the others, for in GitLab they
# would be; but nothing here does what they ask for.
UNSUPPORTED = (
    "add_child", "add_contacts", "add_email", "board_move", "checkin_reminder",
    "clear_health_status", "convert_to_ticket", "copy_metadata",
    "create_merge_request", "epic", "health_status", "iteration", "page", "promote",
    "promote_to", "remove_child", "remove_contacts", "remove_email",
    "remove_epic", "remove_iteration", "remove_parent", "remove_zoom", "set_parent",
    "timeline", "type", "zoom",
)  # fmt: skip
SUBSTITUTIONS = {"shrug": "¯\\＿(ツ)＿/¯", "tableflip": "(╯°□°)╯︵ ┻━┻"}  # noqa: RUF001
_NAMES = "|".join(
    sorted([*COMMANDS, *UNSUPPORTED, *SUBSTITUTIONS, *ALIASES], key=len, reverse=True)
)
_PATTERN = re.compile(
    rf"""
      `.+?`                               # a code span, over lines too
    | ^<[^>]+?>\n.+?\n</[^>]+?>$          # an HTML element that opens in mid-paragraph
    | ^/(?P<name>{_NAMES})(?:[ ](?P<arg>[^\n]*))?(?:\s*\n|$)
    """,
    re.MULTILINE | re.DOTALL | re.IGNORECASE | re.VERBOSE,
)
_SUSPECT = re.compile("^/", re.MULTILINE)
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source",
     "track", "wbr")
)  # fmt: skip
_EXTENSIONS = comrak.ExtensionOptions(
    tasklist=True, table=True, strikethrough=True, autolink=True, footnotes=True,
    multiline_block_quotes=True, description_lists=True, alerts=True,
    front_matter_delimiter="---",
)  # fmt: skip
_RENDERING = comrak.RenderOptions(unsafe_=True, sourcepos=True)


@dataclass(frozen=True)
class Command:
    """One quick action by its canonical name, with its argument (empty for none)."""

    name: str
    arg: str = ""


class _Paragraphs(HTMLParser):
    """Finds the lines of rendered paragraphs that are in no other element."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, int]] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        place = dict(attrs).get("data-sourcepos")
        if tag == "p" and place and not self._open:
            first, last = (int(end.split(":")[0]) - 1 for end in place.split("-"))
            self.found.append((first, last))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass


def _paragraphs(text: str) -> list[tuple[int, int]]:
    """First and last line (from 0) of each top-level paragraph."""
    rendered = comrak.markdown_to_html(
        tame(text), extension_options=_EXTENSIONS, render_options=_RENDERING
    )
    reader = _Paragraphs()
    reader.feed(rendered)
    reader.close()
    return reader.found


def extract(text: str) -> tuple[str, list[Command]]:
    """The text without its quick actions, and those in order.

    The text's end loses its white space, and its lines their carriage returns, whether or
    not there is a command in it.
    """
    text = text.replace("\r", "")
    found: list[Command] = []
    if not _SUSPECT.search(text):
        return text.rstrip(), found

    def replace(match: re.Match[str]) -> str:
        return _taken_out(match, found)

    lines = _LINE.findall(text)
    for first, last in _paragraphs(text):
        end = last + 1
        if lines[end : end + 1] == ["\n"]:
            end += 1
        paragraph = "".join(lines[first:end])
        if _SUSPECT.search(paragraph):
            lines[first:end] = [_PATTERN.sub(replace, paragraph), *[""] * (end - first - 1)]
    return "".join(lines).rstrip(), found


def _taken_out(match: re.Match[str], found: list[Command]) -> str:
    """What stays of a match in the text; a command goes to the list."""
    name = match["name"]
    if name is None:
        return match[0]
    name = name.lower()
    argument = (match["arg"] or "").strip()
    if name in SUBSTITUTIONS:
        tail = match[0][len(match[0].rstrip()) :]
        return f"{argument} {SUBSTITUTIONS[name]}".strip() + tail
    found.append(Command(ALIASES.get(name, name), argument))
    return ""
