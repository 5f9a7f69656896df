"""SECURITY.md names what is there, and the pipeline keeps what it promises."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from tests.support.sample import REPOSITORY

PAGE = (REPOSITORY / "SECURITY.md").read_text("utf-8")
PIPELINE: dict[str, Any] = yaml.safe_load((REPOSITORY / ".gitlab-ci.yml").read_text("utf-8"))
JOBS = {
    name: job
    for name, job in PIPELINE.items()
    if isinstance(job, dict) and {"script", "extends"} & job.keys()
}


def in_effect(name: str, key: str) -> list[Any]:
    """What a job says under a key, and those that it extends; its own comes first."""
    job = PIPELINE[name]
    parents = job.get("extends", [])
    own = [job[key]] if key in job else []
    for parent in [parents] if isinstance(parents, str) else reversed(parents):
        own += in_effect(parent, key)
    return own


def rows() -> list[list[str]]:
    """The rows of the tables that say what holds a threat, and what keeps it so."""
    tables = PAGE.split("## What Drumbeat does\n")[1].split("\n## ")[0]
    cells = [line.strip("|").split(" | ") for line in tables.splitlines() if line[:2] == "| "]
    return [row for row in cells if row[0].strip() not in {"threat", "---"}]


def test_files_that_are_named_exist():
    named = set(re.findall(r"`((?:automation|tests)/[\w/.]+|[\w.-]+\.(?:toml|txt|yml))`", PAGE))
    assert len(named) > 40
    theirs = {"requirements.txt"}  # of a repository that `drumbeat init` wrote
    assert {name for name in named - theirs if not (REPOSITORY / name).exists()} == set()


def test_links_lead_somewhere():
    targets = re.findall(r"\]\(([^)]+)\)", PAGE)
    assert targets
    assert all((REPOSITORY / target).exists() for target in targets)


def test_every_protection_is_kept_by_a_test_or_a_person():
    assert len(rows()) > 20
    for row in rows():
        assert len(row) == 3, row
        assert "`tests/" in row[2] or "a person" in row[2], row


def test_tests_that_are_named_have_tests():
    for name in sorted(set(re.findall(r"`(tests/[\w/.]+)`", PAGE))):
        assert "\ndef test_" in (REPOSITORY / name).read_text("utf-8"), name


def test_no_address_is_given_that_nobody_reads():
    assert not re.findall(r"https?://|\b[\w.]+@\w", PAGE)


def test_lines_are_short():
    for line in PAGE.splitlines():
        assert len(line) <= 100 or line.startswith("| "), line


# --- The pipeline ------------------------------------------------------------------------


@pytest.mark.parametrize("name", JOBS)
def test_artifacts_are_for_developers_and_have_an_end(name):
    for artifacts in in_effect(name, "artifacts")[-1:]:
        assert artifacts["access"] == "developer"
        assert "expire_in" in artifacts


@pytest.mark.parametrize("name", [name for name in JOBS if name[0] != "."])
def test_what_uses_the_token_runs_on_the_protected_default_branch_only(name):
    script = " ".join(in_effect(name, "script")[0])
    if not re.search(r"drumbeat (plan|apply|report|setup|doctor)", script):
        return
    asked = [rule for rule in in_effect(name, "rules")[0] if rule.get("when") != "never"]
    assert asked
    for rule in asked:
        assert "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH" in rule["if"]
        assert '$CI_COMMIT_REF_PROTECTED == "true"' in rule["if"]


def test_pages_of_a_public_project_are_not_published():
    first = in_effect("pages", "rules")[0][0]
    assert first["when"] == "never"
    assert '$CI_PROJECT_VISIBILITY == "public"' in first["if"]
