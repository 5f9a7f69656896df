"""The truth table of quiet time: histories that people and bots make, and the instant that counts.

All of them are played over HTTP on one embedded GitLab, by people and bots with tokens of
their own, one issue each. The instants are then read through the real reader, and a plan at the
end labels exactly those issues that were quiet (law 6).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from automation.commands.workspace import open_loops
from automation.identity import Trust
from automation.model.issue import Issue, IssueQuery
from automation.model.snapshot import Snapshot
from automation.planner import find_out
from automation.remote import connect
from automation.rules.quiet import Humans, narrowed
from tests.e2e.conftest import served
from tests.e2e.drive import planned
from tests.e2e.outside import (
    BOT,
    OTHER_BOT,
    PLANNER,
    REPORTER,
    Person,
    Site,
    at,
    escaped,
    initiative,
)
from tests.e2e.small import manager, repository, roster, settings, settle

DAY0 = datetime(2026, 10, 1, 9, tzinfo=UTC)
NOW = (DAY0 + timedelta(days=30)).isoformat()
QUIET_DAYS = 21
FRESH = 30 - QUIET_DAYS
"""What happened before this day is three weeks ago in the end."""

PROJECT = f"/projects/{escaped('support/sgg/oak')}"
OLD_BOT = "former-drumbeat"

Act = Callable[[Person, dict[str, Any]], Any]


def sent(place: str, **data: Any) -> Act:
    """A POST below the issue."""
    return lambda who, issue: who.post(f"{at(issue)}/{place}", **data)


def edited(**fields: Any) -> Act:
    return lambda who, issue: who.edit(issue, **fields)


comment = sent("notes", body="Here is news")
internal = sent("notes", body="Between us", internal=True)
thread = sent("discussions", body="What do you think?")
reacts = sent("award_emoji", name="thumbsup")
labels = edited(add_labels="urgent")
unlabels = edited(remove_labels="first")
closes = edited(state_event="close")
reopens = edited(state_event="reopen")
renames = edited(title="A better title")
rewrites = edited(description="- [x] Find out who is in\n- [ ] Write another draft")
due = edited(due_date="2026-12-24")
no_due = edited(due_date="")
weighs = edited(weight=3)
hides = edited(confidential=True)
locks = edited(discussion_locked=True)
unlocks = edited(discussion_locked=False)
no_assignee = edited(assignee_ids=[])
spends = sent("add_spent_time", duration="1h")
spends_less = sent("add_spent_time", duration="-30m")
forgets_time = sent("reset_spent_time")
estimates = sent("time_estimate", duration="3h")
speaks_and_labels = sent("notes", body="Let us see.\n\n/label ~urgent")
only_labels = sent("notes", body="/label ~urgent")
speaks_and_closes = sent("notes", body="That was it.\n\n/close")


def ticks(who: Person, issue: dict[str, Any]) -> None:
    who.tick(issue)


def unticks(who: Person, issue: dict[str, Any]) -> None:
    who.edit(issue, description=who.see(issue)["description"].replace("[x]", "[ ]"))


def assigns(who: Person, issue: dict[str, Any]) -> None:
    who.edit(issue, assignee_ids=[who.get("/user")["id"]])


def plans(who: Person, issue: dict[str, Any]) -> None:
    who.edit(issue, milestone_id=who.get(f"{PROJECT}/milestones")[0]["id"])


def links(who: Person, issue: dict[str, Any]) -> None:
    who.post(f"{at(issue)}/links", target_project_id=issue["project_id"], target_issue_iid=1)


def unlinks(who: Person, issue: dict[str, Any]) -> None:
    (link,) = who.get(f"{at(issue)}/links")
    who.delete(f"{at(issue)}/links/{link['issue_link_id']}")


def mends(who: Person, issue: dict[str, Any]) -> None:
    """Edits what was said before."""
    who.put(f"{at(issue)}/notes/{who.notes(issue)[-1]['id']}", body="Here was news")


def withdraws(who: Person, issue: dict[str, Any]) -> None:
    """Deletes what was said before."""
    who.delete(f"{at(issue)}/notes/{who.notes(issue)[-1]['id']}")


def often(act: Act, times: int) -> Act:
    def acts(who: Person, issue: dict[str, Any]) -> None:
        for _ in range(times):
            act(who, issue)

    return acts


def told(body: str) -> Act:
    """What GitLab writes in somebody's name about something that is not played here."""

    def tells(who: Person, issue: dict[str, Any]) -> None:
        root = Site(who.url).root
        place = {"project": str(issue["project_id"]), "iid": issue["iid"]}
        root.post("/sandbox/system_notes", **place, author=who.username, body=body)

    return tells


