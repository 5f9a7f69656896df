"""Quick actions about relations, effort, reactions, and the caller's own attention.

As in GitLab, relating takes effect at once (``lib/gitlab/quick_actions/relate_actions.rb``);
the others become updates.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from automation.sandbox import attention, durations, linking
from automation.sandbox.interpretation import Interpretation, Unavailable
from automation.sandbox.issue_edit import Editor, sentence
from automation.sandbox.moving import reference
from automation.sandbox.params import parse_date
from automation.sandbox.schema import Issue

Handler = Callable[[Interpretation, str], str]
_EMOJI = re.compile(r":([a-z0-9_+-]+):")
_DAY = re.compile(r"\s+(\d{4}-\d{2}-\d{2})$")


def _editor(it: Interpretation) -> Editor:
    call = it.call
    return Editor(call.session, call.me, call.now, premium=call.premium)


def _linkable(it: Interpretation) -> Issue:
    issue = it.need_saved()
    if not linking.allowed(it.call.access, issue):
        raise Unavailable
    return issue


def _link(link_type: str, words: str) -> Handler:
    def act(it: Interpretation, text: str) -> str:
        issue = _linkable(it)
        if link_type != "relates_to" and not it.call.premium:
            raise Unavailable
        session, targets = it.call.session, it.referenced(text)
        for target in targets:
            held = linking.between(session, issue, target) is not None
            fits = linking.allowed(it.call.access, target)
            if fits and not held and not linking.refusal(session, issue, target):
                linking.relate(session, _editor(it), issue, target, link_type)
        names = sentence([reference(target, it.project) for target in targets])
        return f"Added {names} as a linked item {words} this issue." if targets else ""

    return act


def _unlink(it: Interpretation, text: str) -> str:
    issue = _linkable(it)
    session = it.call.session
    for target in it.referenced(text):
        link = linking.between(session, issue, target)
        if link is not None:
            linking.part(session, _editor(it), link)
            return f"Removed linked item {reference(target, it.project)}."
    return "No linked issue matches the provided parameter."


def _weight(it: Interpretation, text: str) -> str:
    it.need_metadata()
    if not it.call.premium:
        raise Unavailable
    if not text.isdigit():
        return ""
    it.updates["weight"] = int(text)
    return f"Set weight to {int(text)}."


def _clear_weight(it: Interpretation, _text: str) -> str:
    issue = it.need_saved()
    it.need_metadata()
    if not it.call.premium or issue.weight is None:
        raise Unavailable
    it.updates["weight"] = None
    return "Cleared weight."


def _estimate(it: Interpretation, text: str) -> str:
    it.need_metadata()
    seconds = durations.parse(text)
    if seconds is None or seconds < 0:
        return ""
    it.updates["time_estimate"] = seconds
    return f"Set time estimate to {durations.spoken(seconds)}." if seconds else ""


def _remove_estimate(it: Interpretation, _text: str) -> str:
    it.need_saved()
    it.need_metadata()
    it.updates["time_estimate"] = 0
    return "Removed time estimate."


def _spend(it: Interpretation, text: str) -> str:
    it.need_saved()
    it.need_metadata()
    match = _DAY.search(text)
    day = parse_date(match[1]) if match else it.call.today
    seconds = durations.parse(_DAY.sub("", text))
    if not seconds or day is None or day > it.call.today:
        return ""
    it.updates["spend_time"] = {
        "duration": seconds,
        "user_id": it.call.me.id,
        "spent_at": day,
    }
    word = "Added" if seconds > 0 else "Subtracted"
    return f"{word} {durations.spoken(abs(seconds))} spent time."


def _remove_spent(it: Interpretation, _text: str) -> str:
    it.need_saved()
    it.need_metadata()
    it.updates["spend_time"] = {"duration": "reset", "user_id": it.call.me.id}
    return "Removed spent time."


def _react(it: Interpretation, text: str) -> str:
    it.need_saved()
    match = _EMOJI.search(text)
    if match is None:
        return ""
    it.updates["emoji_award"] = match[1]
    return f"Toggled :{match[1]}: emoji award."


def _subscription(event: str, said: str) -> Handler:
    def act(it: Interpretation, _text: str) -> str:
        held = attention.subscribed(it.call.session, it.call.me, it.need_saved())
        if held == (event == "subscribe"):
            raise Unavailable
        it.updates["subscription_event"] = event
        return said

    return act


def _todo(event: str, said: str) -> Handler:
    def act(it: Interpretation, _text: str) -> str:
        held = bool(attention.pending(it.call.session, it.call.me, it.need_saved()))
        if held == (event == "add"):
            raise Unavailable
        it.updates["todo_event"] = event
        return said

    return act


HANDLERS: dict[str, Handler] = {
    "blocked_by": _link("is_blocked_by", "blocking"),
    "blocks": _link("blocks", "blocked by"),
    "clear_weight": _clear_weight,
    "done": _todo("done", "Marked to-do item as done."),
    "estimate": _estimate,
    "react": _react,
    "relate": _link("relates_to", "related to"),
    "remove_estimate": _remove_estimate,
    "remove_time_spent": _remove_spent,
    "spend": _spend,
    "subscribe": _subscription("subscribe", "Subscribed to notifications."),
    "todo": _todo("add", "Added a to-do item."),
    "unlink": _unlink,
    "unsubscribe": _subscription("unsubscribe", "Unsubscribed from notifications."),
    "weight": _weight,
}
