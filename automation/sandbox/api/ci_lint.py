"""CI Lint: what is wrong with a pipeline's configuration. See `ci_config` for how much is seen.

Source: `lib/api/lint.rb`, `lib/api/entities/ci/lint/result.rb`.
"""

from __future__ import annotations

from typing import Any

from automation.sandbox.access import DEVELOPER
from automation.sandbox.api import find
from automation.sandbox.call import Call
from automation.sandbox.ci_config import examine
from automation.sandbox.errors import forbidden, not_found
from automation.sandbox.routing import Router

ROUTES = Router()


@ROUTES.add("GET", "/projects/:id/ci/lint")
def existing(call: Call) -> Any:
    """The configuration in the repository: there is none, for the repository is empty."""
    find.project(call)
    raise not_found("Repository")


@ROUTES.add("POST", "/projects/:id/ci/lint", status=200)
def given(call: Call) -> Any:
    """The configuration in ``content``; with ``include_jobs``, the jobs that it makes."""
    project = find.project(call)
    content = call.params.need("content")
    if call.access.project_level(project) < DEVELOPER:
        raise forbidden()
    verdict = examine(content)
    shape = {
        "valid": not verdict.errors,
        "errors": verdict.errors,
        "warnings": verdict.warnings,
        "merged_yaml": verdict.merged,
        "includes": [],
    }
    return shape | ({"jobs": verdict.jobs} if call.params.flag("include_jobs") else {})