commit = told("mentioned in commit 54f7727c")
merge_request = told("mentioned in merge request !12")
elsewhere = told("mentioned in issue support/loops#5")

Steps = list[tuple[int, str, Act]]
EVE, FAY, BLOCKED, GONE = "eve", "fay", "bess", "gus"
"""Eve is in the roster, Fay is not; Bess is blocked in the end, Gus deleted."""
TOKEN, GROUP_TOKEN, REVOKED = "a project's token", "a group's token", "a revoked token"
SERVICE, HELPER = "a service account", "helper"
"""Service accounts: one with the name that GitLab gives, one with a name of its own."""

# What happened on which day, by whom; the day that counts, where 0 is when it was opened.
HISTORIES: list[tuple[str, Steps, int]] = [
    ("nothing", [], 0),
    # --- What people do ---------------------------------------------------------------
    ("a comment", [(12, EVE, comment)], 12),
    ("an internal note", [(12, EVE, internal)], 12),
    ("a thread", [(12, EVE, thread)], 12),
    ("the last of several comments", [(3, EVE, comment), (5, EVE, comment), (12, EVE, comment)], 12),
    ("somebody else's comment", [(3, EVE, comment), (12, "anna", comment)], 12),
    ("a comment of somebody outside the roster", [(12, FAY, comment)], 12),
    ("an edit", [(12, EVE, rewrites)], 12),
    ("a title", [(12, EVE, renames)], 12),
    ("a tick", [(12, EVE, ticks)], 12),
    ("an untick", [(12, EVE, unticks)], 12),
    ("a tick of somebody outside the roster", [(12, FAY, ticks)], 12),
    ("a label", [(12, EVE, labels)], 12),
    ("a label taken away", [(12, EVE, unlabels)], 12),
    ("closed and reopened", [(12, EVE, closes), (13, EVE, reopens)], 13),
    ("closed", [(12, EVE, closes)], 12),
    ("closed with a word", [(12, EVE, speaks_and_closes)], 12),
    ("a milestone", [(12, EVE, plans)], 12),
    ("a milestone taken away", [(11, EVE, plans), (12, EVE, edited(milestone_id=0))], 12),
    ("an assignee", [(12, EVE, assigns)], 12),
    ("an assignee taken away", [(3, EVE, assigns), (12, EVE, no_assignee)], 12),
    ("a due date", [(12, EVE, due)], 12),
    ("a due date taken away", [(3, EVE, due), (12, EVE, no_due)], 12),
    ("a start date", [(12, EVE, told("changed start date to December 1, 2026"))], 12),
    ("a weight", [(12, EVE, weighs)], 12),
    ("a weight taken away", [(3, EVE, weighs), (12, EVE, edited(weight=None))], 12),
    ("time spent", [(12, EVE, spends)], 12),
    ("time taken back", [(3, EVE, spends), (12, EVE, spends_less)], 12),
    ("time forgotten", [(3, EVE, spends), (12, EVE, forgets_time)], 12),
    ("an estimate", [(12, EVE, estimates)], 12),
    ("a link", [(12, EVE, links)], 12),
    ("a link taken away", [(3, EVE, links), (12, EVE, unlinks)], 12),
    ("made confidential", [(12, EVE, hides)], 12),
    ("another type", [(12, EVE, told("changed type from issue to incident"))], 12),
    ("a commit", [(12, EVE, commit)], 12),
    ("a merge request", [(12, EVE, merge_request)], 12),
    ("a merge request elsewhere", [(12, EVE, told("mentioned in merge request a/b!1"))], 12),
    ("a word with a quick action", [(12, EVE, speaks_and_labels)], 12),
    ("a quick action without a word", [(12, EVE, only_labels)], 12),
    ("a comment that reads like a lock", [(12, EVE, sent("notes", body="locked this issue"))], 12),
    (
        "a comment that reads like a mention",
        [(12, EVE, sent("notes", body="mentioned in issue #1"))],
        12,
    ),
    ("a comment, and its author was blocked", [(12, BLOCKED, comment)], 12),
    ("a label, and whoever set it was blocked", [(12, BLOCKED, labels)], 12),
    # --- What does not count, whoever does it -------------------------------------------
    ("a mention in another issue", [(12, EVE, elsewhere)], 0),
    ("a mention in an epic", [(3, EVE, comment), (12, EVE, told("mentioned in epic &3"))], 3),
    ("a mention in a task", [(12, EVE, told("Mentioned in task #5"))], 0),
    ("locked", [(3, EVE, comment), (12, EVE, locks)], 3),
    ("locked and unlocked", [(12, EVE, locks), (13, EVE, unlocks)], 0),
    ("a reaction", [(3, EVE, comment), (12, EVE, reacts)], 3),
    ("an old comment mended", [(3, EVE, comment), (12, EVE, mends)], 3),
    ("a comment withdrawn", [(3, EVE, comment), (12, EVE, comment), (13, EVE, withdraws)], 3),
    ("a comment of somebody who was deleted", [(3, EVE, comment), (12, GONE, comment)], 3),
    ("a label of somebody who was deleted", [(12, GONE, labels)], 0),
    ("closed by somebody who was deleted", [(12, GONE, closes)], 0),
    # --- What bots do ---------------------------------------------------------------------
    ("Drumbeat's note", [(3, EVE, comment), (12, BOT, comment)], 3),
    ("Drumbeat's label", [(12, BOT, labels)], 0),
    ("Drumbeat's note with a label", [(3, EVE, ticks), (12, BOT, speaks_and_labels)], 3),
    ("Drumbeat's note that closes", [(3, EVE, labels), (12, BOT, speaks_and_closes)], 3),
    ("closed by Drumbeat, reopened by a person", [(12, BOT, closes), (13, EVE, reopens)], 13),
    ("closed by a person, reopened by Drumbeat", [(3, EVE, closes), (12, BOT, reopens)], 3),
    ("Drumbeat's assignment", [(12, BOT, assigns)], 0),
    ("an older Drumbeat's note", [(12, OLD_BOT, comment)], 0),
    ("a bot's comment", [(3, EVE, comment), (12, OTHER_BOT, comment)], 3),
    ("a bot's internal note", [(12, OTHER_BOT, internal)], 0),
    ("a bot's edit", [(12, OTHER_BOT, rewrites)], 0),
    ("a bot's title", [(12, OTHER_BOT, renames)], 0),
    ("a bot's tick", [(3, EVE, labels), (12, OTHER_BOT, ticks)], 3),
    ("a bot's label", [(3, EVE, labels), (12, OTHER_BOT, unlabels)], 3),
    ("a bot's milestone", [(12, OTHER_BOT, plans)], 0),
    ("a bot's due date", [(3, EVE, weighs), (12, OTHER_BOT, due)], 3),
    ("a bot's weight", [(3, EVE, due), (12, OTHER_BOT, weighs)], 3),
    ("a bot's time", [(12, OTHER_BOT, spends)], 0),
    ("a bot's link", [(12, OTHER_BOT, links)], 0),
    ("a bot's commit", [(12, OTHER_BOT, commit)], 0),
    ("a bot's close and reopen", [(12, OTHER_BOT, closes), (13, OTHER_BOT, reopens)], 0),
    ("a project token's comment", [(3, FAY, comment), (12, TOKEN, comment)], 3),
    ("a project token's label", [(12, TOKEN, labels)], 0),
    ("a group token's comment", [(3, EVE, spends), (12, GROUP_TOKEN, comment)], 3),
    ("a revoked token's comment", [(12, REVOKED, comment)], 0),
    ("a service account's comment", [(12, SERVICE, comment)], 0),
    ("a service account with a person's name", [(3, EVE, comment), (12, HELPER, comment)], 3),
    ("its label", [(3, FAY, plans), (12, HELPER, labels)], 3),
    ("its commit", [(12, HELPER, commit)], 0),
    # --- Mixed ------------------------------------------------------------------------------
    ("a person after a bot", [(5, OTHER_BOT, comment), (12, EVE, comment)], 12),
    ("a bot after a person", [(12, EVE, comment), (13, OTHER_BOT, comment)], 12),
    (
        "a person between bots",
        [(5, TOKEN, labels), (12, FAY, due), (13, OTHER_BOT, comment), (14, BOT, unlabels)],
        12,
    ),
    (
        "all streams, a bot in each after the person",
        [
            (2, EVE, comment), (3, EVE, labels), (4, EVE, plans), (5, EVE, weighs),
            (12, BOT, comment), (13, OTHER_BOT, unlabels), (14, TOKEN, edited(weight=5)),
            (15, HELPER, edited(milestone_id=0)), (16, BOT, closes),
        ],
        5,
    ),
    (
        "the weight is the last that a person did",
        [(2, EVE, comment), (12, EVE, weighs), (13, HELPER, comment)],
        12,
    ),
    (
        "hundreds of a bot's notes after a person's word",
        [(5, EVE, comment), (12, OTHER_BOT, often(told("changed the description"), 230))],
        5,
    ),
    (
        "a bot's noise by the hundred, and a person's word in it",
        [
            (2, TOKEN, often(told("changed the description"), 60)), (12, FAY, comment),
            (13, HELPER, often(told("assigned to @eve"), 130)),
        ],
        12,
    ),
    (
        "a hundred labels of a bot after a person's",
        [(5, EVE, labels), (12, OTHER_BOT, lambda who, issue: flips(who, issue, 55))],
        5,
    ),
    ("a person who undoes a bot's close", [(12, OTHER_BOT, closes), (13, FAY, reopens)], 13),
    ("a person's link and a mention", [(3, EVE, links), (12, FAY, elsewhere)], 3),
    ("a lock by a person, a label by a bot", [(12, EVE, locks), (13, TOKEN, labels)], 0),
    ("somebody who is gone after a person", [(4, FAY, ticks), (12, GONE, rewrites)], 4),
]  # fmt: skip

