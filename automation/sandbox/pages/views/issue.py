"""One issue: its description, its history, and what can be done to it."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from automation.sandbox.api import find
from automation.sandbox.errors import ApiError, forbidden
from automation.sandbox.pages import markdown
from automation.sandbox.pages.views.issues import INVALID
from automation.sandbox.pages.visit import Page, Redirect, Visit, url_of, words_of
from automation.sandbox.routing import Router
from automation.sandbox.schema import Issue

ROUTES = Router()
_ISSUE = "issues/:issue_iid"
_CHANGED = "Somebody changed that line in the meantime. This is how it stands now."


def _issue(visit: Visit) -> Issue:
    path = {"id": str(visit.project.id), **visit.path}
    return find.issue(visit.call(path, {}), "Issue")


def _change(visit: Visit, **fields: Any) -> None:
    """Change the issue as the API does; 404 where the visitor does not see it."""
    _issue(visit)
    visit.api("PUT", _ISSUE, fields)


def _back(visit: Visit, notice: str = "", part: str = "") -> Redirect:
    return Redirect(url_of(visit.project, f"issues/{visit.path['issue_iid']}") + part, notice)


def _label_changes(visit: Visit) -> list[dict[str, Any]]:
    """Changes of labels, those of one moment by one person together."""
    events = visit.all_of(f"{_ISSUE}/resource_label_events")
    grouped = groupby(events, key=lambda event: (event["created_at"], event["user"]["id"]))
    changes = []
    for _, together in grouped:
        several = list(together)
        labels: dict[str, list[Any]] = {"add": [], "remove": []}
        for event in several:
            labels[event["action"]].append(event["label"])
        changes.append(several[0] | {"kind": "labels", "labels": labels})
    return changes


def _activity(visit: Visit) -> list[dict[str, Any]]:
    """Comments and all that happened, oldest first."""
    notes = visit.all_of(f"{_ISSUE}/notes", {"sort": "asc"})
    entries = [
        note | {"kind": "system" if note["system"] else "comment", "user": note["author"]}
        for note in notes
    ]
    entries += _label_changes(visit)
    for kind in ("state", "milestone"):
        events = visit.all_of(f"{_ISSUE}/resource_{kind}_events")
        entries += [event | {"kind": kind} for event in events]
    return sorted(entries, key=lambda entry: entry["created_at"])


def _page(visit: Visit, draft: str = "", problem: str = "") -> Page:
    issue, access = _issue(visit), visit.access
    may_label = access.sets_metadata(issue)
    known = visit.all_of("labels") if may_label else []
    values = {
        "issue": issue, "activity": _activity(visit), "draft": draft, "problem": problem,
        "may_edit": access.updates_issue(issue), "may_label": may_label,
        "may_comment": access.writes_notes(issue), "known_labels": known,
        "overdue": issue.state == "opened" and (issue.due_date or "9") < visit.access.today,
    }  # fmt: skip
    return Page("issue.html", values, 422 if problem else 200)


@ROUTES.add("GET", "/issues/:issue_iid")
def show(visit: Visit) -> Page:
    """The issue."""
    return _page(visit)


@ROUTES.add("POST", "/issues/:issue_iid/task")
def tick(visit: Visit) -> Redirect:
    """Tick or untick one box, if its line is still what the visitor saw.

    GitLab, too, sends the line along and refuses when it has changed
    (`app/services/task_list_toggle_service.rb`).
    """
    issue, params = _issue(visit), visit.params
    changed = markdown.ticked(
        issue.description, params.need_int("line"), params.need_int("byte"),
        params.text("source", "") or "", done=bool(params.flag("done")),
    )  # fmt: skip
    if changed is None:
        return _back(visit, _CHANGED)
    _change(visit, description=changed)
    return _back(visit)


@ROUTES.add("POST", "/issues/:issue_iid/notes")
def comment(visit: Visit) -> Page | Redirect:
    """Write a comment; what its quick actions did is told."""
    text, internal = visit.params.text("body") or "", bool(visit.params.flag("internal"))
    try:
        answer = visit.api("POST", f"{_ISSUE}/notes", {"body": text, "internal": internal})

    except ApiError as error:
        if error.status != INVALID:
            raise
        visit.database.rollback()
        return _page(visit, text, words_of(error))
    if "summary" in answer:
        return _back(visit, " ".join(answer["summary"]), "#comment")
    return _back(visit, part=f"#note_{answer['id']}")


@ROUTES.add("POST", "/issues/:issue_iid/state")
def change_state(visit: Visit) -> Redirect:
    """Close or reopen."""
    _change(visit, state_event=visit.params.need("state_event"))
    return _back(visit)


@ROUTES.add("POST", "/issues/:issue_iid/labels")
def set_labels(visit: Visit) -> Redirect:
    """Add what was chosen and was not there; remove what was there and is not chosen."""
    held = set(visit.params.strings("held"))
    wanted = set(visit.params.strings("wanted"))
    _change(
        visit,
        add_labels=",".join(sorted(wanted - held)),
        remove_labels=",".join(sorted(held - wanted)),
    )
    return _back(visit)


def _form(visit: Visit, draft: dict[str, str], problem: str = "") -> Page:
    issue = _issue(visit)
    if not visit.access.updates_issue(issue):
        raise forbidden()
    values = {"issue": issue, "draft": draft, "problem": problem}
    return Page("issue_form.html", values, 422 if problem else 200)


@ROUTES.add("GET", "/issues/:issue_iid/edit")
def edit(visit: Visit) -> Page:
    """The form with the issue as it is."""
    issue = _issue(visit)
    return _form(visit, {
        "title": issue.title, "description": issue.description or "",
        "due_date": issue.due_date or "",
    })  # fmt: skip


@ROUTES.add("POST", "/issues/:issue_iid/edit")
def save(visit: Visit) -> Page | Redirect:
    """Change title, description and due date."""
    fields = {name: visit.params.text(name, "") or "" for name in ("title", "description",
                                                                   "due_date")}  # fmt: skip
    try:
        _change(visit, **fields)
    except ApiError as error:
        if error.status != INVALID:
            raise
        visit.database.rollback()
        return _form(visit, fields, words_of(error))
    return _back(visit)
