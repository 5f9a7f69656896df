"""`drumbeat schema`: the JSON Schema of everything under `policies/`."""

from __future__ import annotations

import json

from automation.commands.console import result
from automation.config import json_schema
from automation.errors import ExitCode


def run() -> int:
    """Print the JSON Schema of the policies, so that an editor completes and checks them."""
    result(json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n")
    return ExitCode.FINE