# The same with one kind switched off in the settings: the day that counts then.
SWITCHED: list[tuple[str, Steps, int]] = [
    ("comments", [(3, EVE, ticks), (12, EVE, comment)], 3),
    ("edits", [(3, EVE, comment), (12, EVE, rewrites), (13, EVE, renames)], 3),
    ("ticks", [(3, EVE, comment), (12, EVE, ticks)], 3),
    ("labels", [(3, EVE, comment), (12, EVE, labels)], 3),
    ("state", [(3, EVE, comment), (12, EVE, closes), (13, EVE, reopens)], 3),
    ("milestone", [(3, EVE, comment), (12, EVE, plans)], 3),
    ("assignees", [(3, EVE, comment), (12, EVE, assigns)], 3),
    ("dates", [(3, EVE, comment), (12, EVE, due)], 3),
    ("weight", [(3, EVE, comment), (12, EVE, weighs)], 3),
    ("iteration", [(3, EVE, comment), (12, EVE, labels)], 12),
    ("time_spent", [(3, EVE, comment), (12, EVE, spends), (13, EVE, estimates)], 3),
    ("references", [(3, EVE, comment), (12, EVE, commit), (13, EVE, merge_request)], 3),
    ("other", [(3, EVE, comment), (12, EVE, links), (13, EVE, hides)], 3),
]


