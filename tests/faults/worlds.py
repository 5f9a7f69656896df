"""Small organisations with every kind of change, and what happens in them chapter by chapter.

World 0 has everything at once; those with other numbers draw their policies and their
people's doings by that number.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.outside import (
    BOT,
    MAINTAINER,
    PLANNER,
    REPORTER,
    Site,
    at,
    escaped,
    initiative,
    ticked,
)
from tests.e2e.small import cadence, manager, repository, roster, settings

FOUNDED = "2026-10-01T09:00:00Z"
LOOPS, OAK, ELM, HOME = "support/loops", "support/sgg/oak", "support/sgg/elm", "support/drumbeat"
PEOPLE = ("anna", "bob", "cleo", "dan", "fresh", "dora", "eve", "se-1", "se-2")
TEMPLATES = {
    "quiet.md": "{{ mentions }} {{ issue.title }} is quiet.",
    "note.md": "{{ mentions }} A note on {{ issue.title }}.",
    "more.md": "- [ ] More on {{ issue.title }}",
    "list.md": "{% for one in matches %}\n- {{ one.reference }}: {{ one.title }}\n{% endfor %}",
    "team.md": """\
---
title: Team of {{ subject.name }} · {{ period.label }}
---
{% for report in team %}
### {{ report | section }}

- [ ] ticket 1
- [ ] ticket 2

