"""The sample organisation, day by day: people, runs of every kind, and what must hold."""

from __future__ import annotations

import itertools
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

from automation.apply import apply
from automation.cache import History
from automation.cache.record import Record
from automation.config import load
from automation.errors import OutcomeUnknown
from automation.loops import Loops
from automation.model.change import CreateIssue, Outcome, Status, Transition
from automation.model.issue import EventKind, Issue, IssueRef, Note, Role
from automation.model.organisation import Organisation
from automation.plan import Plan
from automation.planner import make_plan
from automation.templates import Library
from tests.simulation.calendar_by_hand import STAYS, Calendar, Expected, Key, ahead, team_on
from tests.simulation.changing_roster import SCRIPT, goes_away, id_on, username
from tests.simulation.people_at_work import BOX, STATES, World
from tests.simulation.shelf import ENDED, QuickGitLab
from tests.support.fake_gitlab import BOT, AtWrite
from tests.support.sample import core

INITIATIVES = """\
kind: triage
name: stale-initiatives
where: {group: support/sgg, state: opened, labels: [SGG], without: ["initiative::paused"]}
rules:
  - name: stale
    when: quiet_for > days(21)
    do: {label: "initiative::stale", comment: stale-initiative.md, mention: [group.managers]}
  - name: revived
    when: has("initiative::stale") and quiet_for <= days(21)
    do: {unlabel: "initiative::stale"}
"""
"""The plain policy, whose outcome the simulation works out by hand."""
SAMPLE = core("group-health", initiatives=INITIATIVES)
BEGIN, END = date(2026, 11, 20), date(2029, 11, 25)
MARK = re.compile(r"<!-- drumbeat:said (\S+) (\S+) -->")
ANCHOR = re.compile(r"<!-- drumbeat:for (\S+) -->")
MOST_SAID = 8
"""Notes of Drumbeat's on one loop."""
MANAGERS = ("mgr-amer-1", "mgr-amer-2", "mgr-emea-1", "mgr-emea-2", "mgr-apac-1", "mgr-apac-2")
ABSENCES = 12
"""Absences of each manager in three years, beside the shipped ones."""


@dataclass
class Figures:
    """What a simulation came to."""

    days: int = 0
    runs: Counter[str] = field(default_factory=Counter)
    deeds: Counter[str] = field(default_factory=Counter)
    issues: int = 0
    notes: int = 0
    said: Counter[str] = field(default_factory=Counter)
    moved: Counter[str] = field(default_factory=Counter)
    missed_periods: int = 0
    carried: int = 0
    excesses: list[str] = field(default_factory=list)


