"""Every command of the README and of `docs/` runs, or is understood at least."""

from __future__ import annotations

import json
import re
import shlex
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import typer

from automation.cli import app
from automation.commands.workspace import open_loops
from automation.demo.world import World
from automation.errors import ExitCode
from automation.sandbox.server import running
from tests.readme.page import BLOCKS, PAGES, README, ROOT, Block, arguments, checked
from tests.readme.running import NOON, Ran, drumbeat

VERBS: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]
LOOK = "### 4. A look, and the setup"
WAYS = {
    "sh": {"make", "run", "setup", "live", "elsewhere", "sandbox"},
    "text": {"preview", "demo"},
    "markdown": {"template"},
    "csv": {"numbers"},
    # Loaded together, as one organisation.
    "yaml": {""},
    # A picture for readers; GitLab draws it.
    "mermaid": {""},
}
"""How blocks of each language may be checked."""


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.place)
def test_every_block_is_checked_in_some_way(block: Block) -> None:
    assert block.way in WAYS[block.language], block.place


@pytest.mark.parametrize(
    ("place", "line"), [(page.name, line) for page in PAGES for line in page.commands]
)
def test_every_command_line_is_understood(place: str, line: str) -> None:
    words, _ = arguments(line)
    assert words[0] in VERBS, f"{place}: there is no `drumbeat {words[0]}`"
    VERBS[words[0]].make_context(words[0], words[1:]).close()


def test_there_are_command_lines_for_every_verb() -> None:
    lines = [line for page in PAGES for line in page.commands]
    assert {arguments(line)[0][0] for line in lines} == set(VERBS)


def test_what_is_made_can_be_made() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.M))
    for block in checked("make"):
        assert {line.split()[1] for line in block.commands} <= targets, block.place


def carried_out(block: Block, *options: str) -> list[Ran]:
    """The block's commands of Drumbeat, each of which must end well."""
    done = []
    for line in block.drumbeats:
        words, target = arguments(line)
        ran = drumbeat(*words, *(() if "--now" in words else options))
        assert ran.code == ExitCode.FINE, f"{block.place}: {line}\n{ran.out}\n{ran.err}"
        if target:
            Path(target).write_text(ran.out, encoding="utf-8")
        done.append(ran)
    return done


@pytest.mark.parametrize("block", checked("run"), ids=lambda block: block.place)
def test_offline_commands_run(repository: Path, block: Block) -> None:
    assert all(ran.out or ran.err for ran in carried_out(block))
    written = {path.name for path in repository.iterdir()} - {"policies", "issue_templates"}
    assert written == {"preview"} & set(re.findall(r"--out (\w+)/", block.text)) | set(
        re.findall(r" > (\S+)", block.text)
    )


def test_commands_run_against_a_gitlab(sample: World) -> None:
    """All of them in one GitLab, one page after the other."""
    assert drumbeat("setup", "--yes", "--now", NOON).code == ExitCode.FINE
    for block in checked("live"):
        assert len(carried_out(block, "--now", NOON)) == len(block.drumbeats)


def test_going_live_works_on_the_embedded_gitlab(sample: World) -> None:
    (block,) = checked("setup")
    assert block.text in README.section(LOOK)
    shown = [arguments(line)[0] for line in block.drumbeats]
    assert [words[0] for words in shown] == ["setup", "setup", "doctor", "plan"]
    runs = [drumbeat(*words, "--now", NOON) for words in shown]
    assert [ran.code for ran in runs] == [0, 0, 1, 0], runs
    told = [line for line in runs[2].out.splitlines() if line.startswith("ERROR")]
    assert len(told) == 2, told
    assert "Others can read" in told[0]
    assert "No run has opened loops" in told[1]
    keys = re.findall(r"^  \+ [\w-]+/([\w-]+)/", runs[-1].out, flags=re.M)
    assert set(keys) == {"mgr-emea-1"}


def test_the_price_of_a_settled_run(sample: World) -> None:
    drumbeat("setup", "--yes", "--now", NOON)
    assert drumbeat("apply", "--now", NOON).code == ExitCode.FINE
    _forget_requests(sample)
    assert drumbeat("apply", "--now", NOON).out == "Nothing to do.\n"
    total = sample.root.get("/sandbox/requests")["total"]
    made = open_loops(Path()).organisation
    managers, cadences = len(made.roster.managers), len(made.cadences)
    told = " ".join(README.section("## What it costs, and how far it scales").split())
    size = f"({managers} managers, {cadences} cadences)"
    assert f"costs **{total} requests** at the sample's size {size}" in told


def _forget_requests(world: World) -> None:
    with requests.Session() as session:
        session.trust_env = False
        headers = {"PRIVATE-TOKEN": "root-token"}
        assert session.delete(f"{world.root.url}/sandbox/requests", headers=headers).ok


def test_a_token_that_is_too_weak_is_told(sample: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The exit code 3 of the table, and the heading under which the reason stands."""
    monkeypatch.setenv("DRUMBEAT_TOKEN", sample.users["mgr-emea-1"].token)
    ran = drumbeat("plan", "--now", NOON)
    assert ran.code == ExitCode.GITLAB_REFUSED
    assert "Needs a person" in ran.out


def test_what_is_run_elsewhere_is_run_there() -> None:
    """What serves until it is interrupted has a process of its own in the test that is named."""
    for block in checked("elsewhere"):
        source = (ROOT / block.check.partition(" ")[2]).read_text(encoding="utf-8")
        for words in (arguments(line)[0] for line in block.drumbeats):
            assert ", ".join(f'"{word}"' for word in words) in source, block.place


def test_the_clock_of_the_embedded_gitlab_moves() -> None:
    (block,) = checked("sandbox")
    _, moving, counting = (shlex.split(line) for line in block.commands)
    place, data = moving[-1], moving[moving.index("--json") + 1]
    name, _, value = moving[moving.index("--header") + 1].partition(": ")
    verb = moving[moving.index("--request") + 1]
    now = datetime.fromisoformat(NOON)
    with running(root_token="root-token", now=now) as url, requests.Session() as session:
        session.trust_env = False
        moved = session.request(
            verb, url + urlsplit(place).path, headers={name: value}, json=json.loads(data)
        )
        counted = session.get(url + urlsplit(counting[-1]).path)
    assert moved.json()["now"][:19] == json.loads(data)["now"][:19]
    assert "total" in counted.json()