{% endfor %}
""",
}

Deed = Callable[[Site], None]


@dataclass(frozen=True)
class Chapter:
    """What people do, and then the run of a verb at a time, with an edition of the policies."""

    name: str
    now: str
    deeds: tuple[Deed, ...] = ()
    verb: str = "apply"
    edition: int = 1


# --- Policies -----------------------------------------------------------------------------


def _chores() -> dict[str, Any]:
    follow = {"template": "more.md", "project": LOOPS, "assign": "group.sponsor", "due": "2 days"}

    def rule(name: str, **do: Any) -> dict[str, Any]:
        return {"name": name, "when": f'has("{name}")', "do": do}

    return {
        "kind": "triage",
        "name": "chores",
        "where": {"group": "support/sgg"},
        "rules": [
            rule("obsolete", close=True, comment="note.md", label="ended::obsolete"),
            rule("elsewhere", move=ELM, comment="note.md"),
            rule("ask", comment="note.md", internal=True, repeat_after=7),
            rule("discuss", comment="note.md", thread=True, label="discussed"),
            rule("ready", assign="group.sponsor", milestone="17.8", due="3 working days"),
            rule("follow", issue=follow),
            {"name": "old", "when": "age > days(30)",
             "do": {"summary": {"template": "list.md", "project": LOOPS}}},
        ],
    }  # fmt: skip


def _quiet(label: str) -> dict[str, Any]:
    return {
        "kind": "triage",
        "name": "quiet",
        "where": {"group": "support/sgg", "labels": ["SGG"], "without": ["initiative::paused"]},
        "rules": [
            {"name": "stale", "when": "quiet_for > days(21)",
             "do": {"label": label, "comment": "quiet.md", "mention": ["group.managers"]}},
            {"name": "revived", "when": f'has("{label}") and quiet_for <= days(21)',
             "do": {"unlabel": label}},
        ],
    }  # fmt: skip


def _labels(edition: int) -> dict[str, Any]:
    stale = {"name": "initiative::stale", "color": "#ED9121", "priority": 1}
    if edition > 1:
        stale |= {"name": "initiative::quiet", "was": "initiative::stale"}
    return {
        "kind": "labels",
        "labels": [
            {"name": "SGG", "color": "#1F7E6E" if edition == 1 else "#112233", "priority": 2},
            stale,
            {"name": "leftover", **({"prune": True} if edition > 1 else {})},
        ],
    }


def _boards(edition: int) -> dict[str, Any]:
    lists = ["loop::open", "attention"] if edition == 1 else ["attention", "loop::overdue"]
    return {
        "kind": "boards",
        "boards": [
            {"name": "{{ manager.name }}", "for_each": "manager", "project": LOOPS,
             "lists": lists, "only": ["manager::{{ manager.id }}"]},
        ],
    }  # fmt: skip


def _schedules(edition: int) -> dict[str, Any]:
    return {
        "kind": "schedules",
        "schedules": [
            {"description": "Every hour", "project": HOME, "cron": f"{edition} * * * *",
             "variables": {"DRUMBEAT_ONLY": f"manager=anna{edition}"}},
        ],
    }  # fmt: skip


def _roster() -> dict[str, Any]:
    reports = [{"id": name, "username": name, "timezone": "UTC"} for name in ("se-1", "se-2")]
    oak = {"id": "oak", "project": OAK, "sponsor": "anna", "managers": ["bob"], "timezone": "UTC"}
    dan = manager("dan", until="2026-11-25")
    fresh = {**manager("fresh", **{"from": "2026-11-26"}), "id": "dan"}
    people = [manager("anna", reports=reports), manager("bob"), manager("cleo"), dan, fresh]
    return roster(*people, groups=[oak])


def _cadences(rng: random.Random | None) -> list[dict[str, Any]]:
    week: dict[str, Any] = {
        "escalate": {"after_missed": 2},
        "due": "3 working days",
        "remind": ["due"],
    }
    team: dict[str, Any] = {
        "close_when": [{"each": "report", "done": "any"}],
        "due": "end of period",
    }
    talk: dict[str, Any] = {
        "for_each": "report",
        "confidential": True,
        "when_previous_open": "wait",
    }
    month = {"period": "month", "schedule": {"rrule": "FREQ=MONTHLY;BYDAY=2MO"}}
    if rng is not None:
        week |= {
            "due": rng.choice(["1 working day", "3 working days", "5 days"]),
            "remind": rng.choice([[], ["due"], ["1 day before due", "due", "2 days after due"]]),
            "confidential": rng.random() < 0.5,
        }
        talk |= {"when_previous_open": rng.choice(["wait", "keep_both", "carry_over"])}
        team |= {"due": rng.choice(["end of period", "2 working days"])}
    return [
        cadence("weekly", **week),
        cadence("team", **team),
        cadence("talk", **talk),
        cadence("review", for_each="organisation", close_when="any", **month),
    ]


def written(folder: Path, number: int, edition: int) -> Path:
    """The repository of a world, in an edition of its policies."""
    many = {"create": 100, "close": 100, "notes": 10_000, "mentions_per_person": 10_000}
    rng = random.Random(number) if number else None
    quiet = "initiative::stale" if edition == 1 else "initiative::quiet"
    return repository(
        folder / f"edition-{edition}",
        settings(limits=many),
        _roster(),
        *_cadences(rng),
        _quiet(quiet),
        _chores(),
        _labels(edition),
        _boards(edition),
        _schedules(edition),
        templates=TEMPLATES,
    )


# --- People ---------------------------------------------------------------------------------


def founded(site: Site) -> None:
    """The people, the projects and the initiatives, before Drumbeat ever ran."""
    site.user(BOT)
    for path in (LOOPS, OAK, ELM, HOME):
        site.project(path)
    for name in PEOPLE:
        site.user(name)
        site.member("projects", LOOPS, name, REPORTER)
        site.member("groups", "support/sgg", name, PLANNER)
    site.member("groups", "support", BOT, PLANNER)
    site.member("projects", HOME, BOT, MAINTAINER)
    site.root.post(f"/projects/{escaped(OAK)}/milestones", title="17.8")
    for name in ("A quiet one", "A busy one", "Another quiet one"):
        initiative(site["eve"], "oak", name)


def loops(site: Site, title: str = "") -> list[dict[str, Any]]:
    """The open loops whose title begins so, by title."""
    found = [one for one in site.loops(state="opened") if one["title"].startswith(title)]
    return sorted(found, key=lambda one: (one["title"], one["id"]))


def tick(title: str, *numbers: int, mark: str = "x") -> Deed:
    """Somebody sets boxes of the loops that are called so; all of them where none is named."""

    def deed(site: Site) -> None:
        for issue in loops(site, title):
            text = ticked(issue["description"], lambda n: not numbers or n in numbers, mark)
            site["anna"].edit(issue, description=text)

    return deed


def edit(title: str, **fields: Any) -> Deed:
    """Somebody changes the fields of the loops that are called so."""

    def deed(site: Site) -> None:
        for issue in loops(site, title):
            site["anna"].edit(issue, **fields)

    return deed


def promise(title: str, text: str) -> Deed:
    """Somebody adds an item to the loops that are called so."""

    def deed(site: Site) -> None:
        for issue in loops(site, title):
            site["anna"].edit(issue, description=f"{issue['description']}\n- [ ] {text}\n")

    return deed


def reopen(title: str) -> Deed:
    """Somebody reopens the loops that are called so."""

    def deed(site: Site) -> None:
        for issue in site.loops(state="closed"):
            if issue["title"].startswith(title):
                site["anna"].edit(issue, state_event="reopen")

    return deed


def comment(title: str, text: str = "On it.") -> Deed:
    """Somebody says something on the issues that are called so."""

    def deed(site: Site) -> None:
        for issue in site.issues(state="opened"):
            if issue["title"].startswith(title):
                site["eve"].comment(issue, text)

    return deed


def mark(title: str, labels: str) -> Deed:
    """Somebody puts labels on the initiatives that are called so."""

    def deed(site: Site) -> None:
        for issue in site.issues("support/sgg", state="opened"):
            if issue["title"].startswith(title):
                site["eve"].edit(issue, add_labels=labels)

    return deed


def bring(title: str, labels: str) -> Deed:
    """Somebody opens an initiative."""
    return lambda site: void(initiative(site["eve"], "oak", title, labels=labels))


def twin(title: str) -> Deed:
    """A run that overlapped has opened the loop twice, and somebody works on the newer one."""

    def deed(site: Site) -> None:
        older = loops(site, title)[0]
        fields = {name: older[name] for name in ("title", "description", "confidential")}
        labels, people = ",".join(older["labels"]), [one["id"] for one in older["assignees"]]
        newer = site[BOT].post(
            at(older).rpartition("/")[0], labels=labels, assignee_ids=people,
            due_date=older["due_date"], **fields,
        )  # fmt: skip
        site["anna"].tick(newer, lambda index: index == 0)

    return deed


def void(_value: Any) -> None:
    """Forget a value."""


# --- Stories ----------------------------------------------------------------------------------

_EVERYTHING = {
    "second week": (
        tick("Weekly of Anna"),
        tick("Weekly of Bob", 0),
        promise("Weekly of Bob", "A promise to a customer"),
        edit("Weekly of Cleo", state_event="close"),
        edit("Weekly of Dan", add_labels="loop::waived"),
        tick("Team of Anna", 0),
        tick("Review", 1),
        comment("A busy one"),
        bring("To end", "obsolete"),
        bring("To move", "elsewhere"),
        bring("To ask", "ask"),
        bring("To discuss", "discuss"),
        bring("To give", "ready"),
        bring("To follow", "follow"),
    ),
    "late": (reopen("Weekly of Anna · 2026-W46"), tick("Talk of se-1")),
    "twins": (twin("Weekly of Bob"), comment("Review")),
    "third week": (
        promise("Weekly of Dan", "Another promise"),
        tick("Weekly of Cleo", mark="~"),
        comment("A quiet one"),
        bring("To follow, too", "follow"),
    ),
    "hand over": (mark("A quiet one", "follow"),),
    "fourth week": (
        tick("Weekly of Anna"),
        edit("Weekly of Bob · 2026-W48", add_labels="snoozed"),
        mark("A busy one", "ready,discuss"),
        comment("To follow"),
    ),
    "new policies": (),
}


def _draw(rng: random.Random) -> Deed:
    week = rng.choice(["Weekly of Anna", "Weekly of Bob", "Weekly of Cleo", "Weekly of Dan"])
    other = rng.choice(["Team of Anna", "Talk of", "Review", week])
    return rng.choice(
        [
            tick(week),
            tick(other, 0),
            tick(other, mark="~"),
            promise(week, f"Promise {rng.randrange(100)}"),
            edit(week, state_event="close"),
            edit(other, add_labels="loop::waived"),
            edit(week, add_labels="snoozed"),
            edit(other, due_date="2026-11-18"),
            edit(week, labels=""),
            edit(week, assignee_ids=[0]),
            reopen(other),
            comment(other),
            comment("A quiet one"),
            mark("A", rng.choice(["ready", "discuss", "ask", "obsolete", "elsewhere", "follow"])),
            bring(f"Drawn {rng.randrange(10_000)}", rng.choice(["SGG", "ask", "follow,ready"])),
        ]
    )


def chapters(number: int) -> tuple[Chapter, ...]:
    """The story of a world.

    Each chapter is at a later hour than all before it, so that nothing that comes back after
    days comes back between a run and the next one ten minutes later.
    """
    if number:
        rng = random.Random(number)
        deeds = {name: tuple(_draw(rng) for _ in range(5)) for name in _EVERYTHING}
    else:
        deeds = dict(_EVERYTHING)
    return (
        Chapter("first setup", "2026-11-02T09:00:00+00:00", verb="setup"),
        Chapter("first week", "2026-11-09T09:00:00+00:00"),
        Chapter("second week", "2026-11-12T10:00:00+00:00", deeds["second week"]),
        Chapter("late", "2026-11-16T11:00:00+00:00", deeds["late"]),
        Chapter("twins", "2026-11-18T12:00:00+00:00", deeds["twins"]),
        Chapter("third week", "2026-11-23T13:00:00+00:00", deeds["third week"]),
        Chapter("hand over", "2026-11-27T14:00:00+00:00", deeds["hand over"]),
        Chapter("fourth week", "2026-11-30T15:00:00+00:00", deeds["fourth week"]),
        Chapter("new policies", "2026-11-30T17:00:00+00:00", deeds["new policies"], "setup", 2),
        Chapter("thereafter", "2026-12-01T18:00:00+00:00", (), edition=2),
    )