@dataclass
class Years:
    """Three years of the sample organisation with one seed."""

    seed: int
    figures: Figures = field(default_factory=Figures)
    remembered: tuple[Record, ...] = ()

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        organisation = load(SAMPLE)
        self.loops = Loops(organisation, Library(SAMPLE / "issue_templates"))
        self.gitlab = QuickGitLab(datetime.combine(BEGIN, time(0), UTC))
        self.world = World(self.gitlab, self.rng)
        self.calendar = Calendar()
        self.expected: set[Key] = set()
        self.owners: dict[Key, Expected] = {}
        self.overlapped: set[Key] = set()
        self.twice_said: set[IssueRef] = set()
        self.unhealed = False
        self.watched: set[IssueRef] = set()
        self.creating: list[Issue] = []
        self.spoken: Counter[IssueRef] = Counter()
        self._move_in(organisation)
        self.absences = dict(self._absences())

    # --- The stage ------------------------------------------------------------------------

    def _move_in(self, organisation: Organisation) -> None:
        gitlab = self.gitlab
        gitlab.with_project("support/loops")
        for name in (
            *MANAGERS,
            "mgr-amer-3",
            "ruth-v",
            *(d.username for d in organisation.roster.directors),
        ):
            gitlab.with_user(name)
        for name in (*MANAGERS, "mgr-amer-3", "mgr-emea-9"):
            gitlab.with_project(f"support/1-1s/{name}")
        for group in organisation.roster.groups:
            gitlab.with_project(group.project)
        for project in gitlab.projects.values():
            gitlab.roles[project.id, gitlab.users["ruth-v"].id] = Role.PLANNER
        opened = gitlab.open

        def remember(*args, **facts):
            issue = opened(*args, **facts)
            if issue.author == gitlab.me:
                self.world.born(issue)
                self.creating.append(issue)
            return issue

        gitlab.open = remember  # type: ignore[method-assign]

    def _absences(self) -> Iterator[tuple[date, list[tuple[str, date, date, str | None]]]]:
        """When which absence is written into the roster: whole weeks, and a day or two."""
        by_day: dict[date, list[tuple[str, date, date, str | None]]] = {}
        for manager in MANAGERS:
            for number in self.rng.sample(range(2, 148), ABSENCES):
                monday = date(2027, 1, 4) + timedelta(weeks=number)
                others = [one for one in MANAGERS if one != manager]
                cover = self.rng.choice(others) if self.rng.random() < 0.75 else None
                whole = self.rng.random() < 0.6
                first = monday if whole else monday + timedelta(days=2)
                last = monday + timedelta(days=self.rng.randint(4, 6) if whole else 3)
                if whole:
                    self.calendar.away[manager, monday] = cover
                written = monday - timedelta(days=self.rng.randint(4, 30))
                by_day.setdefault(written, []).append((manager, first, last, cover))
        yield from by_day.items()

    def _change_roster(self, today: date) -> None:
        organisation = self.loops.organisation
        for when, change in SCRIPT:
            if when == today:
                organisation = change(organisation)
        for manager, first, last, cover in self.absences.get(today, ()):
            stands_in = id_on(cover, today) if cover else None
            organisation = goes_away(organisation, id_on(manager, today), first, last, stands_in)
        if organisation is not self.loops.organisation:
            self.loops = replace(self.loops, organisation=organisation)

    # --- The play -------------------------------------------------------------------------

    def play(self, until: date = END) -> Figures:
        for _ in range(8):
            self.world.start_initiative()
        day, out_until = BEGIN, BEGIN
        while day < until:
            self._change_roster(day)
            self._people(day)
            if day >= out_until and self.rng.random() < 0.008:
                out_until = day + timedelta(days=self.rng.randint(5, 16))
                self.figures.runs["outages"] += 1
            if day >= out_until:
                self._schedule(day)
            else:
                self.figures.runs["missing"] += 1
            if self.rng.random() < 0.01 and len(self.world.initiatives) < 14:
                self.world.start_initiative()
            self.world.care_for_initiatives()
            self.figures.days += 1
            day += timedelta(days=1)
        self._close_the_books()
        return self.figures

    def _people(self, day: date) -> None:
        self.gitlab.set_clock(datetime.combine(day, time(self.rng.randint(0, 4)), UTC))
        busy = 10 if day.weekday() < 5 else 3
        for _ in range(self.rng.randint(0, busy)):
            self.world.act()
        if day.weekday() == 4:
            self.world.tidy_up()

    def _schedule(self, day: date) -> None:
        """The day's run: in time or late, once or twice, whole, cut, or not at all."""
        late = self.rng.choice([0, 0, 0, 0, 2, 9, 16])
        now = datetime.combine(day, time(5), UTC) + timedelta(
            hours=late, seconds=self.rng.randint(0, 3599)
        )
        kinds = {"whole": 80, "missing": 7, "twice": 4, "overlapping": 3, "killed": 4, "lost": 4}
        kind = self.rng.choices(list(kinds), list(kinds.values()))[0]
        self.figures.runs[kind] += 1
        self.gitlab.set_clock(now)
        if kind == "missing":
            return
        if kind in {"killed", "lost"}:
            self._cut(now, kind)
            now += timedelta(minutes=self.rng.randint(0, 50))
            for _ in range(self.rng.randint(0, 3)):
                self.world.act()
        if kind == "overlapping":
            self._overlap(now)
            if self.rng.random() < 0.5:
                return
            now += timedelta(minutes=20)
        self._whole(now)
        if kind == "twice":
            self._whole(now + timedelta(minutes=self.rng.randint(0, 90)))

    def _plan(self, now: datetime) -> Plan:
        self.gitlab.set_clock(now)
        history = History(self.remembered)
        plan = make_plan(self.loops, self.gitlab, now, history=history)
        self.remembered = history.records
        self.figures.excesses += [f"{now:%F %R} {one}" for one in plan.excesses()]
        assert not plan.blocked, plan.problems
        assert len([one for one in plan.changes if isinstance(one, CreateIssue)]) <= 29
        return plan

    def _whole(self, now: datetime) -> None:
        plan = self._plan(now)
        outcomes = self._applied(plan, lambda: list(apply(plan, self.gitlab)))
        assert all(one.status is Status.DONE for one in outcomes or ()), outcomes
        self.expected |= {one.key for one in self._due(now)}
        self.unhealed = False
        again = self._plan(now)
        assert again.changes == (), again.changes
        self._check_run(now, [plan])
        self._check_settled(now)

    def _cut(self, now: datetime, kind: str) -> None:
        """A run that ends at some write, before or after its effect."""
        plan = self._plan(now)
        error = KeyboardInterrupt() if kind == "killed" else OutcomeUnknown("the answer was lost")
        hook = self.rng.choice(["before_write", "after_write"])
        setattr(self.gitlab, hook, AtWrite(self.rng.randint(1, 12), error))
        try:
            self._applied(plan, lambda: list(apply(plan, self.gitlab)))
        finally:
            setattr(self.gitlab, hook, lambda _what: None)
        made = {self.world.births[issue.ref].key for issue in self.creating}
        due = {one.key for one in self._due(now)}
        assert made <= due
        self.expected |= made
        self._check_run(now, [plan])

    def _overlap(self, now: datetime) -> None:
        """Two runs that planned at the same time, and write by turns."""
        plans = [self._plan(now), self._plan(now)]
        self._applied(plans[0], lambda: list(self._by_turns(plans)))
        made = Counter(self.world.births[issue.ref].key for issue in self.creating)
        self.overlapped |= {key for key, count in made.items() if count == 2}
        said = Counter(
            IssueRef(one.target.project_id, one.target.iid)
            for plan in plans
            for one in plan.changes
            if isinstance(one, Transition) and one.say
        )
        self.twice_said |= {ref for ref, count in said.items() if count > 1}
        self.unhealed = True
        # Each run is refused the labels that the other has just made, and leaves out what
        # needs them: in the first run ever, a loop may so have to wait for the next one.
        assert made.keys() <= {one.key for one in self._due(now)}
        self.expected |= made.keys()
        self._check_run(now, plans)

    def _by_turns(self, plans: list[Plan]) -> Iterator[Outcome]:
        runs = [apply(plan, self.gitlab) for plan in plans]
        while runs:
            run = self.rng.choice(runs)
            try:
                yield next(run)
            except StopIteration:
                runs.remove(run)

    def _due(self, now: datetime) -> list[Expected]:
        due = list(self.calendar.due(now))
        self.owners |= {one.key: one for one in due}
        return due

    def _applied(self, plan: Plan, run: Callable[[], list[Outcome]]) -> list[Outcome] | None:
        """Run with a watch on what Drumbeat may not touch."""
        self.creating = []
        touched = [one for one in plan.changes if isinstance(one, Transition)]
        self.before = {
            ref: (self.gitlab.issues[ref], self._left_alone(ref))
            for ref in {IssueRef(one.target.project_id, one.target.iid) for one in touched}
        }
        self.notes_before = {ref: len(self.gitlab.notes[ref]) for ref in self.before}
        self.events_before = {ref: len(self.gitlab.events[ref]) for ref in self.before}
        try:
            return run()
        except KeyboardInterrupt:
            return None

    # --- What must hold -------------------------------------------------------------------

    def _left_alone(self, ref: IssueRef) -> bool:
        """Whether a person reopened it after Drumbeat closed it (law 5)."""
        states = [one for one in self.gitlab.events[ref] if one.kind is EventKind.STATE]
        closed_by_us = any(one.action == "closed" and one.user == BOT for one in states)
        return closed_by_us and states[-1].action == "reopened"

    def _waived_again(self, ref: IssueRef) -> bool:
        """Whether a person, having reopened it, says that it is not needed."""
        return self._last(ref, "loop::waived") > self._last(ref, "reopened")

    def _last(self, ref: IssueRef, what: str) -> int:
        """Where in the history a label was put on last, or something was done."""
        events = self.gitlab.events[ref]
        added = [n for n, one in enumerate(events) if one.action in {"add", what}]
        return max((n for n in added if what in {events[n].label, events[n].action}), default=-1)

    def _check_run(self, now: datetime, plans: list[Plan]) -> None:
        self._check_births(now)
        for plan in plans:
            for change in plan.changes:
                if isinstance(change, Transition):
                    self._check_transition(change, now)
        for ref in self.before:
            self._check_issue(ref, now)
        self._check_keys()

    def _check_transition(self, change: Transition, now: datetime) -> None:
        ref = IssueRef(change.target.project_id, change.target.iid)
        was, left_alone = self.before[ref]
        self.figures.moved[change.to] += 1
        if ref in self.world.births:
            assert not left_alone or self._waived_again(ref), (
                "law 5: reopened by a person",
                change,
            )
            assert was.opened or not (change.say or change.close or change.assign), change
        else:
            assert ref in self.world.initiatives, ("not Drumbeat's", change)
            assert was.opened
            assert not change.close
        assert set(change.remove_labels) <= {*STATES, "initiative::stale"}, change
        if re.search(r"said (?:overdue|reminder)", change.marker):
            assert "snoozed" not in was.labels
            key = self.world.births[ref].key
            local = now + ahead(self._zone(key), now.date())
            assert local.weekday() < 5, ("spoken at the weekend", change, local)

    def _zone(self, key: Key) -> str:
        """Where the manager was when the loop opened."""
        day = self.owners[key].day
        return next(one.zone for one in STAYS if one.id == key[1] and one.last >= day)

    def _check_issue(self, ref: IssueRef, now: datetime) -> None:
        """One issue that the run touched, or would have."""
        was, _ = self.before[ref]
        issue = self.gitlab.issues[ref]
        assert issue.description == was.description, "law 3"
        assert (issue.title, issue.due_date) == (was.title, was.due_date)
        assert was.opened or not issue.opened, "law 5: what is closed stays closed"
        assert issue.labels - was.labels <= {*STATES, "initiative::stale"}
        assert was.labels - issue.labels <= {*STATES, "initiative::stale"}, (
            "law 3: labels of people"
        )
        new = self.gitlab.notes[ref][self.notes_before[ref] :]
        events = self.gitlab.events[ref][self.events_before[ref] :]
        assert all(one.author == BOT for one in new)
        assert all(one.action != "reopened" for one in events)
        if any(event.label in STATES for event in events) and not self.unhealed:
            cut = any(one.kind is EventKind.LABEL for one in events)
            assert len(issue.labels & set(STATES)) == 1 or not cut, issue.labels
        for note in new:
            self.figures.notes += 1
            if "drumbeat:said missed" in note.body:
                self._check_carried_over(issue, note.body)
            self.figures.said.update(what.split("-mgr")[0] for what in self._said(note))
        if new:
            self._check_said_once(ref)

    def _check_carried_over(self, old: Issue, said: str) -> None:
        """What a person promised in the old loop, and did not tick, stands in the new one, once."""
        link = re.search(r"\(https://gitlab.example.com/(\S+)/-/issues/(\d+)\)", said)
        assert link, said
        newer = self.world.births[IssueRef(self.gitlab.projects[link[1]].id, int(link[2]))]
        key = self.world.births[old.ref].key
        assert newer.key[:2] == key[:2]
        assert newer.key[2] > key[2]
        for text in re.findall(r"\[ \] (Promise \d+ kept)", old.description):
            # What is promised between a cut run that opened the new loop and the next run,
            # which closes the old one, stays behind.
            if self.world.promises[text] < newer.issue.created_at:
                self.figures.carried += 1
                assert newer.issue.description.count(text) == 1, (text, key)

    def _said(self, note: Note) -> Iterator[str]:
        for what, _ in MARK.findall(note.body):
            yield re.sub(r"-[0-9a-f]{12}$", "", what)

    def _check_said_once(self, ref: IssueRef) -> None:
        """Each marker once (law 4); an initiative's again where its label had gone meanwhile."""
        notes = [note for note in self.gitlab.notes[ref] if note.author == BOT and not note.system]
        marks = Counter(mark for note in notes for mark in MARK.findall(note.body))
        assert all(MARK.search(note.body) for note in notes)
        if self.world.moved_from.get(ref) in self.twice_said:
            self.twice_said.add(ref)  # its notes went along
        if ref in self.world.births:
            assert ref in self.twice_said or set(marks.values()) <= {1}, marks
            assert len(notes) <= MOST_SAID + 2 * (ref in self.twice_said), "law 8"
            return
        times = [note.created_at for note in notes]
        gone = [
            event.created_at
            for event in self.gitlab.events[ref]
            if event.label == "initiative::stale" and event.action == "remove"
        ]
        for one, two in itertools.pairwise(times):
            if ref not in self.twice_said:
                assert any(one <= moment <= two for moment in gone), "law 4: told twice"

    def _check_births(self, now: datetime) -> None:
        for issue in self.creating:
            key = self.world.births[issue.ref].key
            expected = self.owners.get(key) or next(one for one in self._due(now) if one.key == key)
            cadence, manager, period = key
            own = issue.description.split("## Carried over")[0]
            assert issue.description.count("<!-- drumbeat:loop ") == 1
            assert (
                f"drumbeat:loop {cadence}/{id_on(manager, now.date())}/{period} -->"
                in issue.description
            )
            assert issue.labels >= {"drumbeat", "loop::open", f"cadence::{cadence}"}
            assert len(issue.labels & set(STATES)) == 1
            assert "[x]" not in issue.description, "ticks are never carried"
            if cadence != "customer-interaction":
                assert {*ANCHOR.findall(own)} == team_on(manager, expected.day), key
            takes_it = now.date() if expected.owner == manager else expected.day
            assert [one.username for one in issue.assignees] == [username(expected.owner, takes_it)]
            assert issue.confidential == (cadence != "customer-interaction")
            assert issue.due_date is not None
            assert issue.due_date > expected.day
            assert issue.due_date.weekday() < 5

    def _check_keys(self) -> None:
        """The keys of all issues are those of the calendar, each once (law 1)."""
        births = self.world.births
        on = Counter(
            births[ref].key
            for ref in births
            if ref in self.gitlab.issues and self.gitlab.issues[ref].moved_to_id is None
        )
        self.expected -= {births[ref].key for ref in self.world.deleted} - on.keys()
        self.world.deleted.clear()
        assert on.keys() == self.expected, on.keys() ^ self.expected
        twice = {key for key, count in on.items() if count > 1}
        assert twice <= self.overlapped, twice - self.overlapped
        assert all(on[key] == 2 for key in twice)

    def _check_settled(self, now: datetime) -> None:
        """After a whole run: nothing complete is open, nothing lags behind, duplicates are healed."""
        gitlab, births = self.gitlab, self.world.births
        latest: dict[tuple[str, str], str] = {}
        for cadence, manager, period in self.expected:
            latest[cadence, manager] = max(period, latest.get((cadence, manager), ""))
        on: Counter[Key] = Counter()
        for issue in gitlab.issues.on.values():
            birth = births.get(issue.ref)
            if birth is None or not issue.opened or issue.labels & ENDED:
                continue
            odd = self.world.rewritten | self.world.in_conflict.keys()
            if (
                issue.ref in odd
                or not issue.project.startswith("support/")
                or self._left_alone(issue.ref)
            ):
                continue
            on[birth.key] += 1
            cadence, manager, period = birth.key
            assert not _complete(cadence, issue.description), ("complete and open", birth.key)
            gone = not any(one.id == manager and one.last >= now.date() for one in STAYS)
            assert period == latest[cadence, manager] or gone, ("left behind", birth.key)
        assert set(on.values()) <= {1}, [key for key, count in on.items() if count > 1]
        self._check_initiatives(now)

    def _check_initiatives(self, now: datetime) -> None:
        """The label tells who was quiet for three weeks, by human action alone (law 6)."""
        for ref in self.world.initiatives:
            issue = self.gitlab.issues[ref]
            if issue.opened and "initiative::paused" not in issue.labels:
                quiet = now - self.world.last_human[ref]
                if abs(quiet - timedelta(days=21)) > timedelta(seconds=5):
                    stale = "initiative::stale" in issue.labels
                    assert stale == (quiet > timedelta(days=21)), (issue.title, quiet, stale)

    def _close_the_books(self) -> None:
        gitlab, births = self.gitlab, self.world.births
        everything = {one.key for one in self._ever_due()}
        assert self.expected <= everything
        self.figures.missed_periods = len(everything - self.expected)
        self.figures.issues = len([ref for ref in births if ref in gitlab.issues])
        self.figures.deeds.update(self.world.deeds)

    def _ever_due(self) -> Iterable[Expected]:
        moment = datetime.combine(BEGIN, time(0), UTC)
        while moment < datetime.combine(END, time(0), UTC):
            yield from self.calendar.due(moment)
            moment += timedelta(hours=12)


def _complete(cadence: str, description: str) -> bool:
    """Whether all that the policy asks for is ticked, read line by line."""
    own = re.split(r"^## Carried over", description, flags=re.MULTILINE)[0]
    if cadence == "customer-interaction":
        section = re.split(r"^## ", own, flags=re.MULTILINE)[1]
        return any(mark in "xX" for mark, _ in BOX.findall(section))
    if cadence == "ticket-review":
        sections = re.split(r"^### ", own, flags=re.MULTILINE)[1:]
        ticked = [sum(mark in "xX" for mark, _ in BOX.findall(one)) for one in sections]
        return all(count >= 2 for count in ticked)
    marks = [mark for mark, _ in BOX.findall(own)]
    return " " not in marks and any(mark in "xX" for mark in marks)
