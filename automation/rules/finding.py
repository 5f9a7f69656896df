"""What a rule may find: a change to make, a problem to tell, a question to ask first."""

from __future__ import annotations

from collections.abc import Iterator

from automation.model.change import CreateIssue, Problem, Provision, Transition
from automation.model.questions import Question, Sparable
from automation.model.snapshot import Missing, NotReadable
from automation.templates import RenderError

Finding = CreateIssue | Transition | Provision | Problem | Question | Sparable


def settle(key: str, decide: Iterator[Finding]) -> Iterator[Finding]:
    """All findings about one key, or none of them while something is not known yet.

    So one loop that cannot be judged never stands in the way of the others (law 9).
    """
    try:
        found = tuple(decide)
    except Missing as missing:
        found = missing.wanted
    except NotReadable as unread:
        why = unread.why
        found = (Problem(key=key, message=why.reason, remedy=why.remedy, blocking=True),)
    except RenderError as error:
        remedy = "Run `drumbeat lint`: it names the file and the line."
        found = (Problem(key=key, message=error.message, remedy=remedy, blocking=True),)
    yield from found
