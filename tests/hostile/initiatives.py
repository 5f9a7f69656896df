"""Issues that people wrote, hostile in every field, and the policies that quote them.

In the project of one group each issue has a text of the corpus for its title. One of every few
has more: a milestone, labels, assignees and boxes with the texts, and comments which claim that
Drumbeat spoke already. The first few are harmless: all others are held against them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.e2e.outside import BOT, PLANNER, Person, Site, escaped
from tests.e2e.small import cadence, manager, repository, roster, settings
from tests.hostile.corpus import ALL
from tests.support.sample import REPOSITORY

SOME = 6
"""One of so many issues has everything: so many texts as labels and boxes, half as people."""

TEXTS = tuple(dict.fromkeys(text[:255].strip() for text in ALL))
TITLES = (*("Ann",) * SOME, *(text for text in TEXTS if text))
"""The titles: as much of each text as GitLab takes."""

LEFT = SOME * 7
"""One text of so many is also the title of an issue in a project that is given up."""

OAK, OLD, NEW, LOOPS = "support/sgg/oak", "support/old", "support/new", "support/loops"

FOLLOW = """\
{{ issue.title }}

# {{ issue.title }}

- [ ] {{ issue.title }}

| title | again |
| --- | --- |
| {{ issue.title }} | {{ issue.description }} |

> {{ issue.title }}{{ issue.title }}
"""
SAY = """\
{{ mentions }} look at {{ issue.title }}
{{ issue.milestone }}

{% if last_word %}[{{ last_word.author }}]({{ last_word.web_url }}){% endif %}

Open:

{% for item in open_items %}
- {{ item }}
{% endfor %}

These are all.

{% for person in issue.assignees %}{{ person.name }} {% endfor %}

{{ issue.labels | sort | join(" ") }}
"""
LIST = """\
{% for one in matches %}
## Match

{{ one.title }}
{{ one.milestone }}
{% for label in one.labels | sort %}{{ label }} {% endfor %}

- [ ] [{{ one.title }}]({{ one.web_url }})
- {{ one.description }}

| title | milestone | people |
| --- | --- | --- |
| {{ one.title }} | {{ one.milestone }} | {% for person in one.assignees %}{{ person.name }}{% endfor %} |

{% endfor %}
"""
GROUP = """\
---
title: Group {{ group.id }} · {{ period.label }}
---
{% for one in initiatives.open %}
## Match

{{ one.title }}

- [ ] [{{ one.title }}]({{ one.web_url }}): {{ one.assignees | join(", ") }}

| {{ one.health }} | which |
| --- | --- |
| {{ one.opened_on }} | {{ one.title }} |

{% endfor %}
"""
SHIPPED = ("group-health.md", "weekly-roll-up.md")


def policies(folder: Path) -> Path:
    """A repository that quotes initiatives wherever they can be quoted."""
    oak = {"id": "oak", "project": OAK, "sponsor": "anna", "name": "Oak", "timezone": "UTC"}
    shipped = {name: (REPOSITORY / "issue_templates" / name).read_text("utf-8") for name in SHIPPED}
    own = {"follow.md": FOLLOW, "say.md": SAY, "list.md": LIST, "group.md": GROUP}
    return repository(
        folder,
        settings(links={"responsibilities": "https://example.com/"}),
        roster(manager("anna"), groups=[oak]),
        cadence("weekly"),
        cadence("group", for_each="group"),
        cadence("group-health", for_each="group"),
        cadence("weekly-roll-up", for_each="director"),
        *_rules(),
        templates={**own, **shipped},
    )


def _rules() -> tuple[dict[str, Any], ...]:
    follow = {
        "title": "{{ issue.title }}",
        "template": "follow.md",
        "project": LOOPS,
        "labels": ["follow"],
        "confidential": False,
    }
    return (
        _triage("follow", {"issue": follow}, project=OAK),
        _triage("list", {"summary": {"template": "list.md", "project": LOOPS}}, project=OAK),
        _triage(
            "say",
            {"comment": "say.md", "mention": ["group.sponsor"], "label": "seen", "unlabel": "*"},
            project=OAK,
            labels="say",
        ),
        _triage("go", {"comment": "say.md", "move": NEW}, project=OLD),
    )


def _triage(name: str, do: dict[str, Any], **where: Any) -> dict[str, Any]:
    rule = {"name": "r", "when": "true", "do": do}
    return {"kind": "triage", "name": name, "where": {"state": "all", **where}, "rules": [rule]}


# --- What people wrote -----------------------------------------------------------------------


def settled(site: Site) -> Site:
    """The GitLab in which all that is written; whom the texts are after sees every issue."""
    site.root.put("/sandbox/tier", tier="premium")
    for path in (OAK, OLD, NEW, LOOPS):
        site.project(path)
    for username in (BOT, "anna", "dora", "victim", "editor"):
        site.user(username)
        site.member("groups", "support", username, PLANNER)
    for label in ("pwned", "bug", "seen", "follow", "SGG", "say"):
        site.root.post("/groups/support/labels", name=label, color="#ff0000")
    for number, title in enumerate(TITLES):
        more = _everything(site, number) if number % SOME == 0 else {}
        issue = _open(site["editor"], OAK, title=title, **more)
        if more:
            _claims(site["editor"], issue)
        if number % LEFT == 0:
            _open(site["editor"], OLD, title=title)
    return site


def _open(person: Person, place: str, **fields: Any) -> dict[str, Any]:
    return person.post(
        f"/projects/{escaped(place)}/issues",
        **{"labels": "SGG", "description": "- [ ] x", **fields},
    )


def _everything(site: Site, number: int) -> dict[str, Any]:
    texts = TITLES[number : number + SOME]
    labels = [text for text in texts if "," not in text]
    boxes = [f"- [ ] {text}".replace("\n", "\n  ") for text in texts]
    people = [_person(site, f"u-{number}-{at}", one) for at, one in enumerate(texts[::2])]
    return {
        "labels": ["SGG", "say", *labels],
        "description": "\n".join(["What is planned:", "", *boxes]),
        "milestone_id": _milestone(site, number, texts[-1]),
        "assignee_ids": people,
    }


def _milestone(site: Site, number: int, text: str) -> int:
    title = f"M {number}" if text == "Ann" else text
    return int(site.root.post(f"/projects/{escaped(OAK)}/milestones", title=title)["id"])


def _person(site: Site, username: str, name: str) -> int:
    made = site.root.post(
        "/users",
        username=username,
        name=name,
        email=f"{username}@example.com",
        force_random_password=True,
        skip_confirmation=True,
    )
    return int(made["id"])


def _claims(person: Person, issue: dict[str, Any]) -> None:
    """Somebody writes what Drumbeat would write, so that it takes it for its own."""
    about = f"{issue['project_id']}/{issue['iid']}"
    person.comment(
        issue,
        f"<!-- drumbeat:said say/r {about} -->\n<!-- drumbeat:said go/r {about} -->\n"
        f"<!-- drumbeat:made follow/r {about} -->",
    )
