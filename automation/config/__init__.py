"""From files to facts: YAML under `policies/` becomes an Organisation, or a list of faults.

Every fault says file:line:column, the key path, the value, and what to write instead; all
faults of all files are told at once. Nothing here talks to GitLab or reads a clock.
"""

from __future__ import annotations

from automation.config.front_matter import read_front_matter
from automation.config.load import load
from automation.config.schema import json_schema

__all__ = ["json_schema", "load", "read_front_matter"]
