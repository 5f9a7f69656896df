"""From request parameters to changes of an issue, as far as the caller may make them.

GitLab drops in silence what the caller may not set (a Guest's labels on their own issue),
and refuses only the request as a whole.
"""

from __future__ import annotations

from sqlalchemy import or_, select

from automation.sandbox import labelling
from automation.sandbox.access import GUEST, PLANNER, Access
from automation.sandbox.call import Call
from automation.sandbox.commands import interpret
from automation.sandbox.interpretation import Interpretation
from automation.sandbox.issue_edit import Changes
from automation.sandbox.quick_actions import extract
from automation.sandbox.schema import Issue, Label, Milestone, Project, User
from automation.sandbox.updates import to_changes

TYPES = ("issue", "incident", "test_case", "task")
SEVERITIES = ("unknown", "low", "medium", "high", "critical")


def _labels(call: Call, project: Project, name: str) -> list[Label]:
    allowed = call.access.project_level(project) >= PLANNER
    return labelling.find_or_create(
        call.session, project, call.params.strings(name), call.now, may_create=allowed
    )


def label_changes(call: Call, project: Project, held: list[Label]) -> list[Label] | None:
    """The labels that the issue is to bear, or `None` when the request names none."""
    params = call.params
    if not params.any_of(("labels", "add_labels", "remove_labels")):
        return None
    result = _labels(call, project, "labels") if params.has("labels") else list(held)
    result += [x for x in _labels(call, project, "add_labels") if x not in result]
    removed = params.strings("remove_labels")
    return [label for label in result if label.title not in removed]


def _may_be_assigned(call: Call, project: Project, user: User) -> bool:
    return Access(call.session, user, call.today).uses_issues(project)


def _assignees(call: Call, project: Project) -> list[User] | None:
    params = call.params
    if not params.any_of(("assignee_ids", "assignee_id")):
        return None
    ids = (
        params.integers("assignee_ids")
        if params.has("assignee_ids")
        else params.integers("assignee_id")
    )
    found = call.session.scalars(select(User).where(User.id.in_(ids)))
    users = {user.id: user for user in found}
    chosen = [users[i] for i in dict.fromkeys(ids) if i in users]
    return [user for user in chosen if _may_be_assigned(call, project, user)]


def _milestone(call: Call, project: Project) -> Milestone | None:
    """By id or by title; one that the project does not know counts as none."""
    params = call.params
    if params.has("milestone_id"):
        named = Milestone.id == (params.integer("milestone_id") or 0)
    else:
        named = Milestone.title == params.text("milestone")
    known = or_(
        Milestone.project_id == project.id, Milestone.group_id.in_(project.namespace.lineage_ids)
    )
    wanted = select(Milestone).where(named, known)
    return call.session.scalars(wanted.order_by(Milestone.project_id.nulls_last())).first()


def _metadata(call: Call, project: Project, held: list[Label]) -> Changes:
    changes: Changes = {}
    params = call.params
    if (labels := label_changes(call, project, held)) is not None:
        changes["labels"] = labels
    if (assignees := _assignees(call, project)) is not None:
        changes["assignees"] = assignees
    for name in ("start_date", "due_date"):
        if params.has(name):
            changes[name] = params.date(name)
    params.exclusive("milestone_id", "milestone")
    if params.any_of(("milestone_id", "milestone")):
        changes["milestone"] = _milestone(call, project)
    if params.has("weight"):
        changes["weight"] = params.integer("weight")
    if (severity := params.choice("severity", SEVERITIES)) is not None:
        changes["severity"] = severity
    if params.has("discussion_locked"):
        changes["discussion_locked"] = params.flag("discussion_locked")
    return changes


def _with_commands(
    call: Call, project: Project, issue: Issue | None, changes: Changes, text: str | None
) -> Interpretation | None:
    """Take quick actions out of a description and merge what they come to.

    Carriage returns and white space at the end go too, with or without quick actions.
    """
    if text is None:
        return None
    rest, commands = extract(text)
    meant = interpret(call, project, issue, commands, changes.get("issue_type"))
    updates = meant.updates
    changes["description"] = rest
    if "add_label_ids" in updates and "labels" in changes and "label_ids" not in updates:
        updates["label_ids"] = [label.id for label in changes["labels"]]
    changes.update(to_changes(call, project, issue, updates | meant.further))
    return meant


def for_new(call: Call, project: Project) -> Changes:
    """What a request to create an issue asks for; ``title`` is always there."""
    params = call.params
    params.filled("confidential")
    title = params.need("title")
    member = call.access.project_level(project) >= GUEST
    changes = _metadata(call, project, []) if member else Changes()
    changes["title"] = title
    changes["description"] = params.text("description")
    if (secret := params.flag("confidential")) is not None:
        changes["confidential"] = secret
    if (kind := params.choice("issue_type", TYPES)) is not None:
        changes["issue_type"] = kind
    _with_commands(call, project, None, changes, changes["description"])
    return changes


def for_update(call: Call, issue: Issue) -> tuple[Changes, Interpretation | None]:
    """What a request to change an issue asks for, and its description's quick actions."""
    params = call.params
    changes, meant = Changes(), None
    call.params.filled("confidential", "updated_at")
    if call.access.sets_metadata(issue):
        changes = _metadata(call, issue.project, list(issue.labels))
        if (secret := params.flag("confidential")) is not None:
            changes["confidential"] = secret
        if (kind := params.choice("issue_type", TYPES)) is not None:
            changes["issue_type"] = kind
    if params.has("title"):
        changes["title"] = params.text("title") or ""
    if event := params.choice("state_event", ("close", "reopen")):
        changes["state_event"] = event
    if params.has("description"):
        changes["description"] = params.text("description")
        meant = _with_commands(call, issue.project, issue, changes, changes["description"])
    return changes, meant