def flips(who: Person, issue: dict[str, Any], times: int) -> None:
    """Sets and takes away a label, over and over."""
    for _ in range(times):
        who.edit(issue, add_labels="flip")
        who.edit(issue, remove_labels="flip")


@dataclass
class History:
    """A history to play: its issue is labelled with the settings under which it counts."""

    name: str
    steps: Steps
    day: int
    off: str = ""
    issue: dict[str, Any] = field(default_factory=dict)
    spans: dict[int, tuple[datetime, datetime]] = field(default_factory=dict)

    @property
    def label(self) -> str:
        return f"off-{self.off}" if self.off else "all-on"


def all_histories() -> Iterator[History]:
    yield from (History(name, steps, day) for name, steps, day in HISTORIES)
    yield from (History(f"without {off}", steps, day, off) for off, steps, day in SWITCHED)


@dataclass
class Played:
    """A GitLab in which all of them have happened, and the folder for Drumbeat's repositories."""

    site: Site
    histories: dict[str, History]
    folder: Any

    def repository(self, off: str) -> Any:
        """Drumbeat's repository with one kind switched off, or none."""
        label = f"off-{off}" if off else "all-on"
        rule = {
            "name": "stale",
            "when": f"quiet_for > days({QUIET_DAYS})",
            "do": {"label": "initiative::stale"},
        }
        where = {"group": "support/sgg", "state": "all", "labels": [label]}
        policy = {"kind": "triage", "name": "quiet-ones", "where": where, "rules": [rule]}
        activity = {"activity": {off: False}} if off else {}
        chosen = settings(bots=["*-bot"], drumbeat_users=[BOT, OLD_BOT], **activity)
        eve = {"id": EVE, "username": EVE}
        people = roster(manager("anna", reports=[eve]))
        return repository(self.folder / (off or "all"), chosen, people, policy)


