"""Reads issues and their history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from automation.model.issue import (
    Comment,
    Event,
    EventKind,
    Issue,
    IssueQuery,
    IssueRef,
    Link,
    Note,
    Page,
)
from automation.model.questions import (
    CommentsPageOf,
    EventsOf,
    EventsPageOf,
    IssuesOf,
    LinksOf,
    NotesOf,
    NotesPageOf,
    ThreadsOf,
)
from automation.remote import convert
from automation.remote.pages import Listing, read_page
from automation.remote.sections import Section, home, issue_path, issue_words

IssueQuestion = (
    IssuesOf
    | NotesOf
    | NotesPageOf
    | CommentsPageOf
    | ThreadsOf
    | LinksOf
    | EventsOf
    | EventsPageOf
)

_NEWEST_FIRST = {"sort": "desc", "order_by": "created_at"}


class IssueReader(Section):
    """Answers questions about issues."""

    def read(self, question: IssueQuestion) -> object:
        """The answer; raises RemoteError where there is none."""
        match question:
            case IssuesOf(query):
                return self._issues(query)
            case NotesOf(ref):
                return self._notes(ref)
            case NotesPageOf(ref, page):
                return self._notes_page(ref, page)
            case CommentsPageOf():
                return self._comments_page(question)
            case ThreadsOf(ref):
                return self._threads(ref)
            case LinksOf(ref):
                return self._links(ref)
            case EventsPageOf(ref, kind, page):
                return self._events_page(ref, kind, page)
        return self._events(question)

    def _issues(self, query: IssueQuery) -> tuple[Issue, ...]:
        listing = Listing(
            home(query.place, in_group=query.in_group) + "/issues",
            issue_filters(query),
            f"issues of {query.place}",
            # Since GitLab 18.3, and in projects only. Source: its `lib/api/issues.rb`.
            keyset=not query.in_group,
        )
        return tuple(convert.issue(fields) for fields in self._all(listing))

    def _notes(self, ref: IssueRef) -> tuple[Note, ...]:
        return tuple(convert.note(fields) for fields in self._all(_notes_listing(ref)))

    def _notes_page(self, ref: IssueRef, number: int) -> Page[Note]:
        part = read_page(self._calls, _notes_listing(ref), number)
        return Page(tuple(map(convert.note, part.items)), part.more, part.pages)

    def _comments_page(self, question: CommentsPageOf) -> Page[Comment]:
        part = read_page(self._calls, _comments_listing(question), question.page)
        return Page(tuple(convert.comments(part.items)), part.more, part.pages)

    def _threads(self, ref: IssueRef) -> int:
        path = issue_path(ref) + "/discussions"
        listing = Listing(path, {}, f"discussions of {issue_words(ref)}", gappy=True)
        return sum(not fields.flag("individual_note") for fields in self._all(listing))

    def _links(self, ref: IssueRef) -> tuple[Link, ...]:
        listing = Listing(issue_path(ref) + "/links", {}, f"links of {issue_words(ref)}")
        return tuple(convert.link(fields) for fields in self._all(listing))

    def _events(self, question: EventsOf) -> tuple[Event, ...]:
        listing = _events_listing(question.ref, question.kind)
        return tuple(convert.event(fields, question.kind) for fields in self._all(listing))

    def _events_page(self, ref: IssueRef, kind: EventKind, number: int) -> Page[Event]:
        part = read_page(self._calls, _events_listing(ref, kind), number)
        events = tuple(convert.event(fields, kind) for fields in part.items)
        return Page(events, part.more, part.pages)


def _notes_listing(ref: IssueRef) -> Listing:
    path = issue_path(ref) + "/notes"
    return Listing(path, dict(_NEWEST_FIRST), f"notes of {issue_words(ref)}", gappy=True)


def _comments_listing(question: CommentsPageOf) -> Listing:
    """Events by action alone: `target_type=note` leaves out what stands in threads.

    The day of `after` is left out of the answer. With `scope=all`, where all projects would be
    in one list, GitLab looks at the last twenty events only. Sources: its `app/finders/
    events_finder.rb`, `app/services/event_create_service.rb`, `app/models/event_collection.rb`.
    """
    project = question.project_id
    path, whose = "/events", "Drumbeat's own comments"
    if project is not None:
        path, whose = f"/projects/{project}/events", f"comments in project {project}"
    after = question.since - timedelta(days=1)
    query = {"action": "commented", "after": after.isoformat(), "sort": "desc"}
    return Listing(path, query, whose, gappy=True)


def _events_listing(ref: IssueRef, kind: EventKind) -> Listing:
    # They come oldest first, and what is not visible is left out of a page after counting.
    # Source: GitLab's `lib/api/resource_label_events.rb`.
    path = f"{issue_path(ref)}/resource_{kind}_events"
    return Listing(path, {}, f"{kind} events of {issue_words(ref)}", gappy=True)


_WILDCARDS = {"none": "None", "any": "Any", "upcoming": "Upcoming", "started": "Started"}


def issue_filters(query: IssueQuery) -> dict[str, Any]:
    """The query's filters as GitLab names them. Source: its documentation, "Issues API"."""
    filters = {
        "scope": "all",
        "state": query.state,
        "order_by": "created_at",
        "sort": "asc",
        "labels": ",".join(query.labels),
        "not[labels]": ",".join(query.without),
        "author_username": query.author,
        "not[author_username]": query.not_author,
        **_choice("assignee", query.assignee),
        "not[assignee_username]": query.not_assignee,
        **_choice("milestone", query.milestone),
        "not[milestone]": query.not_milestone,
        "issue_type": query.type,
        "confidential": None if query.confidential is None else str(query.confidential).lower(),
        "due_date": {"none": "0"}.get(query.due or "", query.due),
        "iids[]": list(query.iids),
        "created_after": _stamp(query.created_after),
        "created_before": _stamp(query.created_before),
        "updated_after": _stamp(query.updated_after),
        "updated_before": _stamp(query.updated_before),
    }
    return {name: value for name, value in filters.items() if value}


def _choice(what: str, value: str | None) -> dict[str, str | None]:
    """A filter by name, or by the id that stands for none, any and the like."""
    wildcard = _WILDCARDS.get((value or "").casefold())
    if wildcard:
        return {f"{what}_id": wildcard}
    return {"assignee_username" if what == "assignee" else what: value}


def _stamp(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else ""
