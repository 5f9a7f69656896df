"""How an issue that a rule opened is known again, and what becomes of one that is there twice.

It has two carriers, a hidden line in its description and the end of its title, and Drumbeat
wrote it. One of them is enough; where there is such a line, it decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from automation.checklist import Mark, read
from automation.identity import GHOST, said_marker
from automation.inert import inert
from automation.model.issue import Issue, IssueQuery
from automation.rules.triage import undone
from automation.rules.triage.desk import Desk
from automation.rules.triage.draft import Draft, Step
from automation.rules.triage.words import Words

_MADE = re.compile(r"<!-- drumbeat:made (\S+) (\S+) -->")
_ISSUE = re.compile(r"\d+/\d+", re.ASCII)
_TAIL = re.compile(r" \((\S+#\d+)\)$")


@dataclass(frozen=True)
class Carriers:
    """The hidden line and the end of the title of an issue that a rule opened."""

    marker: str
    tail: str


def made_marker(what: str, about: str) -> str:
    """The hidden line of an issue that a rule opened."""
    return f"<!-- drumbeat:made {what} {about} -->"


def of_match(what: str, project_id: int, path: str, iid: int) -> Carriers:
    """The carriers of the issue that follows a match."""
    return Carriers(made_marker(what, f"{project_id}/{iid}"), f" ({path}#{iid})")


def is_made(issue: Issue, desk: Desk) -> bool:
    """Whether a rule opened the issue: then no rule opens another for it."""
    carried = _MADE.search(issue.description) or _TAIL.search(issue.title)
    return carried is not None and desk.stock.trust.wrote(issue)


def opened_by(issue: Issue, desk: Desk) -> str:
    """The name of the policy of which a rule opened the issue; empty where none did."""
    found = _MADE.search(issue.description)
    return found[1].partition("/")[0] if found and desk.stock.trust.wrote(issue) else ""


def followed_by(issue: Issue, desk: Desk) -> str | None:
    """The lasting name by which an issue falls to a shard: its own, or of that which it follows.

    So doubles are healed where they are opened. None for a summary: it follows from all matches,
    and needs the whole.
    """
    found = _MADE.search(issue.description)
    if found is None or not desk.stock.trust.wrote(issue):
        return f"{issue.ref.project_id}/{issue.ref.iid}"
    return found[2] if _ISSUE.fullmatch(found[2]) else None


def made(place: str, since: datetime | None, desk: Desk, *, in_group: bool) -> tuple[Issue, ...]:
    """What Drumbeat's users wrote in a place, moved issues and closed ones too."""
    names = {desk.snapshot.identity().user.username.casefold(), GHOST}
    names |= {name.casefold() for name in desk.organisation.settings.drumbeat_users}
    listed = desk.snapshot.all_issues(
        IssueQuery(place, in_group=in_group, author=name, created_after=since)
        for name in sorted(names)
    )
    return tuple(one for one in listed if desk.stock.trust.wrote(one))


def known(listed: Sequence[Issue], carriers: Carriers) -> tuple[Issue, ...]:
    """Those of the issues that bear one of the carriers."""
    return tuple(issue for issue in listed if _bears(issue, carriers))


def _bears(issue: Issue, carriers: Carriers) -> bool:
    if _MADE.search(issue.description):
        return carriers.marker in issue.description
    return issue.title.endswith(carriers.tail)


def before_moves(what: str, issue: Issue, desk: Desk) -> Iterator[Carriers]:
    """The carriers of what followed the issue when it lay elsewhere, the latest first."""
    for path, iid in undone.moved_from(desk, issue):
        project = desk.snapshot.project(path)
        yield of_match(what, project.id if project else 0, path, iid)


def twins(found: Sequence[Issue], carriers: Carriers) -> tuple[Issue, ...]:
    """The open ones with the hidden line, oldest first: two runs at once may have opened them.

    A closed one is as people left it, and a moved one is where they want it.
    """
    opened = (one for one in found if one.opened and one.moved_to_id is None)
    marked = (one for one in opened if carriers.marker in one.description)
    return tuple(sorted(marked, key=lambda one: (one.created_at, one.id)))


def merged(draft: Draft, older: Issue, step: Step, desk: Desk) -> Draft:
    """The draft of a twin, closed with a word; left alone once people opened it again.

    `step` names the rule that opened both. The word tells what was ticked here.
    """
    issue = draft.issue
    if not draft.seen.opened or undone.closed_in_vain(desk, issue):
        return draft
    mark = said_marker("duplicate", f"{issue.ref.project_id}/{issue.ref.iid}")
    notes = () if issue.is_uncommented else desk.snapshot.notes(issue.ref)
    told = any(desk.stock.trust.said(note, mark) for note in notes)
    words = None if told else Words(_word(issue, older), (mark,))
    step = replace(step, words=words)
    return replace(draft.showing(opened=False), steps=(*draft.steps, step))


def _word(issue: Issue, older: Issue) -> str:
    link = f"[{inert(older.reference)}]({older.web_url})"
    ticked = [item.text for item in read(issue.description).items if item.mark is Mark.DONE]
    told = "".join(f"\n- {inert(text)}" for text in ticked)
    return (
        f"This issue was opened twice; {link} is the one to use. "
        f"{'Ticked here:' if ticked else 'Nothing was ticked here.'}\n{told}"
    ).strip()
