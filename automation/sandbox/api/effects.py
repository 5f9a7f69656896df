"""Doing what quick actions came to, on an issue that exists."""

from __future__ import annotations

from typing import Any

from automation.sandbox import attention, effort, linking, reactions
from automation.sandbox.api import relocation
from automation.sandbox.api.issues import editor
from automation.sandbox.call import Call, Reply
from automation.sandbox.errors import ApiError, bad_request
from automation.sandbox.interpretation import Interpretation
from automation.sandbox.moving import reference
from automation.sandbox.schema import Issue, Project
from automation.sandbox.updates import to_changes


def execute(call: Call, issue: Issue, meant: Interpretation) -> Reply | None:
    """Apply updates; when the issue refuses them, the answer. A note stays all the same."""
    changes = to_changes(call, issue.project, issue, meant.updates | meant.further)
    try:
        editor(call).edit(issue, changes)
        finish(call, issue, meant)
    except ApiError as error:
        field, (problem, *_) = next(iter(error.body["message"].items()))
        words = f'Note {{:validation=>["{field.capitalize()} {problem}"]}}'
        return Reply(400, bad_request(words).body)
    return None


def finish(call: Call, issue: Issue, meant: Interpretation) -> Issue:
    """Do what changes no field of the issue; where it is then, when it moves."""
    _spend(call, issue, meant.updates.get("spend_time"))
    _follow(call, issue, meant.updates)
    _react(call, issue, meant.updates.get("emoji_award"))
    original = meant.updates.get("canonical_issue_id")
    if original is not None:
        _mark_duplicate(call, issue, call.session.get_one(Issue, original))
    return _go(call, issue, meant)


def _go(call: Call, issue: Issue, meant: Interpretation) -> Issue:
    """Move or clone the issue, as ``Issues::UpdateService`` does: moving wins."""
    there, copied = meant.further.get("move_to_id"), meant.further.get("clone_to_id")
    if there is not None and there != issue.project_id and issue.moved_to_id is None:
        return relocation.move_to(call, issue, call.session.get_one(Project, there))
    if copied is not None:
        target = call.session.get_one(Project, copied)
        with_notes = meant.updates["clone_with_notes"]
        return relocation.clone_to(call, issue, target, with_notes=with_notes)
    return issue


def _spend(call: Call, issue: Issue, spent: dict[str, Any] | None) -> None:
    if spent is None:
        return
    if spent["duration"] == "reset":
        effort.forget(editor(call), issue)
    else:
        effort.spend(editor(call), issue, spent["duration"], spent["spent_at"])


def _react(call: Call, issue: Issue, name: str | None) -> None:
    """Give a reaction, or take it back."""
    if name is None:
        return
    name = reactions.ALIASES.get(name, name)
    held = reactions.held(call.session, call.me, issue, None, name)
    if held is None:
        reactions.give(call.session, call.me, issue, None, name, call.now)
    else:
        reactions.take(call.session, held, issue, None, call.now)


def _follow(call: Call, issue: Issue, updates: dict[str, Any]) -> None:
    """Subscriptions and to-do items of the caller."""
    session = call.session
    if event := updates.get("subscription_event"):
        attention.subscribe(session, call.me, issue, wanted=event == "subscribe")
    if updates.get("todo_event") == "add":
        attention.add_todo(session, call.me, issue, call.now)
    elif updates.get("todo_event") == "done":
        attention.finish(attention.pending(session, call.me, issue), call.now)


def _mark_duplicate(call: Call, issue: Issue, original: Issue) -> None:
    pen = editor(call)
    there, here = reference(original, issue.project), reference(issue, original.project)
    pen.touch(issue, f"marked this issue as a duplicate of {there}")
    pen.touch(original, f"marked {here} as a duplicate of this issue")
    issue.duplicated_to_id = original.id
    if linking.between(call.session, issue, original) is None:
        linking.relate(call.session, pen, issue, original, "relates_to")
    call.session.flush()
