"""The tables of the README and of `docs/` are complete, and name nothing that is not there."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from jinja2 import Environment

from automation.commands.workspace import open_loops
from automation.errors import ExitCode
from automation.labels import State
from automation.rules.gathering import SOURCES
from automation.rules.triage.facts import NAMES
from automation.rules.triage.trial import COMMENT_NAMES, GROUP_NAMES, SUMMARY_NAMES
from automation.templates import BODY
from tests.readme.page import DOCS, README, ROOT, code, column
from tests.readme.running import NOON
from tests.readme.test_commands import VERBS


def test_the_table_of_commands_is_complete() -> None:
    cells = column(README.section("## Commands"), "command")
    verbs = [cell.strip("`").split()[1] for cell in cells]
    assert sorted(verbs) == sorted(VERBS)


def test_the_table_of_exit_codes_is_complete() -> None:
    codes = column(README.section("## When something fails"), "code")
    assert list(map(int, codes)) == sorted(ExitCode)


def test_the_table_of_variables_is_complete() -> None:
    named = set().union(*map(code, column(DOCS["operations"].text, "variable")))
    source = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "automation").rglob("*.py")
    )
    ours = set(re.findall(r'"(DRUMBEAT_[A-Z_]+)"', source))
    assert named == ours | {"NO_COLOR"}


def test_the_table_of_a_projects_variables_is_that_of_the_pipeline() -> None:
    named = set().union(*map(code, column(DOCS["operations"].text, "variable of the project")))
    pipeline = (ROOT / ".gitlab-ci.yml").read_text(encoding="utf-8")
    read = set(re.findall(r"DRUMBEAT_[A-Z_]+", pipeline))
    assert named == read | {"DRUMBEAT_CA_BUNDLE"}


def test_the_table_of_states_is_complete() -> None:
    labels = column(README.section("## How it works"), "label")
    assert [label.strip("`") for label in labels] == [state.value for state in State]


def test_all_that_is_shipped_is_listed_and_every_section_that_can_be_switched_off() -> None:
    text, loops = DOCS["shipped"].text, open_loops(ROOT)
    listed = set().union(*map(code, column(text, "policy")))
    assert listed == loops.organisation.policy_names
    sections: set[str] = set()
    for cadence in loops.organisation.cadences:
        sections |= loops.library.get(cadence.template).sections
    assert set().union(*map(code, column(text, "policy", 2))) == sections


KINDS = ("manager", "report", "group", "director", "organisation")
PROBE = """\
kind: cadence
name: probe-{kind}
for_each: {kind}
template: probe.md
title: Probe of {kind} {{{{ subject.id }}}} {{{{ period.label }}}}
period: week
schedule: {{rrule: FREQ=WEEKLY}}
"""


def test_the_names_that_templates_know(repository: Path) -> None:
    text = DOCS["templates"].text
    names = set().union(*map(code, column(text, "name")))
    assert names == _known_names(repository)
    gathered = set().union(*map(code, column(text, "gathered")))
    assert gathered == SOURCES.keys()
    filters = {cell.strip("`") for cell in column(text, "filter")}
    assert filters == BODY.filters.keys() - Environment().filters.keys()


def _known_names(repository: Path) -> set[str]:
    """The names in the context of loops for subjects of all kinds."""
    (repository / "issue_templates" / "probe.md").write_text("- [ ] Done\n", encoding="utf-8")
    policies = "---\n".join(PROBE.format(kind=kind) for kind in KINDS)
    (repository / "policies" / "probes.yml").write_text(policies, encoding="utf-8")
    loops = open_loops(repository).current(datetime.fromisoformat(NOON))
    found = {
        loop.key.cadence: loop.context for loop in loops if loop.key.cadence.startswith("probe-")
    }
    assert found.keys() == {f"probe-{kind}" for kind in KINDS}
    return {name for context in found.values() for name in context}


def test_the_words_of_triage() -> None:
    page = DOCS["triage"]
    words = code(" ".join(column(page.section("## Conditions"), "about", 1)))
    units = {"minutes", "hours", "days", "weeks"}
    assert {re.split(r"[(.]", word)[0] for word in words} == {"none", *NAMES} | units
    knows = column(page.section("## Templates of triage"), "template of", 1)
    assert list(map(code, knows)) == [COMMENT_NAMES, GROUP_NAMES, SUMMARY_NAMES]
