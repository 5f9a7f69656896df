"""Has a rule's comment vouch for how long it was quiet, so that later runs need not read it again.

Only what is said can: a rule that labels in silence leaves no such line.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from automation.model.change import Problem, Transition
from automation.rules.triage.desk import Desk
from automation.rules.triage.draft import Draft
from automation.rules.vouched import vow


def result(draft: Draft, desk: Desk) -> tuple[Transition | Problem, ...]:
    """All that is to be done to an issue; the last thing that is said of it vouches."""
    found, since = draft.result(), _quiet_since(draft)
    last = found[-1] if found else None
    if since is None or not isinstance(last, Transition) or not last.say:
        return found
    said = (draft.issue.comments or 0) + len(found)
    after = replace(draft.seen, comments=said)
    vowed = vow(after, since, desk.now, desk.humans, last.add_labels)
    return (*found[:-1], last.model_copy(update={"vow": vowed.marker}))


def _quiet_since(draft: Draft) -> datetime | None:
    """Since when nobody acted, as far as a rule had to know.

    None where it would help nobody: what moves is another issue there, and without GitLab's
    count of comments nothing tells that there are no more.
    """
    if draft.seen.project != draft.issue.project or draft.issue.comments is None:
        return None
    return min((one.quiet_since for one in draft.steps if one.quiet_since), default=None)
