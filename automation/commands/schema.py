"""`drumbeat schema`: everything that may stand under `policies/`, for editors and for people."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer

from automation.commands.console import result
from automation.config import json_schema
from automation.errors import ExitCode
from automation.loops import front_matter_fields
from automation.render.reference import reference


class Format(StrEnum):
    """For whom the schema is."""

    JSON = "json"
    MARKDOWN = "markdown"


def run(
    format: Annotated[
        Format, typer.Option(help="JSON Schema for editors, or the reference for people.")
    ] = Format.JSON,
) -> int:
    """Print the schema of the policies, so that an editor completes and checks them."""
    schema = json_schema()
    if format is Format.JSON:
        result(json.dumps(schema, indent=2, ensure_ascii=False) + "\n")
    else:
        result(reference(schema, front_matter_fields()))
    return ExitCode.FINE
