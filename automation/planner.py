"""All rules together make a plan.

The planner asks only what can change the plan: it runs the rules on what is known, has
the reader answer the questions that they raise, and runs them again, until no question
is left. Where several ask about one issue each what a list may tell about all of them, the
list is read first.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from datetime import datetime
from typing import TypeVar

from automation.cache import History
from automation.errors import RemoteError
from automation.loops import Loops
from automation.model.change import CreateIssue, Problem, Provision, Transition
from automation.model.questions import CommentsPageOf, Question, Sparable
from automation.model.shard import Shard
from automation.model.snapshot import Missing, NotReadable, Snapshot
from automation.plan import Bounds, Plan, ordered
from automation.ports import Reader
from automation.rules.closing import close_loops
from automation.rules.finding import Finding
from automation.rules.opening import open_loops
from automation.rules.provisioning import set_up, with_labels
from automation.rules.triage import triage
from automation.stock import take_stock

Found = TypeVar("Found")
Rules = Callable[[Loops, Snapshot, datetime], Iterator[Finding]]


def run_rules(loops: Loops, snapshot: Snapshot, now: datetime) -> Iterator[Finding]:
    """Everything that a scheduled run does."""
    stock = take_stock(loops, snapshot, now)
    opened = tuple(open_loops(stock, snapshot, now))
    opening = {one.key for one in opened if isinstance(one, CreateIssue)}
    found = (
        *opened,
        *close_loops(stock, snapshot, now, opening),
        *triage(stock, snapshot, now),
    )
    yield from with_labels(found, loops.organisation, snapshot)


def setup_rules(loops: Loops, snapshot: Snapshot, now: datetime) -> Iterator[Finding]:
    """What `drumbeat setup` does."""
    yield from set_up(loops.organisation, snapshot, now.date())


def make_plan(
    loops: Loops,
    reader: Reader,
    now: datetime,
    rules: Rules = run_rules,
    only: Iterable[str] = (),
    history: History | None = None,
) -> Plan:
    """Read what matters and plan what is to be done at `now`.

    What `history` holds is not read again, unless an issue is to be changed for it: Drumbeat looks
    before it speaks. It learns what was read. Raises RemoteError when GitLab cannot be read well
    enough to plan at all.
    """
    known = History() if history is None else history
    snapshot = Snapshot()
    found, wanted = _draft(loops, snapshot, now, rules)
    while wanted or (unseen := known.behind(found)):
        snapshot = (
            _knowing_more(snapshot, wanted, reader, known)
            if wanted
            else snapshot.knowing(_answers(reader, unseen))
        )
        found, wanted = _draft(loops, snapshot, now, rules)
    known.learn(snapshot)
    return _plan(found, loops, now, tuple(only))


def _knowing_more(
    snapshot: Snapshot, wanted: Iterable[Question | Sparable], reader: Reader, known: History
) -> Snapshot:
    """The snapshot with more of what the rules want to know: remembered, or read now."""
    recalled = known.recall(wanted, snapshot)
    questions = to_ask((one for one in wanted if not recalled.spares(one)), snapshot)
    read = _answers(reader, questions) if questions else {}
    return snapshot.knowing({**recalled.answers, **read}, recalled.heard)


def find_out(reader: Reader, think: Callable[[Snapshot], Found]) -> Found:
    """What a thought comes to, with all that it needs to know read on the way.

    Raises RemoteError when GitLab does not give an answer that it needs.
    """
    snapshot = Snapshot()
    while True:
        try:
            return think(snapshot)
        except Missing as missing:
            snapshot = snapshot.knowing(_answers(reader, missing.questions))
        except NotReadable as unread:
            raise RemoteError(unread.why.reason, unread.why.remedy) from unread


def _draft(
    loops: Loops, snapshot: Snapshot, now: datetime, rules: Rules
) -> tuple[list[Finding], tuple[Question | Sparable, ...]]:
    """What the rules find with what is known, and the questions that they raise."""
    try:
        found = list(rules(loops, snapshot, now))
    except Missing as missing:
        return [], missing.wanted
    except NotReadable as unread:
        raise RemoteError(unread.why.reason, unread.why.remedy) from unread
    wanted = (one for one in found if isinstance(one, Question | Sparable))
    return found, tuple(dict.fromkeys(wanted))


def to_ask(wanted: Iterable[Question | Sparable], snapshot: Snapshot) -> tuple[Question, ...]:
    """The questions to ask next, with lists in place of those that these may spare.

    The n-th page of a list is read where more than n questions wait for it: so it never costs
    more than what it may spare. A question whose lists are read, or not worth it, is asked itself.
    """
    once = tuple(dict.fromkeys(wanted))
    waiting = Counter(page for one in once if isinstance(one, Sparable) for page in one.lists)
    worth = {
        page: None
        for page, count in waiting.items()
        if count > page.page and page not in snapshot.answers
    }
    asked = (_own_question(one, worth) for one in once)
    return tuple(dict.fromkeys((*worth, *(one for one in asked if one is not None))))


def _own_question(one: Question | Sparable, worth: Container[CommentsPageOf]) -> Question | None:
    """The question itself; None where a list is read first."""
    if not isinstance(one, Sparable):
        return one
    return None if any(page in worth for page in one.lists) else one.question


def _answers(reader: Reader, questions: tuple[Question, ...]) -> Mapping[Question, object]:
    """The reader's answer to every question, so that no round asks what another did."""
    answers = reader.answer(questions)
    unanswered = [question for question in questions if question not in answers]
    if unanswered:
        raise RemoteError(f"the reader left questions unanswered: {unanswered}")
    return answers


