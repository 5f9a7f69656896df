"""A verb imports what it uses: counted in modules, since seconds depend on the machine."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from automation.cli import VERBS, main
from tests.support.sample import REPOSITORY

TELL = (
    "import json, sys; from automation.cli import main; code = main(sys.argv[1:]);"
    "json.dump(sorted(sys.modules), sys.stderr); sys.exit(code)"
)
HEAVY = {"pydantic", "gitlab", "requests", "jinja2", "holidays", "rich", "comrak", "yaml", "regex"}
ONLINE = {"gitlab", "requests", "urllib3", "requests_toolbelt"}
EXTRAS = {"altair", "vl_convert", "sqlalchemy", "starlette", "uvicorn", "multipart"}


def imported(*argv: str) -> set[str]:
    """The names of all modules that a process has imported when it has done this."""
    command = [sys.executable, "-c", TELL, *argv]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY)
    assert ran.returncode == 0, ran.stderr
    return set(json.loads(ran.stderr[ran.stderr.index("[") :]))


@pytest.mark.parametrize("argv", [["--help"], []])
def test_help_imports_no_verb_and_nothing_heavy(argv):
    found = imported(*argv)
    assert found.isdisjoint(HEAVY | ONLINE | EXTRAS)
    assert {name for name in found if name.startswith("automation")} == {
        "automation",
        "automation.cli",
        "automation.errors",
    }


def test_the_version_imports_no_verb():
    assert "automation.commands" not in imported("--version")


def test_lint_imports_neither_the_network_nor_the_extras_nor_progress_bars():
    assert imported("lint").isdisjoint(ONLINE | EXTRAS | {"rich"})


def test_lint_imports_no_calendars_of_countries_where_the_roster_names_none(tmp_path, capfd):
    assert main(["init", "--minimal", str(tmp_path / "new")]) == 0
    capfd.readouterr()
    assert "holidays" not in imported("lint", "-C", str(tmp_path / "new"))


@pytest.mark.parametrize("verb", ["init", "preview", "calendar", "schema"])
def test_help_of_a_verb_without_gitlab_imports_neither_the_network_nor_the_extras(verb):
    assert imported(verb, "--help").isdisjoint(ONLINE | EXTRAS | {"rich", "holidays"})


@pytest.mark.parametrize("verb", VERBS)
def test_the_summary_is_the_first_sentence_of_the_verb(verb):
    run = import_module(f"automation.commands.{verb}").run
    summary, *_ = (inspect.getdoc(run) or "").split("\n\n")
    assert VERBS[verb] == " ".join(summary.split())


def test_every_verb_is_in_the_table():
    files = Path(REPOSITORY / "automation" / "commands").glob("*.py")
    names = {file.stem for file in files} - {"__init__"}
    found = {name for name in names if hasattr(import_module(f"automation.commands.{name}"), "run")}
    assert found == set(VERBS)
