"""Plans and outcomes as JSON: for machines, for review, and for the record."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from automation.errors import UsageError
from automation.model.base import Fact
from automation.model.change import Change, Outcome
from automation.plan import Plan
from automation.render.counts import tally
from automation.render.text import why

VERSION = 1
WITHHELD = ("title", "description", "say")


class ReviewedPlan(Fact):
    """What `apply --plan` needs of a plan file: the rest is derived anew."""

    version: int
    now: datetime
    only: tuple[str, ...] = ()
    changes: dict[str, ReviewedChange]


class ReviewedChange(Fact):
    """What a change of the file was about."""

    kind: str
    key: str


ReviewedPlan.model_rebuild()


def plan_json(plan: Plan) -> str:
    """The plan as JSON, its changes with their ids; confidential text stands as digests."""
    document = {
        "version": VERSION,
        "now": plan.now.isoformat(),
        "only": list(plan.only),
        "counts": tally(plan.changes),
        "bounds": plan.bounds.model_dump(),
        "excesses": list(plan.excesses()),
        "problems": [problem.model_dump() for problem in plan.problems],
        "changes": [_change(change) for change in plan.changes],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _change(change: Change) -> dict[str, Any]:
    fields = change.model_dump(mode="json")
    fields["reason"] = why(change)
    if fields.get("confidential"):
        for name in WITHHELD:
            if fields.get(name):
                digest = hashlib.sha256(fields[name].encode()).hexdigest()
                fields[name] = f"withheld: confidential (sha256 {digest})"
    return {"id": change.id, **fields}


def read_plan(text: str, file: str) -> ReviewedPlan:
    """The plan of a file that `plan --out` wrote; UsageError when it is none."""
    remedy = "Write one with: drumbeat plan --out plan.json"
    try:
        document = json.loads(text)
        plan = ReviewedPlan(
            version=document["version"],
            now=document["now"],
            only=tuple(document["only"]),
            changes={
                change["id"]: ReviewedChange(kind=change["kind"], key=change["key"])
                for change in document["changes"]
            },
        )
    except (ValueError, KeyError, TypeError, RecursionError, ValidationError) as error:
        raise UsageError(f"{file} is not a plan of Drumbeat", remedy) from error
    if plan.version != VERSION or plan.now.tzinfo is None:
        raise UsageError(f"{file} was written by another version of Drumbeat", remedy)
    return plan


def outcomes_json(
    plan: Plan, outcomes: tuple[Outcome, ...], force: str = "", *, interrupted: bool = False
) -> str:
    """What became of a plan's changes, as JSON."""
    document = {
        "version": VERSION,
        "now": plan.now.isoformat(),
        "only": list(plan.only),
        "forced": force,
        "interrupted": interrupted,
        "problems": [problem.model_dump() for problem in plan.problems],
        "outcomes": [outcome.model_dump(mode="json") for outcome in outcomes],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
