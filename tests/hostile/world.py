"""An organisation whose people have hostile names, and what may be seen of what it got."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import comrak

from tests.e2e.outside import BOT, PLANNER, REPORTER, Site, at, escaped
from tests.e2e.small import cadence, repository, settings

TEAM = 8
"""Reports of a manager: so many texts stand in one issue."""

EXTENSIONS = comrak.ExtensionOptions(
    alerts=True, description_lists=True, footnotes=True, front_matter_delimiter="---",
    math_code=True, math_dollars=True, multiline_block_quotes=True, strikethrough=True,
    table=True, tasklist=True, wikilinks_title_after_pipe=True,
)  # fmt: skip
"""GitLab's, but for autolinks: an address stays an address."""

PARSING = comrak.ParseOptions(relaxed_tasklist_matching=True, tasklist_in_table=True)
_WORDS = (comrak.Text, comrak.SoftBreak, comrak.Escaped)

LOOP = """\
---
title: Weekly {{ manager.id }} · {{ period.label }}{% for one in team %} · {{ one.name[:20] }}{% endfor %}
---
{{ manager.display_name }}
{{ director.display_name }}

# {{ manager.display_name }}

> {{ manager.display_name }} and {{ director.display_name }}

| Name | Boss |
| --- | --- |
| {{ manager.display_name }} | {{ director.display_name }} |
{% for report in team %}
| {{ report.display_name }} | **{{ report.display_name }}** |
{% endfor %}

{% for report in team %}
## {{ report | section }}

- [ ] {{ report.display_name }}
  - [ ] Talk with *{{ report.display_name }}* about `it`
- [ ] {{ report.name }}{{ manager.name }}

{{ report.display_name }}
{{ director.display_name }}

> {{ report.display_name }} and {{ report.display_name }}

{% endfor %}
Bye {{ manager.display_name }}
"""
GROUP = """\
---
title: Group {{ group.id }} · {{ period.label }}
---
{{ group.display_name }}

## {{ group.display_name }}

- [ ] {{ group.display_name }}
- {{ group.display_name }}
"""


def organisation(folder: Path, names: Sequence[str], turn: int) -> Path:
    """A repository with a manager for every `TEAM` names.

    Each turn, the manager bears another of the names, and so do their director and their group.
    """
    count = len(names) // TEAM
    team = [names[at * TEAM : (at + 1) * TEAM] for at in range(count)]
    people = [_manager(number, own, turn) for number, own in enumerate(team)]
    directors = [
        {"id": f"d-{number:03}", "username": f"d-{number:03}", "name": own[2 * turn + 1]}
        for number, own in enumerate(team)
    ]
    groups = [
        {
            "id": f"g-{number:03}",
            "project": f"support/sgg/g-{number:03}",
            "sponsor": f"m-{number:03}",
            "name": own[2 * turn + 1],
        }
        for number, own in enumerate(team)
    ]
    roster = {"kind": "roster", "directors": directors, "managers": people, "groups": groups}
    more: dict[str, Any] = {
        "when_previous_open": "carry_over",
        "escalate": {"after_missed": 1, "to": "director"},
    }
    weekly = cadence(due="1 working day", close_when=[{"each": "report", "done": "any"}], **more)
    group = cadence("group", for_each="group")
    templates = {"weekly.md": LOOP, "group.md": GROUP}
    documents = (settings(), roster, weekly, group)
    repository(folder, *documents, templates=templates)
    # JSON is YAML in which every text is in quotes.
    text = "\n---\n".join(json.dumps(one, ensure_ascii=False) for one in documents)
    (folder / "policies" / "all.yml").write_text(text, encoding="utf-8")
    return folder


def _manager(number: int, own: Sequence[str], turn: int) -> dict[str, Any]:
    reports = [
        {"id": f"r-{number:03}-{index}", "username": f"r-{number:03}-{index}", "name": name}
        for index, name in enumerate(own)
    ]
    return {
        "id": f"m-{number:03}",
        "username": f"m-{number:03}",
        "name": own[2 * turn],
        "timezone": "UTC",
        "director": f"d-{number:03}",
        "reports": reports,
    }


def founded(site: Site, managers: int) -> Site:
    """The GitLab of that organisation, with the people whom the texts are after."""
    site.user(BOT)
    site.project("support/loops")
    site.project("support/other")
    site.member("groups", "support", BOT, PLANNER)
    for number in range(managers):
        _user(site, f"m-{number:03}")
        site.member("projects", "support/loops", f"m-{number:03}", REPORTER)
    site.user("victim")
    site.user("editor")
    for name in ("victim", "editor"):
        site.member("groups", "support", name, REPORTER)
    for label in ("pwned", "bug"):
        site.root.post(f"/projects/{escaped('support/loops')}/labels", name=label, color="#ff0000")
    site["editor"].post(f"/projects/{escaped('support/loops')}/issues", title="The first")
    return site


def _user(site: Site, username: str) -> None:
    site.root.post(
        "/users",
        username=username,
        name="Somebody",
        email=f"{username}@example.com",
        force_random_password=True,
        skip_confirmation=True,
    )


# --- What is seen ----------------------------------------------------------------------------


def skeleton(markdown: str) -> tuple[str, ...]:
    """What a text is made of, in order, without its words."""
    found: list[str] = []
    waiting = [comrak.parse_document(markdown, EXTENSIONS, PARSING)]
    while waiting:
        node = waiting.pop()
        if not isinstance(node.node_value, _WORDS):
            found.append(type(node.node_value).__name__)
        waiting += node.children
    return tuple(found)


def comments(markdown: str) -> list[str]:
    """The HTML that a text has: markers, and nothing else."""
    found: list[str] = []
    waiting = [comrak.parse_document(markdown, EXTENSIONS, PARSING)]
    while waiting:
        node = waiting.pop()
        if isinstance(node.node_value, comrak.HtmlInline):
            found.append(node.node_value.value)
        if isinstance(node.node_value, comrak.HtmlBlock):
            found += node.node_value.value.literal.strip().split("\n")
        waiting += node.children
    return sorted(found)


_AT = re.compile(r"(?<!\w)@(\w[\w./-]*)")
_COMMAND = re.compile(r"^/\w", re.MULTILINE)
OUR_COMMANDS = re.compile(r"\n\n(?:/(?:label|unlabel|close)\b[^\n]*\n?)+\Z")


def acting(markdown: str) -> Iterator[str]:
    """Whatever in a text GitLab would act upon: its lines of commands, and whom it calls."""
    yield from (f"calls {name}" for name in _AT.findall(markdown))
    yield from (f"commands {line}" for line in _COMMAND.findall(markdown))


STATE = (
    "state", "due_date", "confidential", "discussion_locked", "milestone", "weight", "severity",
    "time_stats", "issue_type", "moved_to_id", "task_completion_status", "project_id",
)  # fmt: skip


def state(issue: dict[str, Any]) -> dict[str, Any]:
    """All of an issue that a quick action could change, but people and labels."""
    return {name: issue.get(name) for name in STATE}


def participants(site: Site, issue: dict[str, Any]) -> set[str]:
    """Whom GitLab tells of the issue."""
    return {one["username"] for one in site.root.get(f"{at(issue)}/participants")}
