"""Triage policies: where → when → do, over issues that people wrote.

Policies and rules run in order on a simulated result: a later rule sees what earlier ones
did. At the end, all that is to be done to an issue is one change.
"""

from __future__ import annotations

from automation.rules.triage.engine import triage
from automation.rules.triage.matching import queries

__all__ = ["queries", "triage"]