def clock(site: Site) -> datetime:
    return datetime.fromisoformat(site.root.get("/sandbox/clock")["now"])


def populated(site: Site) -> dict[str, Person]:
    """Everybody who acts, by the name that the histories give them."""
    settle(site, "anna")
    site.project("support/sgg/oak")
    site.root.post(f"{PROJECT}/milestones", title="Spring")
    for name in (EVE, FAY, BLOCKED, GONE, OTHER_BOT, OLD_BOT):
        site.user(name)
        site.member("groups", "support/sgg", name, PLANNER)
    site.member("groups", "support/sgg", "anna", REPORTER)
    people = {name: site[name] for name in site.tokens}
    for name, username in ((SERVICE, ""), (HELPER, HELPER)):
        given = {"username": username} if username else {}
        account = site.root.post("/service_accounts", **given)
        path = f"/users/{account['id']}/personal_access_tokens"
        token = site.root.post(path, name="robot", scopes=["api"])["token"]
        people[name] = Person(site.url, token, account["username"])
        site.member("groups", "support/sgg", account["username"], PLANNER)
    for name, place in (
        (TOKEN, PROJECT),
        (REVOKED, PROJECT),
        (GROUP_TOKEN, "/groups/support%2Fsgg"),
    ):
        people[name] = bot_of(site, name, place)
    return people


def bot_of(site: Site, name: str, place: str) -> Person:
    """A token of a project or group, whose user GitLab makes."""
    data = {"scopes": ["api"], "access_level": REPORTER, "expires_at": "2027-09-01"}
    made = site.root.post(f"{place}/access_tokens", name=name, **data)
    bot = Person(site.url, made["token"])
    return Person(site.url, made["token"], bot.get("/user")["username"])


