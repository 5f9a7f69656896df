"""Small organisations: a repository written as YAML, and the GitLab that goes with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tests.e2e.outside import BOT, PLANNER, REPORTER, Site, escaped

TEMPLATE = """\
---
title: {title} of {{{{ subject.name }}}} · {{{{ period.label }}}}
---
- [ ] First thing
- [ ] Second thing
"""
MANAGERS = ("anna", "bob", "cleo")


def settings(**more: Any) -> dict[str, Any]:
    return {
        "kind": "settings",
        "loops_group": "support",
        "default_project": "support/loops",
        "drumbeat_users": [BOT],
        **more,
    }


def manager(id: str, **more: Any) -> dict[str, Any]:
    person = {"id": id, "username": id, "name": id.title(), "timezone": "UTC"}
    return {**person, "director": "dora", "reports": [], **more}


def roster(*managers: dict[str, Any], **more: Any) -> dict[str, Any]:
    dora = {"id": "dora", "username": "dora", "name": "Dora", "timezone": "UTC"}
    return {"kind": "roster", "directors": [dora], "managers": list(managers), **more}


def cadence(name: str = "weekly", **more: Any) -> dict[str, Any]:
    """A weekly loop for every manager, due on Friday."""
    return {
        "kind": "cadence",
        "name": name,
        "for_each": "manager",
        "template": f"{name}.md",
        "period": "week",
        "schedule": {"rrule": "FREQ=WEEKLY;BYDAY=MO", "at": "08:00"},
        "due": "4 working days",
        "close_when": "all",
        **more,
    }


def repository(
    folder: Path, *documents: dict[str, Any], templates: dict[str, str] | None = None
) -> Path:
    """Write the documents, and a template for each cadence that is given none."""
    chosen = templates or {}
    (folder / "policies").mkdir(parents=True, exist_ok=True)
    (folder / "issue_templates").mkdir(exist_ok=True)
    text = yaml.safe_dump_all(documents, allow_unicode=True, sort_keys=False)
    (folder / "policies" / "all.yml").write_text(text, encoding="utf-8")
    plain = {
        one["template"]: TEMPLATE.format(title=one["name"].title())
        for one in documents
        if one["kind"] == "cadence"
    }
    for name, body in {**plain, **chosen}.items():
        (folder / "issue_templates" / name).write_text(body, encoding="utf-8")
    return folder


def usual(folder: Path, *names: str, **more: Any) -> Path:
    """Managers with one weekly cadence; `more` is said of the cadence."""
    people = [manager(name) for name in names or MANAGERS]
    return repository(folder, settings(), roster(*people), cadence(**more))


def settle(site: Site, *names: str, bot_role: int = PLANNER) -> Site:
    """The people of a small organisation, and the project of its loops."""
    site.user(BOT)
    site.project("support/loops")
    site.member("groups", "support", BOT, bot_role)
    for name in names or MANAGERS:
        site.user(name)
        site.member("projects", "support/loops", name, REPORTER)
    return site


def in_loops(site: Site, username: str, **fields: Any) -> dict[str, Any]:
    """An issue that a person opens among the loops."""
    return site[username].post(f"/projects/{escaped('support/loops')}/issues", **fields)
