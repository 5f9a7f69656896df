"""Takes back what a wrong run did, where nobody touched it since, and lists the rest.

From the outcomes that the run left behind and from what GitLab says now. In doubt it is left
to a person: only what stands just as the run left it is taken back. So doing it again finds
nothing, and doing it after an interruption finds what is left.

A loop that was opened by mistake is closed as waived. Its issue goes on holding the key, so that
no later run opens it again (law 1). What was said stays said.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from automation.identity import GHOST, Trust, said_marker
from automation.labels import State, states, wanted
from automation.loops import CLOCK_MARGIN, Loops
from automation.model.change import Did, IssueBefore, Outcome, Problem, Transition
from automation.model.issue import Issue, IssueQuery
from automation.model.record import Record
from automation.model.snapshot import Snapshot
from automation.plan import Bounds
from automation.rules.case import target
from automation.rules.finding import Finding, settle
from automation.rules.provisioning import with_labels
from automation.rules.standing import Deed, deeds_of, doubt
from automation.rules.touched import touched

UNDONE = "undone"
"""What a taking back leads to, and the word by which its note is known."""

_NUMBER = re.compile(r"/-/(?:issues|work_items)/(\d{1,18})$", re.ASCII)
_LOOP = "<!-- drumbeat:loop "
_AT_ONCE = 50
"""How many issues of a project are asked for in one request."""


def undo(
    records: tuple[Record, ...], loops: Loops, snapshot: Snapshot, _now: datetime
) -> Iterator[Finding]:
    """What takes back all that the runs did, and what a person has to look at."""
    settings = loops.organisation.settings
    trust = Trust.of(snapshot.identity().user, settings.drumbeat_users)
    names = frozenset({snapshot.identity().user.username, GHOST, *settings.drumbeat_users})
    needed = frozenset(wanted(loops.organisation))
    # A label that GitLab's history names exists, though it may be the project's own.
    theirs: list[Finding] = []
    ours: list[Finding] = []
    for one in _Undoing(records, snapshot, trust, names, needed).run():
        bears_theirs = isinstance(one, Transition) and not needed.issuperset(one.add_labels)
        (theirs if bears_theirs else ours).append(one)
    yield from with_labels(tuple(ours), loops.organisation, snapshot)
    yield from theirs


def bounds_of(records: tuple[Record, ...], bounds: Bounds) -> Bounds:
    """How much an undo may do: what the runs opened may be closed, whatever the roster is now.

    It was within the limits as it was opened, or somebody said why it might be past them.
    """
    dids = [one.did for record in records for one in record.outcomes if one.may_show and one.did]
    opened = sum(not did.iid or did.reopen for did in dids)
    return bounds.model_copy(update={"close": max(bounds.close, opened)})


@dataclass(frozen=True)
class _Undoing:
    """The runs, and what GitLab says now.

    `names` are Drumbeat's users, and Ghost; `needed` the labels that the policies ask for.
    """

    records: tuple[Record, ...]
    snapshot: Snapshot
    trust: Trust
    names: frozenset[str]
    needed: frozenset[str]

    def run(self) -> Iterator[Finding]:
        for record in self.records:
            for outcome in record.outcomes:
                if outcome.may_show:
                    yield from settle(outcome.key, self._one(record, outcome))

    def _one(self, record: Record, outcome: Outcome) -> Iterator[Finding]:
        did = outcome.did
        if did is None:
            if outcome.kind != _LABEL or outcome.key not in self.needed:
                yield _listed(outcome, *_KEPT.get(outcome.kind, _KEPT_ANYHOW))
        elif did.iid:
            yield from self._taken_back(outcome, did)
        else:
            yield from self._closed(record, outcome, did)

    # --- What it opened ----------------------------------------------------------------

    def _closed(self, record: Record, outcome: Outcome, did: Did) -> Iterator[Finding]:
        for issue in self._opened(record, outcome, did):
            why = self._why_kept(issue, did)
            if why:
                yield _listed(outcome, f"it was opened, and {why}", _CLOSE, issue)
            elif issue.opened:
                yield self._closing(record, outcome, did, issue)

    def _opened(self, record: Record, outcome: Outcome, did: Did) -> tuple[Issue, ...]:
        """The issues that the change opened; none once they are deleted."""
        number = _number_in(outcome)
        if number:
            return self._at(did.project, number)
        if not did.marker:
            return ()
        asked = (
            IssueQuery(did.project, in_group=False, author=name, created_after=self._since(record))
            for name in sorted(self.names)
        )
        listed = self.snapshot.all_issues(asked)
        return tuple(one for one in listed if did.marker in one.description)

    def _since(self, record: Record) -> datetime | None:
        """From when on it may have opened them; a clock that was moved ahead says nothing."""
        server_time = self.snapshot.identity().server_time
        if server_time is not None and server_time < record.now - CLOCK_MARGIN:
            return None
        return record.now - CLOCK_MARGIN

    def _why_kept(self, issue: Issue, did: Did) -> str:
        if issue.moved_to_id is not None:
            return "somebody moved it"
        if not issue.opened:
            by = issue.closed_by
            return "" if by is not None and self.trust.is_drumbeat(by) else "somebody closed it"
        if not self.trust.wrote(issue) or did.marker not in issue.description:
            return "its hidden mark is gone"
        touch = touched(issue, self.snapshot, self.trust)
        return f"somebody {touch}" if touch else ""

    def _closing(self, record: Record, outcome: Outcome, did: Did, issue: Issue) -> Transition:
        is_loop = did.marker.startswith(_LOOP)
        return self._back(
            outcome,
            issue,
            reason=f"the run of {record.now:%Y-%m-%d %H:%M %Z} opened it by mistake",
            say=_OPENED_WORDS,
            marker=said_marker(UNDONE, outcome.key),
            close=True,
            add_labels=(State.WAIVED.value,) if is_loop else (),
            remove_labels=tuple(sorted(one.value for one in states(issue.labels))),
        )

    # --- What it did to issues ---------------------------------------------------------

    def _taken_back(self, outcome: Outcome, did: Did) -> Iterator[Finding]:
        issue = next(iter(self._at(did.project, did.iid)), None)
        if issue is None:
            return
        if did.beyond:
            what = " and ".join(did.beyond)
            yield _listed(outcome, f"what it changed stays: {what}", _BY_HAND, issue)
        deeds = deeds_of(did)
        if not deeds and did.said and not did.beyond:
            yield _listed(outcome, "what was said stays", _DELETE_NOTE)
        standing = tuple(deed for deed in deeds if deed.stands(issue))
        if not standing or issue.moved_to_id is not None:
            return
        why = self._why_left(outcome, did, issue, standing)
        if why:
            yield _listed(outcome, f"it is left as it is: {why}", _BY_HAND, issue)
        else:
            yield self._reversal(outcome, did, issue)

    def _why_left(
        self, outcome: Outcome, did: Did, issue: Issue, standing: tuple[Deed, ...]
    ) -> str:
        if len(standing) < len(deeds_of(did)):
            return "a part of what was done does not stand any more"
        if did.close and did.to == State.WAIVED:
            return "it was closed as not needed, or as a duplicate"
        if did.close and did.to == State.MISSED:
            why = self._why_the_next_stays(did.follows)
            if why:
                return why
        return doubt(issue, standing, outcome.at, self.snapshot, self.trust)

    def _why_the_next_stays(self, key: str) -> str:
        """A loop whose open items went on elsewhere is opened again only where that is closed."""
        if not key:
            return "the loop that comes after it was there before the run"
        opening = self._openings.get(key)
        if opening is None:
            return f"{key}, where its open items went, is in none of the files"
        stays = any(isinstance(one, Problem) for one in self._one(*opening))
        return f"{key}, where its open items went, stays" if stays else ""

    @cached_property
    def _openings(self) -> Mapping[str, tuple[Record, Outcome]]:
        """What opened each key."""
        return {
            outcome.key: (record, outcome)
            for record in self.records
            for outcome in record.outcomes
            if outcome.did is not None and not outcome.did.iid
        }

    def _reversal(self, outcome: Outcome, did: Did, issue: Issue) -> Transition:
        words = _REOPENED_WORDS if did.close else ""
        if did.close and did.follows:
            words = f"{words} {_INSTEAD_WORDS}"
        return self._back(
            outcome,
            issue,
            reason="it is as the run left it",
            say=words,
            marker=said_marker(f"{UNDONE}-{outcome.change}", outcome.key) if words else "",
            close=did.reopen,
            reopen=did.close,
            add_labels=did.remove_labels,
            remove_labels=did.add_labels,
        )

    # --- Within ------------------------------------------------------------------------

    def _back(
        self,
        outcome: Outcome,
        issue: Issue,
        *,
        reason: str,
        say: str,
        marker: str,
        close: bool,
        add_labels: tuple[str, ...],
        remove_labels: tuple[str, ...],
        reopen: bool = False,
    ) -> Transition:
        """The change; without a word where an interrupted undo has said it."""
        notes = self.snapshot.notes(issue.ref) if say and not issue.is_uncommented else ()
        said = any(self.trust.said(note, marker) for note in notes)
        return Transition(
            key=outcome.key,
            reason=reason,
            to=UNDONE,
            target=target(issue),
            add_labels=add_labels,
            remove_labels=remove_labels,
            close=close,
            reopen=reopen,
            say="" if said else say,
            marker="" if said else marker,
            confidential=issue.confidential,
            before=IssueBefore(opened=issue.opened, labels=tuple(sorted(issue.labels))),
        )

    def _at(self, project: str, number: int) -> tuple[Issue, ...]:
        """The issue with this number; none once it is deleted."""
        listed = self.snapshot.issues(self._queries[project, number])
        return tuple(issue for issue in listed if issue.ref.iid == number)

    @cached_property
    def _queries(self) -> Mapping[tuple[str, int], IssueQuery]:
        """The list in which each issue is found that an outcome names."""
        numbers: dict[str, set[int]] = defaultdict(set)
        for record in self.records:
            for outcome in record.outcomes:
                did = outcome.did
                number = (did.iid or _number_in(outcome)) if did else 0
                if did and number:
                    numbers[did.project].add(number)
        return {
            (project, number): IssueQuery(project, in_group=False, iids=part)
            for project, found in numbers.items()
            for part in _parts(sorted(found))
            for number in part
        }


def _parts(numbers: list[int]) -> Iterator[tuple[int, ...]]:
    for start in range(0, len(numbers), _AT_ONCE):
        yield tuple(numbers[start : start + _AT_ONCE])


def _number_in(outcome: Outcome) -> int:
    """The number of the issue at the outcome's address; 0 where there is none."""
    found = _NUMBER.search(outcome.url)
    return int(found[1]) if found else 0


def _listed(outcome: Outcome, message: str, remedy: str, issue: Issue | None = None) -> Problem:
    url = issue.web_url if issue else outcome.url
    return Problem(key=outcome.key, message=message, remedy=remedy, url=url)


_OPENED_WORDS = "This was opened by mistake. There is nothing to do here."
_REOPENED_WORDS = "This was closed by mistake, so it is open again."
_INSTEAD_WORDS = "The one that was opened in its place is closed."
_CLOSE = "Ask them, and close it by hand if it is not needed."
_BY_HAND = "Look at it, and change it by hand if need be."
_DELETE_NOTE = "Delete the note by hand if it misleads."
_LABEL = "ensure-label"
_KEPT = {
    _LABEL: (
        "the label stays: issues may bear it",
        "Delete it in GitLab if nobody wants it.",
    ),
    "remove-label": (
        "the label is deleted, and nobody knows which issues bore it",
        "Make it again with: drumbeat setup --yes",
    ),
}
_KEPT_ANYHOW = ("it stays as the run made it", "Change it by hand, or with: drumbeat setup --yes")