def play(site: Site, people: dict[str, Person]) -> dict[str, History]:
    """All histories, day by day."""
    histories = {one.name: one for one in all_histories()}
    site.at(DAY0.isoformat())
    initiative(people[EVE], "oak", "What others are linked to")
    for one in histories.values():
        before = clock(site)
        one.issue = initiative(people[EVE], "oak", one.name, labels=f"{one.label},first")
        one.spans[0] = (before, clock(site))
    steps = [(day, one, who, act) for one in histories.values() for day, who, act in one.steps]
    for day, one, who, act in sorted(steps, key=lambda step: step[0]):
        site.at((DAY0 + timedelta(days=day)).isoformat())
        before = clock(site)
        act(people[who], one.issue)
        one.spans[day] = (before, clock(site))
    return histories


def leave(site: Site) -> None:
    """Somebody is blocked, somebody deleted, and a token revoked."""

    def ids(name: str) -> int:
        return site.root.get("/users", username=name)[0]["id"]

    site.root.post(f"/users/{ids(BLOCKED)}/block")
    site.root.delete(f"/users/{ids(GONE)}")
    tokens = site.root.get(f"{PROJECT}/access_tokens")
    (revoked,) = (token for token in tokens if token["name"] == REVOKED)
    site.root.delete(f"{PROJECT}/access_tokens/{revoked['id']}")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    with served(now="2026-09-30T09:00:00Z") as site:
        site.root.put("/sandbox/tier", tier="premium")
        people = populated(site)
        histories = play(site, people)
        site.at((DAY0 + timedelta(days=25)).isoformat())
        leave(site)
        site.at(NOW)
        yield Played(site, histories, tmp_path_factory.mktemp("quiet"))


@pytest.fixture(scope="module")
def instants(played: Played) -> dict[str, datetime]:
    """When a person last acted, by title, as the rules find out through the real reader."""
    site = played.site
    reader, _ = connect(site.url, site.tokens[BOT])
    found: dict[str, datetime] = {}
    for off in ("", *(name for name, _, _ in SWITCHED)):
        organisation = open_loops(played.repository(off)).organisation
        identity = find_out(reader, lambda snapshot: snapshot.identity())
        trust = Trust.of(identity.user, organisation.settings.drumbeat_users)
        humans = Humans.of(organisation, trust)
        query = IssueQuery("support/sgg", labels=(f"off-{off}" if off else "all-on",))
        for issue in find_out(reader, partial(Snapshot.issues, query=query)):
            found[history_of(issue, played)] = last_act(issue, reader, humans)
    return found


def history_of(issue: Issue, played: Played) -> str:
    names = {one.issue["iid"]: name for name, one in played.histories.items()}
    return names[issue.ref.iid]


def last_act(issue: Issue, reader: Any, humans: Humans) -> datetime:
    now = datetime.fromisoformat(NOW)
    *_, quiet = find_out(reader, lambda known: list(narrowed(issue, known, humans, now)))
    assert quiet.exact
    return now - quiet.at_least


NAMES = [one.name for one in all_histories()]


def test_the_table_is_long_enough_and_names_each_history_once():
    assert len(NAMES) == len(set(NAMES)) >= 80


@pytest.mark.parametrize("name", NAMES)
def test_the_instant_that_counts(played: Played, instants: dict[str, datetime], name: str):
    one = played.histories[name]
    before, after = one.spans[one.day]
    assert before < instants[name] <= after


@pytest.mark.parametrize("off", ["", *(name for name, _, _ in SWITCHED)])
def test_a_plan_labels_just_those_that_were_quiet(played: Played, off: str):
    plan = planned(played.site, NOW, root=played.repository(off))
    assert plan["problems"] == []
    labelled = {change["key"] for change in plan["changes"] if change["kind"] == "transition"}
    mine = [one for one in played.histories.values() if one.off == off]
    quiet = [one for one in mine if one.day < FRESH]
    assert labelled == {f"support/sgg/oak#{one.issue['iid']}" for one in quiet}
