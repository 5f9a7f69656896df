"""`drumbeat demo`: two weeks of an organisation, on the embedded GitLab.

The commands that run are the real ones, on the real code path, over HTTP; the people are
played by their own tokens.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from automation import labels
from automation.commands import apply, plan, setup
from automation.commands.console import paint, result
from automation.commands.options import Root
from automation.commands.seeding import drumbeats_token
from automation.commands.workspace import open_loops
from automation.demo.api import Api
from automation.demo.initiatives import Initiative, begin
from automation.demo.people import WEEK, comment
from automation.demo.world import build
from automation.errors import DrumbeatError, ExitCode, UsageError
from automation.loops import Loops
from automation.model.organisation import Organisation

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
COMEBACK = 4
"""The day of the week, 0 for Monday, on which a quiet initiative is taken up again."""

SHOWN = ("one-on-one", "ticket-review", "customer-interaction", "career-talk")
SHOWN_TRIAGE = "stale-initiatives"
"""What the story is about, where an organisation has it: with all policies it would be too long
to read.
"""

ROOT_TOKEN = "demo-root-token"


def run(root: Root = Path()) -> int:
    """Show the whole story on the embedded GitLab, in under a minute.

    Monday morning comes in three regions, managers tick their boxes, initiatives go
    quiet and come back, and the next week begins. Nothing leaves this machine.
    """
    try:
        from automation.sandbox.server import running
    except ImportError as error:
        raise UsageError(
            f"the demo needs {error.name}, which is not installed",
            "Install it with: pip install 'drumbeat[sandbox]'",
        ) from error
    loops = open_loops(root)
    started = MONDAY - timedelta(days=60)
    with running(root_token=ROOT_TOKEN, now=started) as url:
        Story(url, root, loops).tell()
    return ExitCode.FINE


class Story:
    """What happens, in order."""

    def __init__(self, url: str, root: Path, loops: Loops) -> None:
        self.url = url
        self.root = root
        self.loops = loops
        organisation = loops.organisation
        self.only = _only(organisation)
        private = {loop.project for loop in loops.current(MONDAY) if loop.confidential}
        self.world = build(Api(url, ROOT_TOKEN), organisation, sorted(private))
        self.now = MONDAY
        self.runs = 0
        self.initiatives: list[Initiative] = []
        self.managers = {manager.id: manager for manager in organisation.roster.managers}

    def tell(self) -> None:
        """The whole story."""
        self._introduction()
        self._setup()
        self.initiatives = begin(self.world, self.loops.organisation.roster, MONDAY)
        self._first_monday()
        self._week()
        self._next_monday()
        self._summary()

    def _introduction(self) -> None:
        organisation = self.loops.organisation
        roster = organisation.roster
        reports = sum(len(manager.reports) for manager in roster.managers)
        headline("An organisation, and a GitLab that knows nothing of it yet")
        say(
            f"{len(roster.directors)} directors, {len(roster.managers)} managers, {reports} "
            f"reports, {len(roster.groups)} global groups. GitLab is the embedded one, at "
            f"{self.url}; its clock is moved as the story goes on."
        )
        count = len(organisation.cadences)
        if self.only:
            shown = sum(one.startswith("cadence=") for one in self.only)
            say(f"To stay short, the story has {shown} of its {count} cadences (--only).")

    def _setup(self) -> None:
        headline("Setup: labels and boards")
        self._move(MONDAY - timedelta(days=51))
        self._drumbeat("setup", show="totals")
        self._drumbeat("setup", show="totals", note="again")

    def _first_monday(self) -> None:
        headline("Monday, 08:00: once for each region")
        for moment, region in self._mornings(MONDAY):
            self._move(moment)
            say(f"It is {moment:%A %H:%M} UTC, and past 08:00 for the managers in {region}.")
            if moment == self._mornings(MONDAY)[0][0]:
                self._drumbeat("plan", show="everything")
            self._drumbeat("apply", show="totals")
        self._drumbeat("apply", show="totals", note="again, at the same time")

    def _mornings(self, monday: datetime) -> list[tuple[datetime, str]]:
        """When the last manager of each region has 08:00 on that Monday, in order."""
        found: dict[str, datetime] = {}
        for manager in self.managers.values():
            local = datetime(monday.year, monday.month, monday.day, 8, tzinfo=manager.zone)
            region = manager.timezone.partition("/")[0]
            region = {"Australia": "APAC", "Asia": "APAC", "Europe": "EMEA"}.get(region, "AMER")
            moment = local.astimezone(UTC)
            found[region] = max(found.get(region, moment), moment)
        return sorted((moment, region) for region, moment in found.items())

    def _week(self) -> None:
        headline("The week: people work, Drumbeat looks once a day")
        for day in range(1, 5):
            self._move(MONDAY + timedelta(days=day, hours=17))
            for line in self._people_act(day):
                say(f"{(MONDAY + timedelta(days=day)):%A}: {line}")
            self._move(MONDAY + timedelta(days=day, hours=22))
            self._drumbeat("apply", show="changes")
        self._move(MONDAY + timedelta(days=5, hours=15))
        say("Saturday: what was due on Friday and is still open is overdue.")
        self._drumbeat("apply", show="totals")

    def _people_act(self, day: int) -> Iterator[str]:
        """What people do that day; what needs a manager or loop that is not there is left out."""
        managers = list(self.managers.values())
        for act in (one for one in WEEK if one.day == day and one.manager < len(managers)):
            manager = managers[act.manager]
            wanted = f"manager::{manager.id},{labels.cadence_label(act.cadence)}"
            found = self.world.loops(labels=wanted, state=act.state)
            if found:
                act.deed(self.world.users[manager.username], found[-1])
                yield act.told.format(manager.display_name)
        if day == COMEBACK and self.initiatives:
            _, person, issue = self.initiatives[0]
            comment(person, issue, "Back on it: the first draft is there.")
            yield "Somebody answers on an initiative that went quiet: its label goes."

    def _next_monday(self) -> None:
        headline("The next Monday: a new week, and what was left open goes along")
        following = MONDAY + timedelta(days=7)
        for moment, _ in self._mornings(following):
            self._move(moment)
            self._drumbeat("apply", show="totals")
        self._drumbeat("apply", show="totals", note="again")

    def _summary(self) -> None:
        headline("What happened")
        issues = self.world.loops(labels=labels.DRUMBEAT)
        by_state: Counter[str] = Counter(
            state.value for issue in issues for state in labels.states(issue["labels"])
        )
        for state in labels.State:
            line = f"  {by_state[state.value]:>4}  {state.value:<14} {MEANING[state]}"
            result(f"{line}\n")
        self._prove_exactly_once(issues)
        requests = self.world.root.get("/sandbox/requests")["total"]
        say(
            f"{len(issues)} loops, no title twice and no note twice, although Drumbeat ran "
            f"{self.runs} times. All of it, the people included, took {requests} requests."
        )
        say("Next: read policies/ and issue_templates/, then the README's “Go live”.")

    def _prove_exactly_once(self, issues: list[dict[str, Any]]) -> None:
        """Look, rather than claim: no loop was opened twice, and nothing said twice."""
        counts = Counter(issue["title"] for issue in issues)
        for issue in issues:
            path = f"/projects/{issue['project_id']}/issues/{issue['iid']}/notes"
            notes = self.world.root.get(path, per_page=100, activity_filter="only_comments")
            counts.update(f"{issue['web_url']}: {note['body']}" for note in notes)
        twice = [text for text, count in counts.items() if count > 1]
        if twice:
            raise DrumbeatError(f"this is there twice, which must never be: {twice[0]}")

    # --- Means ---------------------------------------------------------------------------

    def _drumbeat(self, verb: str, show: str, note: str = "") -> None:
        """Run a verb as the pipeline would, and show as much of its output as asked."""
        now = _iso(self.now)
        tail = f"   # {note}" if note else ""
        command = f"$ drumbeat {verb}{' --yes' if verb == 'setup' else ''} --now {now}{tail}"
        result(f"\n{paint('cyan', command)}\n")
        printed = io.StringIO()
        self.runs += 1
        with (
            drumbeats_token(self.world.token),
            redirect_stdout(printed),
            redirect_stderr(io.StringIO()),
        ):
            if verb == "setup":
                code = setup.run(self.root, self.url, now, yes=True)
            elif verb == "plan":
                code = plan.run(self.root, self.url, now, self.only, no_cache=True)
            else:
                code = apply.run(self.root, self.url, now, self.only, no_cache=True)
        if code != ExitCode.FINE:
            raise DrumbeatError(f"`{command}` ended with {code}:\n{printed.getvalue()}")
        lines = printed.getvalue().rstrip().splitlines()
        if show == "totals":
            lines = [line for line in lines if _TOTALS.match(line)][-1:]
        result("".join(f"  {line}\n" for line in lines))

    def _move(self, moment: datetime) -> None:
        self.now = moment
        self.world.move_clock(_iso(moment))


def _only(organisation: Organisation) -> list[str]:
    """What the story works for; nothing where that is all, or none of it is there."""
    names = {cadence.name for cadence in organisation.cadences}
    if not names - set(SHOWN) or names.isdisjoint(SHOWN):
        return []
    triages = [one.name for one in organisation.triages if one.name == SHOWN_TRIAGE]
    return [f"cadence={name}" for name in SHOWN if name in names] + [
        f"triage={name}" for name in triages
    ]


_TOTALS = re.compile(r"\d+ \w+|Nothing to do")
"""How the line begins that says what became of a plan."""

MEANING = {
    labels.State.OPEN: "the week is on",
    labels.State.OVERDUE: "the due date has passed; one reminder was sent",
    labels.State.DONE: "closed because the checklist is complete",
    labels.State.MISSED: "closed because the next week began; open items went along",
    labels.State.WAIVED: "closed by a person with open items, or marked as not needed",
}


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def headline(text: str) -> None:
    """Begin a chapter."""
    result(f"\n{paint('bold', text)}\n{'-' * len(text)}\n")


def say(text: str) -> None:
    """Tell something."""
    result(f"{text}\n")
