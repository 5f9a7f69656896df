"""Reactions to issues and notes (``lib/api/award_emoji.rb``, ``app/models/award_emoji.rb``).

A refusal is a 404 with the reason inside, as in GitLab. Votes are counted on the issue.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select

from automation.sandbox import reactions
from automation.sandbox.api import find
from automation.sandbox.call import Call, Reply
from automation.sandbox.errors import not_found, unauthorized
from automation.sandbox.paging import paginate
from automation.sandbox.routing import Router
from automation.sandbox.schema import Issue, Note
from automation.sandbox.schema_issues import AwardEmoji
from automation.sandbox.shapes import issues as shapes

ROUTES = Router()
ISSUE = "/projects/:id/issues/:issue_iid"
_NAME = re.compile(r"[a-z0-9_+-]+")


def _awardable(call: Call) -> tuple[Issue, Note | None]:
    issue = find.issue(call)
    return issue, find.note(call, issue) if "note_id" in call.path else None


def _list(call: Call) -> Any:
    wanted = select(AwardEmoji).where(reactions.of(*_awardable(call))).order_by(AwardEmoji.id)
    return [shapes.award(row, call.base_url) for row in paginate(call, wanted, AwardEmoji.id)]


def _award(call: Call, issue: Issue, note: Note | None) -> AwardEmoji:
    row = call.session.get(AwardEmoji, find.number(call, "award_id"))
    if row is None or (row.issue_id, row.note_id) != (issue.id, note.id if note else None):
        raise not_found()
    return row


def _show(call: Call) -> Any:
    return shapes.award(_award(call, *_awardable(call)), call.base_url)


def _refusal(call: Call, issue: Issue, note: Note | None, name: str) -> str:
    """Why the caller may not react like that; empty when they may."""
    if issue.project.read_only or (note is not None and note.system):
        return "User cannot award emoji to awardable"
    if not name:
        return "Name can't be blank"
    if not _NAME.fullmatch(name):
        return "Name is not a valid emoji name"
    taken = reactions.held(call.session, call.me, issue, note, name) is not None
    return "Name has already been taken" if taken else ""


def _create(call: Call) -> Any:
    text = call.params.need("name").strip()
    issue, note = _awardable(call)
    name = reactions.ALIASES.get(text, text)
    if reason := _refusal(call, issue, note, name):
        raise not_found(f"Award Emoji {reason}")
    row = reactions.give(call.session, call.me, issue, note, name, call.now)
    return shapes.award(row, call.base_url)


def _remove(call: Call) -> Any:
    issue, note = _awardable(call)
    row = _award(call, issue, note)
    if row.user_id != call.me.id and not call.access.admin:
        raise unauthorized()
    call.unchanged(row.updated_at)
    reactions.take(call.session, row, issue, note, call.now)
    return Reply(204, None)


for _base in (f"{ISSUE}/award_emoji", f"{ISSUE}/notes/:note_id/award_emoji"):
    ROUTES.add("GET", _base)(_list)
    ROUTES.add("POST", _base)(_create)
    ROUTES.add("GET", f"{_base}/:award_id")(_show)
    ROUTES.add("DELETE", f"{_base}/:award_id")(_remove)
