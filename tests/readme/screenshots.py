"""Takes the pictures of the README anew: `make screenshots`.

The sample organisation lives on the embedded GitLab for some weeks: the real commands run
every Monday and Saturday, and people tick, comment, close. What each of them gets done follows
from names and weeks, so that the same code makes the same pictures. Needs a Chromium.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, FloatRect, Page, ViewportSize, sync_playwright

from automation.commands import apply, report
from automation.commands.seeding import drumbeats_token, seed
from automation.config import load
from automation.demo.api import Api
from automation.demo.people import comment, edit, ticked
from automation.demo.world import World
from automation.labels import ATTENTION, DRUMBEAT
from automation.sandbox.server import running

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "docs" / "images"
MONDAY = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
"""The first Monday, when all managers have had their 08:00."""
WEEKS = 26
WIDE = ViewportSize(width=1280, height=760)
LATE = {("mgr-emea-2", "service-review"), ("mgr-apac-1", "ticket-review")}
"""Loops of the first week for which somebody asks for attention."""
IDEAS = (
    "Answer templates",
    "Search tips",
    "Training path",
    "Failover guide",
    "Glossary",
    "Log parser",
    "Guest talks",
)


def chance(*about: object) -> float:
    """A number from 0 to 1 that is always the same for the same things."""
    return (zlib.crc32(repr(about).encode()) % 1000) / 1000


def repository(folder: Path) -> Path:
    """The shipped policies and templates, and what a ticket system might export."""
    for name in ("policies", "issue_templates"):
        shutil.copytree(ROOT / name, folder / name)
    reports = [one for boss in load(folder).roster.managers for one in boss.reports]
    rows = [
        f"{one.username},2026-W{week},{round(7 + 4 * chance(one.id, week))},{replies},"
        f"{round(replies * (0.5 + 0.1 * chance(one.name, week)))},{round(replies / 4)}"
        for one in reports
        for week in range(44, 48)
        for replies in [round(36 + 12 * chance(one.id, week, "replies"))]
    ]
    header = "person,week,solved,public replies,replies on own tickets,internal notes"
    (folder / "metrics").mkdir()
    (folder / "metrics" / "tickets.csv").write_text("\n".join([header, *rows, ""]), "utf-8")
    return folder


class Company:
    """The sample organisation at work, week after week."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = repository(folder)
        self.world: World = seed(Api(url, "root-token"), folder, MONDAY, fixed=True)

    def at(self, moment: datetime) -> None:
        """Let it be that time, and Drumbeat run."""
        self.world.move_clock(moment.isoformat())
        with drumbeats_token(self.world.token):
            apply.run(self.folder, self.url, moment.isoformat(), no_cache=True)

    def loops(self) -> Iterator[tuple[Api, dict[str, Any]]]:
        """Drumbeat's open issues, each with who has it."""
        for issue in self.world.loops(labels=DRUMBEAT, state="opened"):
            for person in issue["assignees"][:1]:
                yield self.world.users[person["username"]], issue

    def work(self, week: int) -> None:
        """What people get done in a week: most of it."""
        for person, issue in self.loops():
            if ATTENTION in issue["labels"]:
                continue
            done = 0.8 + chance(issue["title"], week) * 0.6
            wanted = self._wanted(issue["title"], done)
            edit(person, issue, description=ticked(issue["description"], wanted))

    def _wanted(self, title: str, done: float) -> Callable[[int], bool]:
        return lambda index: chance(title, index) < done

    def ask_for_attention(self) -> None:
        """Let some loops of the first week need a look."""
        for manager, cadence in sorted(LATE):
            (issue,) = self.world.loops(labels=f"manager::{manager},cadence::{cadence}")
            edit(self.world.users[manager], issue, add_labels=ATTENTION)

    def tend(self, week: int) -> None:
        """What people do about the initiatives: some they keep up, some they do not."""
        for issue in self.world.root.get(
            "/groups/support%2Fsgg/issues", state="opened", scope="all", per_page=100
        ):
            author = self.world.users[issue["author"]["username"]]
            if chance(issue["title"], "kept up") > 0.5:
                comment(author, issue, f"Week {week}: a step further.")
            elif chance(issue["title"], week) > 0.97:
                edit(author, issue, add_labels="initiative::blocked")
        if week % 4 == 1:
            self._begin(IDEAS[week // 4 % len(IDEAS)], week)

    def _begin(self, idea: str, week: int) -> None:
        """A new initiative in each group, by somebody of the sponsor's team."""
        roster = load(self.folder).roster
        sponsors = {one.id: one for one in roster.managers}
        for group in roster.groups:
            who = sponsors[group.sponsor].reports[week % 3].username
            person = self.world.users[who]
            issue = person.post(
                f"/projects/{self.world.project(group.project)}/issues",
                title=f"{idea} of {group.display_name}",
                description="- [ ] Write the first draft",
                labels="SGG",
            )
            edit(person, issue, assignee_ids=[person.get("/user")["id"]])


# --- Pictures --------------------------------------------------------------------------


@contextmanager
def looking(browser: Browser, url: str, **options: Any) -> Iterator[Page]:
    context = browser.new_context(base_url=url, **{"viewport": WIDE} | options)
    yield context.new_page()
    context.close()


def signed_in(page: Page, username: str) -> None:
    page.goto("/users/sign_in")
    page.fill("input[name=search]", username)
    page.press("input[name=search]", "Enter")
    page.click(f'button[value="{username}"]')


def an_issue(browser: Browser, company: Company) -> None:
    """A manager's 1:1 on Tuesday, begun."""
    labels = "manager::mgr-emea-1,cadence::one-on-one"
    (issue,) = company.world.loops(labels=labels)
    person = company.world.users["mgr-emea-1"]
    begun = ticked(issue["description"], lambda index: index in {0, 1, 2, 4})
    edit(person, issue, description=begun)
    with looking(browser, company.url) as page:
        signed_in(page, "mgr-emea-1")
        page.goto(issue["web_url"].removeprefix(company.url))
        page.screenshot(path=IMAGES / "issue.png")


def a_board(browser: Browser, company: Company) -> None:
    """A director's board on Saturday: what is open, late, or in need of a look."""
    with looking(browser, company.url) as page:
        signed_in(page, "dir-emea")
        page.goto("/support/loops/-/boards")
        board = page.get_attribute("a:has-text('Tomás Breathnach: by state')", "href")
        page.goto(f"{board}?label_name[]=director::dir-emea")
        page.screenshot(path=IMAGES / "board.png")


def the_report(browser: Browser, company: Company, now: datetime) -> None:
    """The directors' pages after some weeks: the overview, and a group's page in dark colours."""
    with tempfile.TemporaryDirectory() as name:
        site = Path(name) / "public"
        with drumbeats_token(company.world.token):
            report.run(company.folder, company.url, now.isoformat(), out=site)
        with looking(browser, site.as_uri()) as page:
            page.goto(f"{site.as_uri()}/index.html")
            end = page.locator("#directors").bounding_box()
            assert end is not None
            clip = FloatRect(x=0, y=0, width=WIDE["width"], height=end["y"])
            page.screenshot(path=IMAGES / "report.png", full_page=True, clip=clip)
        with looking(browser, site.as_uri(), color_scheme="dark") as page:
            page.goto(most_varied(site / "groups").as_uri())
            page.screenshot(path=IMAGES / "report-group.png", full_page=True)


def most_varied(pages: Path) -> Path:
    """The page of the group whose initiatives fare most differently."""
    return max(
        sorted(pages.glob("*.html")),
        key=lambda page: len(set(re.findall(r'class="health ([\w-]+)"', page.read_text("utf-8")))),
    )


def main() -> None:
    """Live through the weeks, and take each picture when its time has come."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        sys.exit("no Chromium here: apt-get install chromium")
    with (
        tempfile.TemporaryDirectory() as folder,
        running(root_token="root-token", now=MONDAY) as url,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        tell(browser, Company(url, Path(folder)))
        browser.close()


def tell(browser: Browser, company: Company) -> None:
    """All the weeks, and the pictures in between."""
    an_issue(browser, company)
    company.ask_for_attention()
    for week in range(WEEKS):
        monday = MONDAY + timedelta(weeks=week)
        if week:  # on the first one it ran when the organisation was made
            company.at(monday)
        company.world.move_clock((monday + timedelta(days=3)).isoformat())
        company.work(week)
        company.tend(week)
        company.at(monday + timedelta(days=5))
        if week == 0:
            a_board(browser, company)
    the_report(browser, company, MONDAY + timedelta(weeks=WEEKS - 1, days=5))


if __name__ == "__main__":
    main()
