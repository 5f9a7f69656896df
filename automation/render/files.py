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
from automation.model.record import Record
from automation.plan import Plan
from automation.render.counts import tally
from automation.render.text import why

VERSION = 1
OUTCOMES_VERSION = 2
"""Since 2, outcomes say what was done, so that it can be undone."""
WITHHELD = ("title", "description", "say")


class ReviewedPlan(Fact):
    """What `apply --plan` needs of a plan file: the rest is derived anew."""

    version: int
    now: datetime
    only: tuple[str, ...] = ()
    shard: str = ""
    changes: dict[str, ReviewedChange]


class ReviewedChange(Fact):
    """What a change of the file was about."""

    kind: str
    key: str


ReviewedPlan.model_rebuild()


def plan_json(plan: Plan) -> str:
    """The plan as JSON, its changes with their ids; confidential text stands as digests.

    Of a confidential issue's labels, only those that a change adds or takes off are named.
    """
    document = {
        "version": VERSION,
        "now": plan.now.isoformat(),
        "only": list(plan.only),
        "shard": plan.shard,
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
        if before := fields.get("before"):  # what else it bore are people's own words
            before["labels"] = [one for one in before["labels"] if one in fields["remove_labels"]]
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
            shard=document.get("shard", ""),
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
    plan: Plan,
    outcomes: tuple[Outcome, ...],
    force: str = "",
    *,
    interrupted: bool = False,
    gitlab: str = "",
) -> str:
    """What became of a plan's changes, as JSON. `gitlab` is the address of the GitLab."""
    document = {
        "version": OUTCOMES_VERSION,
        "now": plan.now.isoformat(),
        "gitlab": gitlab,
        "only": list(plan.only),
        "shard": plan.shard,
        "forced": force,
        "interrupted": interrupted,
        "problems": [problem.model_dump() for problem in plan.problems],
        "outcomes": [outcome.model_dump(mode="json") for outcome in outcomes],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def read_outcomes(text: str, file: str) -> Record:
    """The outcomes of a file that `apply --outcomes` wrote; UsageError when it is none."""
    remedy = "Name a file that a run wrote: drumbeat apply --outcomes outcomes.json"
    if not text.strip():
        raise UsageError(
            f"{file} is empty: its run was killed before it could tell what it did",
            "What it did stands in its audit trail, one line for each change (`--audit`).",
        )
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        place = f"{file}:{error.lineno}:{error.colno}"
        raise UsageError(f"{place}: this is not JSON: {error.msg}", remedy) from error
    except (ValueError, RecursionError) as error:  # a number or a nest without end
        raise UsageError(f"{file} has no outcomes of Drumbeat", remedy) from error
    if not isinstance(document, dict) or not {"version", "outcomes"} <= document.keys():
        raise UsageError(f"{file} has no outcomes of Drumbeat", remedy)
    if document["version"] != OUTCOMES_VERSION:
        raise UsageError(
            f"{file} was written by another version of Drumbeat: its version is "
            f"{document['version']!r}, this one reads {OUTCOMES_VERSION}",
            "Older outcomes do not say enough to be undone: take them back by hand, with their "
            "addresses (`url`).",
        )
    return _record(document, file, remedy)


def _record(document: dict[str, Any], file: str, remedy: str) -> Record:
    try:
        return Record.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        path = ".".join(map(str, first["loc"]))
        raise UsageError(f"{file} is damaged: {path}: {first['msg']}", remedy) from error
