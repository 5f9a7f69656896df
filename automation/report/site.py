"""The files of the site: every page as text, with the style and the script beside it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from automation.inert import plain
from automation.model.scope import KINDS, Scope
from automation.model.subject import ORGANISATION
from automation.report import charts
from automation.report.figures import ages, by_week, deeds
from automation.report.gathering import Facts
from automation.report.views import Views, name_of, web_address
from automation.report.weeks import label
from automation.rules.health import SHOWN, Initiative

STATIC = ("icon.svg", "report.css", "report.js")

RECENT = 13
"""So many of the last weeks a manager's page has in a table beside the heat map."""

Maker = Callable[[], str]


def files_of(facts: Facts, gitlab: str = "") -> dict[str, Maker]:
    """Every file by its name in the folder, with what makes its text.

    `gitlab` is GitLab's address, for links to boards.
    """
    pages = _Pages(facts, gitlab.rstrip("/"))
    found: dict[str, Maker] = {f"static/{name}": _copied(name) for name in STATIC}
    for manager in pages.views.managers:
        found[f"managers/{manager}.html"] = _making(pages.manager, manager)
    for director in pages.views.directors:
        found[f"directors/{director}.html"] = _making(pages.director, director)
    for group in pages.views.groups:
        found[f"groups/{group}.html"] = _making(pages.group, group)
    return {**found, "runs.html": pages.runs, "index.html": pages.overview}


def _part(scope: Scope) -> str:
    """What the pages are about, where that is not everybody."""
    named = ((kind, name) for kind in KINDS for name in sorted(scope.names.get(kind, ())))
    return ", ".join(f"{kind} {name}" for kind, name in named)


def _making(page: Callable[[str], str], id: str) -> Maker:
    return lambda: page(id)


def _copied(name: str) -> Maker:
    return lambda: files("automation.report").joinpath("static", name).read_text(encoding="utf-8")


class _Pages:
    """Renders pages. Everything in them is escaped but the charts, which hold no foreign text."""

    def __init__(self, facts: Facts, gitlab: str) -> None:
        self.facts = facts
        self.views = Views(facts, gitlab)
        self._environment = Environment(
            loader=PackageLoader("automation.report"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters["week"] = label
        self._environment.globals.update(
            weeks=self.views.weeks,
            now=f"{facts.now.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
            complete=facts.complete,
            part=_part(facts.scope),
            healths=SHOWN,
        )

    def _page(self, template: str, root: str, **context: Any) -> str:
        return self._environment.get_template(template).render(root=root, **context)

    def overview(self) -> str:
        """Everybody and everything on one page."""
        views = self.views
        entries = self.facts.history.entries
        return self._page(
            "overview.html",
            "",
            sum=views.sum(entries),
            chart=charts.trend(views.weeks, by_week(entries, views.weeks)),
            heat=views.heat(views.managers, above=True),
            late=views.late(),
            leaders=views.leaders(),
            groups=views.group_rows(),
            boards=views.boards(ORGANISATION.id),
        )

    def runs(self) -> str:
        """What Drumbeat did, by week."""
        done = deeds(self.facts.history.entries, self.views.weeks)
        return self._page("runs.html", "", chart=charts.ends(done), deeds=done[::-1])

    def director(self, id: str) -> str:
        """A director's managers and the groups that these sponsor."""
        views = self.views
        team = views.team(id)
        entries = views.entries(team)
        own = views.own(id)
        return self._page(
            "director.html",
            "../",
            name=name_of(views.directors[id]),
            sum=views.sum(entries),
            chart=charts.trend(views.weeks, by_week(entries, views.weeks)),
            heat=views.heat(team),
            own=views.by_cadence(own),
            people=views.people(team),
            late=views.late(team),
            groups=views.group_rows(team),
            boards=views.boards(id),
        )

    def manager(self, id: str) -> str:
        """A manager's loops by cadence and by week."""
        views = self.views
        entries = views.by_manager[id]
        weeks = by_week(entries, views.weeks)
        manager = views.managers[id]
        director = views.directors.get(manager.director)
        return self._page(
            "manager.html",
            "../",
            name=name_of(manager),
            director=director and (name_of(director), f"directors/{director.id}.html"),
            sum=views.sum(entries),
            heat=views.by_cadence(entries),
            recent=RECENT,
            rows=list(zip(views.weeks, weeks, strict=True))[: -RECENT - 1 : -1],
            late=views.late([id]),
            groups=views.group_rows([id]),
            boards=views.boards(id),
        )

    def group(self, id: str) -> str:
        """A group's initiatives by age and health."""
        views = self.views
        group = views.groups[id]
        found = self.facts.groups[id]
        return self._page(
            "group.html",
            "../",
            name=name_of(group),
            sponsor=views.manager_link(group.sponsor),
            initiatives=found,
            open=[one for one in found.open if not one.confidential] if found else [],
            hidden=sum(one.confidential for one in found.open) if found else 0,
            chart=charts.initiatives(ages(found, views.today)) if found and found.open else "",
            row=self._row,
            boards=views.boards(id),
        )

    def _row(self, one: Initiative) -> dict[str, Any]:
        """An initiative that is not confidential, as its group's page shows it."""
        return {
            "title": plain(one.title),
            "address": web_address(one.web_url),
            "days": (self.views.today - one.opened_on).days,
            "assignees": ", ".join(map(plain, one.assignees)),
        }