def _plan(found: Iterable[Finding], loops: Loops, now: datetime, only: tuple[str, ...]) -> Plan:
    changes = [one for one in found if isinstance(one, CreateIssue | Transition | Provision)]
    problems = dict.fromkeys(one for one in found if isinstance(one, Problem))
    return Plan(
        now=now,
        changes=ordered(changes),
        problems=tuple(sorted(problems, key=lambda one: (not one.blocking, one.key, one.message))),
        bounds=bounds(loops),
        only=only,
        shard=str(loops.scope.shard or ""),
    )


_SPARE = 1.2
_NOTES = 200
"""What a run may always say: initiatives are talked about where there are few loops, too."""


def bounds(loops: Loops) -> Bounds:
    """What a run may do: derived from how many loops the roster and cadences make.

    A first run opens what is back-filled as well; triage policies may open and close others.
    A run says at most one thing about a loop, and closing one says something: after a holiday
    there may rightly be as many notes as closures. More than that speaks of a fault.
    A shard may do what its own loops ask for, and its part of the plain numbers.
    """
    limits, shard = loops.organisation.settings.limits, loops.scope.shard
    rules = [
        rule.do
        for policy in loops.organisation.triages
        if policy.enabled and loops.scope.runs(policy.name)
        for rule in policy.rules
    ]
    opens = any(do.opens for do in rules)
    closes = opens or any(do.close for do in rules)  # of what was opened twice, one is closed
    backfills = [cadence.backfill for cadence, _ in loops.pairs()]
    count = len(backfills)
    comments = any(do.comment for do in rules)
    by_triage, close = part_of(limits.triage, shard), math.ceil(limits.close * count)
    return Bounds(
        create=math.ceil(limits.create * (count + sum(backfills))) + by_triage * opens,
        close=close + by_triage * closes,
        notes=max(part_of(_NOTES, shard), close + by_triage * (closes or comments))
        if limits.notes is None
        else part_of(limits.notes, shard),
        mentions_per_person=_mentions(loops)
        if limits.mentions_per_person is None
        else part_of(limits.mentions_per_person, shard),
    )


def part_of(limit: int, shard: Shard | None) -> int:
    """A shard's part of a limit: an even share, and three standard deviations.

    Shards are dealt by a hash, so that what comes to one of them scatters as the square root
    of the share does (Poisson): a run within the limit is all but never refused for its shards.
    """
    if shard is None or shard.is_rest:
        return limit
    share = limit / shard.total
    return min(limit, math.ceil(share + 3 * math.sqrt(share)))


def _mentions(loops: Loops) -> int:
    """How often one person may be mentioned: as often as their loops can ask for, and 5."""
    counts: Counter[str] = Counter()
    for cadence, subject in loops.pairs():
        director = subject.director if cadence.escalate else None
        people = (subject.owner, director)
        counts.update({person.username for person in people if person is not None})
    return max([5, *(math.ceil(_SPARE * count) for count in counts.values())])
