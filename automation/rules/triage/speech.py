"""What a rule says on an issue, to whom, and whether it was said before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from automation.identity import SAID, said_marker
from automation.inert import Markdown, mention
from automation.model.issue import EventKind, Note
from automation.model.organisation import Subject
from automation.model.triage import TriagePolicy, TriageRule
from automation.rules.heard import heard, in_project, project_pages
from automation.rules.quiet import Quiet
from automation.rules.recalled import LastWord, last_word, open_items
from automation.rules.triage.desk import UTC, Desk
from automation.rules.triage.draft import Draft
from automation.rules.triage.words import Words


@dataclass(frozen=True)
class Said:
    """A rule at a draft for which it holds; `quiet` as far as that is known."""

    policy: TriagePolicy
    rule: TriageRule
    draft: Draft
    desk: Desk
    quiet: Quiet | None

    @property
    def what(self) -> str:
        """The rule's name in markers and reasons."""
        return f"{self.policy.name}/{self.rule.name}"

    @property
    def marker(self) -> str:
        """The hidden line by which a later run knows that it was said."""
        ref = self.draft.issue.ref
        return said_marker(self.what, f"{ref.project_id}/{ref.iid}")

    @property
    def reason(self) -> str:
        """Why the rule does something."""
        quiet, known = self.quiet, ""
        if quiet is not None:
            known = f" (quiet for {'' if quiet.exact else 'at least '}{quiet.days} days)"
        return f"{self.what}: {self.rule.when}{known}"

    def words(self, after: Draft) -> Words | None:
        """What is to be said now; None where nothing is, or it was said before.

        `after` is the draft once the rule is done: the same where there is nothing to do.
        """
        do = self.rule.do
        if do.comment is None or (after is self.draft and do.changes_the_issue):
            return None
        text = self._text(do.comment)
        if not text or self._was_said(relabelled=after.seen.labels != self.draft.seen.labels):
            return None
        return Words(text, (self.marker,), self.mentions, do.internal, do.thread)

    def _was_said(self, *, relabelled: bool) -> bool:
        """Whether it stands there and nothing happened since that makes it worth repeating.

        `relabelled`: whether the rule changes labels now; if not, what it does is what was left.
        It counts wherever the issue lay when it was said: its notes move along with it. Without
        any comment on the issue, nobody need be asked.
        """
        issue, desk = self.draft.issue, self.desk
        if issue.is_uncommented:
            return False
        told = heard(issue.ref, in_project(issue, desk.now), desk.snapshot)
        if self._is_enough(self._times(told), relabelled=relabelled):
            return True
        may_tell = not relabelled or self.rule.do.repeat_after is not None
        lists = project_pages(issue, desk.snapshot, desk.now) if may_tell else ()
        spoken = self._times(desk.snapshot.notes(issue.ref, lists))
        if may_tell or not spoken:
            return self._is_enough(spoken, relabelled=relabelled)
        events = desk.snapshot.events(issue.ref, EventKind.LABEL)
        its = (*self.rule.do.label, *self.rule.do.unlabel)
        return not any(_fits(one.label, its) and one.created_at >= max(spoken) for one in events)

    def _times(self, notes: Iterable[Note]) -> list[datetime]:
        """When Drumbeat said it."""
        mark = f"{SAID}{self.what} "
        return [note.created_at for note in notes if self.desk.stock.trust.said(note, mark)]

    def _is_enough(self, spoken: list[datetime], *, relabelled: bool) -> bool:
        """Whether it need not be said again, whatever else stands on the issue."""
        again = self.rule.do.repeat_after
        if again is not None:
            return any(self.desk.now - time < timedelta(days=again) for time in spoken)
        return bool(spoken) and not relabelled

    @property
    def mentions(self) -> tuple[str, ...]:
        """The user names that the rule addresses on this issue."""
        return tuple(dict.fromkeys(self._addressed()))

    def _addressed(self) -> Iterator[str]:
        group = self.draft.group.group if self.draft.group else None
        for who in self.rule.do.mention:
            if who == "assignees":
                yield from (user.username for user in self.draft.seen.assignees)
            elif who == "author":
                yield self.draft.seen.author.username
            elif group is not None:
                others = () if who == "group.sponsor" else group.managers
                for name in (group.sponsor, *others):
                    yield self.desk.organisation.managers[name].username

    def _text(self, template: str) -> str:
        found = self.desk.library.get(template)
        return found.render(self.context(found.undeclared())).strip()

    def context(self, used: Mapping[str, int]) -> dict[str, Any]:
        """The names that a comment's template may use; what is not used is not asked for."""
        context = comment_context(self.policy, self.rule, self.draft, self.mentions, self.quiet)
        return context | ({"last_word": self._last_word()} if "last_word" in used else {})

    def _last_word(self) -> LastWord | None:
        issue, desk = self.draft.issue, self.desk
        notes = () if issue.is_uncommented else desk.snapshot.notes(issue.ref)
        zone = self.draft.group.zone if self.draft.group else UTC
        return last_word(issue, notes, desk.humans, desk.snapshot, zone)


def _fits(label: str | None, patterns: tuple[str, ...]) -> bool:
    return label is not None and any(fnmatchcase(label, one) for one in patterns)


def comment_context(
    policy: TriagePolicy,
    rule: TriageRule,
    draft: Draft,
    mentions: tuple[str, ...],
    quiet: Quiet | None,
) -> dict[str, Any]:
    """The names that a comment's template may use, but for `last_word`."""
    return {
        "issue": draft.seen,
        "policy": policy,
        "rule": rule,
        "mentions": Markdown(" ".join(mention(name) for name in mentions)),
        "quiet_days": quiet.days if quiet else 0,
        "open_items": open_items(draft.seen),
        **group_context(draft.group),
    }


def group_context(group: Subject | None) -> dict[str, Any]:
    """The group in whose project an issue lies, where there is one."""
    return {"group": group.group} if group else {}
