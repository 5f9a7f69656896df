"""Faults on demand: what a network and a busy GitLab do, switched on by a test.

Rules are tried in order; the first that fires wins. ``nth`` fires once, on that matching
request; ``every`` on each such multiple; ``probability`` by a seeded generator, so that a
run can be repeated; with none of them, always.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from typing import Any

from automation.sandbox.errors import bad_request

ACTIONS = ("status", "cut_before", "cut_after", "delay", "truncate")


@dataclass
class Fault:
    """One rule, and how many requests have matched it so far."""

    action: str
    method: str | None = None
    route: re.Pattern[str] = re.compile("")
    nth: int | None = None
    every: int | None = None
    probability: float | None = None
    status: int = 503
    body: Any = ""
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    chance: random.Random = field(default_factory=random.Random)
    seen: int = 0

    def fires(self, method: str, path: str) -> bool:
        """Whether this request is to suffer; counts it when it matches."""
        if self.method not in (None, "*", method) or not self.route.search(path):
            return False
        self.seen += 1
        if self.nth is not None:
            return self.seen == self.nth
        if self.every is not None:
            return self.seen % self.every == 0
        if self.probability is not None:
            return self.chance.random() < self.probability
        return True


def _check_numbers(data: dict[str, Any]) -> None:
    for name in ("nth", "every", "status"):
        value = data.get(name, 1)
        if not isinstance(value, int) or value < 1:
            raise bad_request(f"{name} is a whole number from 1")
    for name in ("probability", "seconds"):
        value = data.get(name, 0)
        if not isinstance(value, int | float) or value < 0:
            raise bad_request(f"{name} is a number from 0")


def _rule(data: Any) -> Fault:
    if not isinstance(data, dict) or data.get("action") not in ACTIONS:
        raise bad_request(f"each fault needs an action: {', '.join(ACTIONS)}")
    known = {"action", "method", "route", "nth", "every", "probability", "seed",
             "status", "body", "headers", "seconds"}  # fmt: skip
    if unknown := sorted(set(data) - known):
        raise bad_request(f"unknown keys in a fault: {', '.join(unknown)}")
    plain = {k: v for k, v in data.items() if k not in ("route", "seed", "method")}
    _check_numbers(data)
    try:
        pattern = re.compile(data.get("route", ""))
    except re.error as error:
        raise bad_request(f"route is no regular expression: {error}") from None
    method = str(data["method"]).upper() if data.get("method") else None
    return Fault(method=method, route=pattern, chance=random.Random(data.get("seed", 0)), **plain)


class Faults:
    """The rules in force."""

    def __init__(self) -> None:
        self.rules: list[Fault] = []

    def replace(self, data: Any) -> None:
        """Put a new list of rules in force, all counters at zero.

        Raises:
            ApiError: 400, when the list cannot be read.
        """
        if not isinstance(data, list):
            raise bad_request("faults are a list of rules")
        self.rules = [_rule(item) for item in data]

    def strike(self, method: str, path: str) -> Fault | None:
        """The rule that fires for this request; every matching rule counts it."""
        fired = [rule for rule in self.rules if rule.fires(method, path)]
        return fired[0] if fired else None
