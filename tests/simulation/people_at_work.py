"""What people and other bots do to issues, by a seeded die; what they did is remembered."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from automation.model.issue import Issue, IssueRef, User
from tests.simulation.calendar_by_hand import Key, week_label
from tests.simulation.changing_roster import NAMES, NEW_NAME
from tests.simulation.shelf import QuickGitLab

KINDS = {
    "Weekly 1:1s": "one-on-one",
    "Ticket review": "ticket-review",
    "Customer interaction": "customer-interaction",
    "Career talks": "career-talk",
}
TITLE = re.compile(rf"({'|'.join(KINDS)}) of (.+) · (\S+)")
MARKER = re.compile(r"\n*<!-- drumbeat:loop \S+ -->")
BOX = re.compile(r"^\s*[-*] \[([ xX~])\] (.*)$", re.MULTILINE)
STATES = ("loop::open", "loop::overdue", "loop::done", "loop::missed", "loop::waived")
GROUPS = ("baobab", "cedar", "ginkgo", "jacaranda", "maple")


def key_of(title: str) -> Key:
    """The key that a loop was opened with, by its title alone."""
    found = TITLE.fullmatch(title)
    assert found, title
    return KINDS[found[1]], NAMES[found[2]], found[3]


@dataclass
class Birth:
    """How Drumbeat opened a loop."""

    key: Key
    issue: Issue


@dataclass
class World:
    """A GitLab, and what its people remember of it."""

    gitlab: QuickGitLab
    rng: random.Random
    births: dict[IssueRef, Birth] = field(default_factory=dict)
    deleted: set[IssueRef] = field(default_factory=set)
    rewritten: set[IssueRef] = field(default_factory=set)
    retitled: set[IssueRef] = field(default_factory=set)
    in_conflict: dict[IssueRef, Key] = field(default_factory=dict)
    promises: dict[str, datetime] = field(default_factory=dict)
    moved_from: dict[IssueRef, IssueRef] = field(default_factory=dict)
    last_human: dict[IssueRef, datetime] = field(default_factory=dict)
    initiatives: list[IssueRef] = field(default_factory=list)
    quiet_until: dict[IssueRef, datetime] = field(default_factory=dict)
    deeds: dict[str, int] = field(default_factory=dict)
    count: int = 0

    def __post_init__(self) -> None:
        self.people = [self.gitlab.with_user(name) for name in ("casey", "robin", "sasha")]
        self.robot = self.gitlab.with_user("housekeeping-bot", bot=False)
        self.token = self.gitlab.with_user("project_17_bot_0a1b2c3d4e5f")

    @property
    def someone(self) -> User:
        return self.rng.choice(self.people)

    def born(self, issue: Issue) -> None:
        """Drumbeat opened a loop."""
        self.births[issue.ref] = Birth(key_of(issue.title), issue)

    # --- On loops -------------------------------------------------------------------------

    def act(self) -> None:
        """Somebody does something to some loop."""
        on = [ref for ref in self.gitlab.issues.on if ref in self.births]
        if not on:
            return
        recent = [ref for _, _, ref in self.gitlab.issues.by_time[-40:] if ref in self.births]
        pool = recent if self.rng.random() < 0.3 else on
        issue = self.gitlab.issues[self.rng.choice(pool)]
        names = list(DEEDS)
        name = self.rng.choices(names, [DEEDS[one][0] for one in names])[0]
        if DEEDS[name][1](self, issue) is not False:
            self.deeds[name] = self.deeds.get(name, 0) + 1

    def tick_some(self, issue: Issue) -> None:
        boxes = len(BOX.findall(issue.description))
        wanted = self.rng.sample(range(1, boxes + 1), self.rng.randint(0, min(boxes, 9)))
        self.gitlab.tick(issue, self.someone, *(wanted or [1]))

    def tick_all(self, issue: Issue) -> None:
        self.gitlab.tick(issue, self.someone)

    def cross_out(self, issue: Issue) -> None:
        self.gitlab.tick(issue, self.someone, self.rng.randint(1, 8), box="[~]")

    def untick(self, issue: Issue) -> None:
        self.gitlab.untick(issue, self.someone, self.rng.randint(1, 8))

    def promise(self, issue: Issue) -> bool | None:
        """A box of one's own, below the last name; carried over while it is open."""
        if issue.ref in self.rewritten:
            return False
        self.count += 1
        text = f"Promise {self.count} kept"
        self.promises[text] = self.gitlab.now
        lines = issue.description.split("\n")
        boxes = [n for n, line in enumerate(lines) if BOX.match(line)]
        lines.insert(boxes[-1] + 1 if boxes else 0, f"- [ ] {text}")
        self.gitlab.edit(issue, self.someone, "\n".join(lines))
        return None

    def write_between(self, issue: Issue) -> None:
        self.gitlab.edit(issue, self.someone, f"Good morning!\n\n{issue.description}")

    def rewrite(self, issue: Issue) -> bool | None:
        """The whole text is new: marker and sections are gone, the title alone tells the key."""
        key = self.births[issue.ref].key
        renamed = key[1] == "mgr-emea-1" and NEW_NAME[0] <= self.today <= NEW_NAME[1]
        if issue.ref in self.retitled or issue.ref in self.in_conflict or renamed:
            return False
        boxes = "- [ ] all new\n- [x] half done" if self.rng.random() < 0.7 else "See our wiki."
        self.rewritten.add(issue.ref)
        self.gitlab.edit(issue, self.someone, boxes)
        return None

    def retitle(self, issue: Issue) -> bool | None:
        if issue.ref in self.rewritten or issue.ref in self.in_conflict:
            return False
        self.retitled.add(issue.ref)
        self.gitlab.rename(issue, self.someone, f"something else {self.rng.randint(0, 9)}")
        return None

    def take_title(self, issue: Issue) -> bool | None:
        """It bears the title of a sister loop: the carriers disagree from now on."""
        cadence, manager, period = self.births[issue.ref].key
        sisters = [
            birth
            for ref, birth in self.births.items()
            if birth.key[1:] == (manager, period) and birth.key[0] != cadence
            if ref in self.gitlab.issues
        ]
        if not sisters or issue.ref in self.rewritten or issue.ref in self.retitled:
            return False
        sister = self.rng.choice(sisters)
        self.in_conflict[issue.ref] = sister.key
        self.gitlab.rename(issue, self.someone, sister.issue.title)
        return None

    def comment(self, issue: Issue) -> None:
        quoted = self.rng.choice(["Done on Friday.", issue.description, "/close\n@all"])
        self.gitlab.comment(issue, self.someone, quoted)

    def quote_drumbeat(self, issue: Issue) -> bool | None:
        """A person copies what Drumbeat said, hidden marker and all: it proves nothing."""
        said = self.gitlab.said_on(issue)
        if not said:
            return False
        self.gitlab.comment(issue, self.someone, said[-1])
        return None

    def forge(self, issue: Issue) -> None:
        """A person says beforehand what Drumbeat would say."""
        what = self.rng.choice(["done", "overdue", "missed", "duplicate"])
        key = "/".join(self.births[issue.ref].key)
        self.gitlab.comment(issue, self.someone, f"<!-- drumbeat:said {what} {key} -->")

    def close(self, issue: Issue) -> bool | None:
        if not issue.opened:
            return False
        self.gitlab.close(issue, self.someone)
        return None

    def reopen(self, issue: Issue) -> bool | None:
        if issue.opened or issue.moved_to_id is not None:
            return False
        self.gitlab.reopen(issue, self.someone)
        if self.rng.random() < 0.4:
            ended = [one for one in issue.labels if one in STATES[2:]]
            self.gitlab.relabel(self.gitlab.current(issue), self.someone, remove=ended)
        return None

    def waive(self, issue: Issue) -> None:
        removed = ["loop::open"] * self.rng.randint(0, 1)
        self.gitlab.relabel(issue, self.someone, add=["loop::waived"], remove=removed)

    def snooze(self, issue: Issue) -> None:
        self.gitlab.relabel(issue, self.someone, add=["snoozed", "mine"])

    def unsnooze(self, issue: Issue) -> None:
        self.gitlab.relabel(issue, self.someone, remove=["snoozed"])

    def strip(self, issue: Issue) -> None:
        self.gitlab.relabel(issue, self.someone, remove=issue.labels)

    def set_state(self, issue: Issue) -> None:
        self.gitlab.relabel(issue, self.someone, add=[self.rng.choice(STATES)])

    def postpone(self, issue: Issue) -> None:
        due = (issue.due_date or self.today) + timedelta(days=self.rng.randint(1, 9))
        self.gitlab.change_due_date(issue, self.someone, due)

    def undate(self, issue: Issue) -> None:
        self.gitlab.change_due_date(issue, self.someone, None)

    def move(self, issue: Issue) -> bool | None:
        """Into another project, inside the group or where Drumbeat sees nothing of it."""
        if not issue.opened or issue.project == "elsewhere/theirs":
            return False
        place = "support/archive" if self.rng.random() < 0.6 else "elsewhere/theirs"
        if issue.project == place:
            return False
        copy = self.gitlab.move(issue, self.someone, place)
        self.births[copy.ref] = self.births[issue.ref]
        self.moved_from[copy.ref] = issue.ref
        for kept in (self.rewritten, self.retitled):
            if issue.ref in kept:
                kept.add(copy.ref)
        if issue.ref in self.in_conflict:
            self.in_conflict[copy.ref] = self.in_conflict[issue.ref]
        return None

    def delete(self, issue: Issue) -> bool | None:
        """An owner deletes it; then it opens again while its period lasts."""
        key = self.births[issue.ref].key
        taken = key in self.in_conflict.values() or issue.ref in self.in_conflict
        if taken or issue.moved_to_id is not None or issue.project == "support/archive":
            return False
        if issue.project == "elsewhere/theirs":
            return False
        self.deleted.add(issue.ref)
        self.gitlab.delete(issue)
        return None

    def impostor(self, issue: Issue) -> None:
        """A person opens an issue that looks just like a loop, one of next week at times."""
        birth = self.births[issue.ref]
        title, period = birth.issue.title, birth.key[2]
        to = period
        if "-W" in period and self.rng.random() < 0.5:
            to = week_label(self.today + timedelta(days=7 - self.today.weekday()))
        labels = issue.labels if self.rng.random() < 0.5 else ()
        self.gitlab.open(
            "support/loops",
            title.replace(period, to),
            birth.issue.description.replace(period, to),
            author=self.someone,
            labels=labels,
        )

    def noise(self, issue: Issue) -> None:
        self.gitlab.comment(issue, self.robot, "Build 17 passed.")
        self.gitlab.relabel(issue, self.token, add=["ci::green"])

    @property
    def today(self) -> date:
        return self.gitlab.now.date()

    def tidy_up(self) -> None:
        """Somebody closes what has been open for two months."""
        long_ago = self.gitlab.now - timedelta(days=60)
        for ref in list(self.gitlab.issues.on):
            issue = self.gitlab.issues[ref]
            old = issue.opened and issue.created_at < long_ago and ref not in self.initiatives
            if old and "Career" not in issue.title and self.rng.random() < 0.3:
                self.gitlab.close(issue, self.someone)

    # --- On initiatives -------------------------------------------------------------------

    def start_initiative(self) -> None:
        path = f"support/sgg/{self.rng.choice(GROUPS)}"
        text = "- [ ] Find out who is in\n- [ ] Write a draft"
        issue = self.gitlab.open(
            path, f"Initiative {len(self.initiatives)}", text, author=self.someone, labels=["SGG"]
        )
        self.initiatives.append(issue.ref)
        self.last_human[issue.ref] = self.gitlab.now

    def care_for_initiatives(self) -> None:
        """A day on the initiatives: each is busy or quiet for a time; bots never rest."""
        for ref in self.initiatives:
            issue, roll = self.gitlab.issues[ref], self.rng.random()
            if roll < 0.06:
                self._bot_stirs(issue)
            if self.gitlab.now < self.quiet_until.get(ref, self.gitlab.now):
                continue
            if roll > 0.80:
                self._person_stirs(issue)
            elif 0.5 < roll < 0.54:
                days = timedelta(days=self.rng.randint(5, 60), hours=self.rng.randint(0, 23))
                self.quiet_until[ref] = self.gitlab.now + days

    def _person_stirs(self, issue: Issue) -> None:
        who, gitlab = self.someone, self.gitlab
        stale = {"initiative::stale"}
        stirring: tuple[Callable[[], object], ...] = (
            lambda: gitlab.comment(issue, who, "On it."),
            lambda: gitlab.tick(issue, who, 1),
            lambda: gitlab.rename(issue, who, f"{issue.title[:40]}!"),
            lambda: gitlab.change_due_date(issue, who, self.today + timedelta(days=30)),
            lambda: gitlab.comment(issue, who, "mentioned in commit 0a1b2c3d", system=True),
            lambda: gitlab.relabel(issue, who, add=[f"theme::{self.rng.randint(0, 10**6)}"]),
            lambda: gitlab.relabel(
                issue, who, add=stale - issue.labels, remove=issue.labels & stale
            ),
            lambda: self._pause(issue, who),
            lambda: self._close_or_reopen(issue, who),
        )
        self.rng.choices(stirring, [6, 4, 1, 1, 2, 2, 1, 1, 1])[0]()
        self.last_human[issue.ref] = gitlab.now

    def _pause(self, issue: Issue, who: User) -> None:
        paused = {"initiative::paused"}
        self.gitlab.relabel(issue, who, add=paused - issue.labels, remove=paused & issue.labels)

    def _close_or_reopen(self, issue: Issue, who: User) -> None:
        (self.gitlab.close if issue.opened else self.gitlab.reopen)(issue, who)

    def _bot_stirs(self, issue: Issue) -> None:
        gitlab, who = self.gitlab, self.rng.choice([self.robot, self.token])
        stale = {"initiative::stale"}
        stirring: tuple[Callable[[], object], ...] = (
            lambda: gitlab.comment(issue, who, "Any news?"),
            lambda: gitlab.relabel(issue, who, add=[f"ci::{self.rng.randint(0, 10**6)}"]),
            lambda: gitlab.relabel(issue, who, remove=stale),
            lambda: gitlab.comment(issue, self.someone, "mentioned in issue #7", system=True),
            lambda: gitlab.comment(issue, self.someone, "locked this issue", system=True),
        )
        self.rng.choices(stirring, [4, 3, 1, 2, 1])[0]()


DEEDS: dict[str, tuple[float, Callable[[World, Issue], bool | None]]] = {
    "tick_some": (30, World.tick_some),
    "tick_all": (60, World.tick_all),
    "cross_out": (4, World.cross_out),
    "untick": (2, World.untick),
    "promise": (10, World.promise),
    "write_between": (3, World.write_between),
    "rewrite": (1.5, World.rewrite),
    "retitle": (1.5, World.retitle),
    "take_title": (0.5, World.take_title),
    "comment": (4, World.comment),
    "quote_drumbeat": (1, World.quote_drumbeat),
    "forge": (1, World.forge),
    "close": (5, World.close),
    "reopen": (5, World.reopen),
    "waive": (2, World.waive),
    "snooze": (2, World.snooze),
    "unsnooze": (1, World.unsnooze),
    "strip": (1, World.strip),
    "set_state": (1.5, World.set_state),
    "postpone": (3, World.postpone),
    "undate": (0.7, World.undate),
    "move": (1, World.move),
    "delete": (0.6, World.delete),
    "impostor": (1.5, World.impostor),
    "noise": (3, World.noise),
}
"""How often, and what."""
