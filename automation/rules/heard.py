"""What was said on issues, as far as lists tell that are not of one issue: presence, no absence.

A list of comments shows at once what many issues would have to be asked for one by one. But
GitLab fills it in the background, it knows no action but comments, and pages may have gaps: so
it proves what stands in it, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from automation.model.issue import Comment, Issue, IssueRef, Note, Page
from automation.model.questions import CommentsPageOf
from automation.model.snapshot import Snapshot

THROTTLE = timedelta(minutes=1)
"""By how much a comment may be later than its issue's last update.

GitLab leaves the time of an update as it is while that is less than a minute ago.
Source: its `app/models/concerns/throttled_touch.rb`.
"""


HORIZON = timedelta(days=92)
"""How far back the comments in a project are looked at."""
MOST_PAGES = 5
"""How many pages of them, with a hundred each."""


def in_project(issue: Issue, now: datetime) -> CommentsPageOf:
    """The list of comments in an issue's project."""
    return CommentsPageOf((now - HORIZON).date(), issue.ref.project_id)


def project_pages(issue: Issue, snapshot: Snapshot, now: datetime) -> tuple[CommentsPageOf, ...]:
    """The pages of that list that may tell of the issue's last update, if that was a comment."""
    if issue.is_uncommented:
        return ()
    return pages_back_to(issue.updated_at - THROTTLE, in_project(issue, now), MOST_PAGES, snapshot)


def heard(ref: IssueRef, first: CommentsPageOf, snapshot: Snapshot) -> tuple[Note, ...]:
    """The comments on an issue that stand on those pages of a list that were read.

    Those of earlier runs as well, as far as it was not updated since.
    """
    found = [*snapshot.heard.get(ref, ())]
    page = first
    while snapshot.comments_page(page) is not None:
        found += _by_issue(page, snapshot).get(ref, ())
        page = _following(page)
    return tuple(found)


def pages_back_to(
    moment: datetime, first: CommentsPageOf, most: int, snapshot: Snapshot
) -> tuple[CommentsPageOf, ...]:
    """The pages of a list that may tell of what was said at that moment, up to `most`.

    Of what is not read yet, about as many as were: how far back they reach shows only then.
    None where the list cannot be read, or was read that far.
    """
    pages, end = [first], most
    while (read := snapshot.comments_page(pages[-1])) is not None:
        reached = any(one.note.created_at < moment for one in read.entries)
        if reached or not read.more or len(pages) >= most:
            return ()
        end = min(most, read.pages or most)
        pages.append(_following(pages[-1]))
    if pages[-1] in snapshot.answers:
        return ()
    ahead = min(2 * len(pages) - 1, end)
    while len(pages) < ahead:
        pages.append(_following(pages[-1]))
    return tuple(pages)


def _following(page: CommentsPageOf) -> CommentsPageOf:
    return CommentsPageOf(page.since, page.project_id, page.page + 1)


def _by_issue(page: CommentsPageOf, snapshot: Snapshot) -> Mapping[IssueRef, list[Note]]:
    return snapshot.once(("heard", page), lambda: _sorted_out(snapshot.comments_page(page)))


def _sorted_out(page: Page[Comment] | None) -> Mapping[IssueRef, list[Note]]:
    found: dict[IssueRef, list[Note]] = {}
    for one in page.entries if page else ():
        found.setdefault(one.ref, []).append(one.note)
    return found
