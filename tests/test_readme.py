"""The README is true: its commands run, its examples load, its tables are complete.

A line `<!-- check: … -->` above a block in the README says how that block is held to the
code; readers do not see it.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import shlex
import shutil
import signal
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import typer
from jinja2 import Environment

from automation.cli import app, main
from automation.commands.workspace import open_loops
from automation.demo.api import Api
from automation.demo.world import World, build
from automation.errors import ExitCode
from automation.labels import State
from automation.lint import lint
from automation.loops import front_matter_fields
from automation.model.metrics import MetricsPolicy
from automation.model.policy import Cadence
from automation.model.triage import FollowUp, Summary, TriageAction, TriageLimits, Where
from automation.rules.gathering import SOURCES
from automation.rules.triage.facts import NAMES
from automation.rules.triage.trial import COMMENT_NAMES, GROUP_NAMES, SUMMARY_NAMES
from automation.sandbox.server import running
from automation.templates import BODY

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LINES = README.splitlines()
NOON = "2026-11-24T12:00:00Z"
VERBS: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]


# --- Reading the README ------------------------------------------------------------


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and how it is to be checked."""

    language: str
    text: str
    check: str
    line: int

    @property
    def commands(self) -> list[str]:
        """The lines of a shell block, continued ones joined, comments left out."""
        joined = self.text.replace("\\\n", " ")
        return [line for line in joined.splitlines() if line.strip() and line[0] != "#"]


def _blocks() -> Iterator[Block]:
    check, language, begins = "", "", 0
    for number, line in enumerate(LINES, 1):
        if begins and line == "```":
            text = "".join(f"{one}\n" for one in LINES[begins : number - 1])
            yield Block(language, text, check, begins)
            check, begins = "", 0
        elif not begins and line.startswith("```"):
            language, begins = line[3:], number
        elif not begins and (found := re.fullmatch(r"<!-- check: (.+) -->", line)):
            check = found[1]


BLOCKS = tuple(_blocks())
SHELL = tuple(block for block in BLOCKS if block.language == "sh")


def checked(check: str) -> list[Block]:
    """The blocks that are to be checked in that way; there is at least one."""
    found = [block for block in BLOCKS if block.check.partition(" ")[0] == check]
    assert found, f"README has no block with <!-- check: {check} -->"
    return found


def section(heading: str) -> str:
    """What stands below a heading, down to the next one of its rank or above."""
    assert heading in LINES, f"README has no heading {heading!r}"
    rank, kept, fenced = len(heading.partition(" ")[0]), [], False
    for line in LINES[LINES.index(heading) + 1 :]:
        fenced ^= line.startswith("```")
        if not fenced and re.match(rf"#{{1,{rank}}} ", line):
            break
        kept.append(line)
    return "\n".join(kept)


def column(text: str, header: str, index: int = 0) -> list[str]:
    """The cells of a column in the table whose first header is this, without code marks."""
    rows = re.split(rf"^\| {re.escape(header)} \|.*\n\|[ |:-]+\|\n", text, maxsplit=1, flags=re.M)
    assert len(rows) == 2, f"no table that begins with {header!r}"
    table = rows[1].split("\n\n")[0].splitlines()
    return [row.split("|")[index + 1].strip() for row in table]


def code(text: str) -> set[str]:
    """All that stands in code marks."""
    return set(re.findall(r"`([^`]+)`", text))


def drumbeats() -> list[tuple[str, str]]:
    """Every command line of Drumbeat in the README, with the place it stands in."""
    found = [
        (f"README.md:{block.line}", line)
        for block in SHELL
        for line in block.commands
        if line.startswith("drumbeat ")
    ]
    prose = re.sub(r"^```.*?^```$", "", README, flags=re.M | re.S)
    found += [
        ("README.md", " ".join(span.split())) for span in re.findall(r"`(drumbeat [^`]+)`", prose)
    ]
    return found


def arguments(line: str) -> tuple[list[str], str]:
    """The words of a command line after `drumbeat`, and the file that it writes into."""
    command, _, target = line.partition(" > ")
    words = shlex.split(command, comments=True)
    assert words[0] == "drumbeat"
    return words[1:], target.strip()


# --- Running Drumbeat --------------------------------------------------------------


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str


def drumbeat(*words: str) -> Ran:
    """Run Drumbeat in this process."""
    out, err = io.StringIO(), io.StringIO()
    handler = signal.getsignal(signal.SIGTERM)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(words)
    finally:
        signal.signal(signal.SIGTERM, handler)
    return Ran(code, out.getvalue(), err.getvalue())


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CI_SERVER_URL", "DRUMBEAT_CA_BUNDLE", "DRUMBEAT_TOKEN", "DRUMBEAT_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("FORCE_COLOR", "GITLAB_CI"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped policies and templates, to stand in."""
    for folder in ("policies", "issue_templates"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def sample(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The sample organisation on the embedded GitLab, where Drumbeat has not been yet."""
    now = datetime.fromisoformat(NOON)
    loops = open_loops(repository)
    private = sorted({loop.project for loop in loops.current(now) if loop.confidential})
    with running(root_token="root-token", now=now) as url:
        world = build(Api(url, "root-token"), loops.organisation, private)
        monkeypatch.setenv("DRUMBEAT_URL", url)
        monkeypatch.setenv("DRUMBEAT_TOKEN", world.token)
        yield world


def excerpt_is_in(block: Block, output: str) -> None:
    """Every line of an excerpt stands in the output, in order; `…` stands for anything."""
    lines = iter(output.splitlines())
    for wanted in block.text.splitlines():
        if wanted.strip() in {"", "…"}:
            continue
        # A figure is set to the right: the dots that stand for it may be shorter.
        pattern = re.compile(re.sub(r"(?:\\ )*…", ".*", re.escape(wanted.rstrip())))
        assert any(pattern.fullmatch(line.rstrip()) for line in lines), (
            f"README.md, block at line {block.line}: the output has no line (any more, or not "
            f"here) like\n{wanted}\n\nThe output:\n{output}"
        )


# --- Commands ----------------------------------------------------------------------


@pytest.mark.parametrize(("place", "line"), drumbeats())
def test_every_command_line_is_understood(place: str, line: str) -> None:
    words, _ = arguments(line)
    assert words[0] in VERBS, f"{place}: there is no `drumbeat {words[0]}`"
    VERBS[words[0]].make_context(words[0], words[1:]).close()


def test_there_are_command_lines_for_every_verb() -> None:
    assert {arguments(line)[0][0] for _, line in drumbeats()} == set(VERBS)


def test_offline_commands_run(repository: Path) -> None:
    for block in checked("run"):
        for line in block.commands:
            if line.startswith("drumbeat "):
                words, target = arguments(line)
                ran = drumbeat(*words)
                assert ran.code == ExitCode.FINE, f"{line}\n{ran.out}\n{ran.err}"
                if target:
                    (repository / target).write_text(ran.out, encoding="utf-8")
    assert json.loads((repository / "drumbeat.schema.json").read_text())["oneOf"]
    assert list((repository / "preview").rglob("*.md"))


def test_going_live_works_on_the_embedded_gitlab(sample: World) -> None:
    lines = section("### 4. A look, and the setup")
    live = [line for block in SHELL for line in block.commands if line.strip() in lines]
    shown = [arguments(line)[0] for line in live if line.startswith("drumbeat ")]
    assert [words[0] for words in shown] == ["setup", "setup", "doctor", "plan"]
    runs = [drumbeat(*words, "--now", NOON) for words in shown]
    assert [ran.code for ran in runs] == [0, 0, 1, 0], runs
    told = [line for line in runs[2].out.splitlines() if line.startswith("ERROR")]
    assert len(told) == 2, told
    assert "Others can read" in told[0]
    assert "No run has opened loops" in told[1]
    keys = re.findall(r"^  \+ [\w-]+/([\w-]+)/", runs[-1].out, flags=re.M)
    assert set(keys) == {"mgr-emea-1"}


def test_reviewing_a_plan_and_the_price_of_a_settled_run(sample: World) -> None:
    for line in section("## Commands").splitlines():
        if line.startswith("drumbeat ") and not re.search("codequality|--now|sandbox", line):
            ran = drumbeat(*arguments(line)[0], "--now", NOON)
            assert ran.code == ExitCode.FINE, f"{line}\n{ran.out}\n{ran.err}"
    _forget_requests(sample)
    assert drumbeat("apply", "--now", NOON).out == "Nothing to do.\n"
    told = re.search(r"costs \*\*(\d+) requests\*\*", section("## What it costs"))
    assert told
    assert sample.root.get("/sandbox/requests")["total"] == int(told[1])


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


# --- Excerpts ----------------------------------------------------------------------


def test_what_a_manager_sees(repository: Path) -> None:
    (block,) = checked("preview")
    key = next(line.split()[1] for line in block.text.splitlines() if line.split()[:1] == ["key"])
    cadence, manager, _ = key.split("/")
    only = ["--only", f"cadence={cadence}", "--only", f"manager={manager}"]
    excerpt_is_in(block, drumbeat("preview", *only, "--now", NOON).out)


@pytest.mark.slow
def test_what_the_demo_prints(repository: Path) -> None:
    (block,) = checked("demo")
    ran = drumbeat("demo")
    assert ran.code == ExitCode.FINE, ran.err
    excerpt_is_in(block, ran.out)


# --- Examples ----------------------------------------------------------------------


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    """A repository of the README's own policies and templates."""
    documents = [block for block in BLOCKS if block.language == "yaml"]
    for folder in ("policies", "issue_templates"):
        (tmp_path / folder).mkdir()
    for block in documents:
        file = tmp_path / "policies" / f"line-{block.line}.yml"
        file.write_text(block.text, encoding="utf-8")
    for block in checked("template"):
        name = block.check.partition(" ")[2]
        (tmp_path / "issue_templates" / name).write_text(block.text, encoding="utf-8")
    return tmp_path


def test_examples_are_an_organisation_without_faults(examples: Path) -> None:
    loops = open_loops(examples)
    assert {one.name for one in loops.organisation.cadences} == {"look-back"}
    assert {one.name for one in loops.organisation.triages} == {"ownerless"}
    assert list(lint(loops, datetime.fromisoformat(NOON))) == []


def test_the_example_organisation_works_with_the_shipped_policies(repository: Path) -> None:
    """As a newcomer does it: settings and roster replaced, the sample's links kept."""
    policies = repository / "policies"
    settings, roster, *_ = (block.text for block in BLOCKS if block.language == "yaml")
    links = (policies / "settings.yml").read_text(encoding="utf-8").split("\nlinks:\n")[1]
    kept = "".join(f"{line}\n" for line in links.split("\n\n")[0].splitlines())
    (policies / "settings.yml").write_text(settings + kept, encoding="utf-8")
    (policies / "roster.yml").write_text(roster, encoding="utf-8")
    ran = drumbeat("lint", "--now", NOON)
    assert ran.code == ExitCode.FINE, ran.out


def test_the_template_example_renders(examples: Path) -> None:
    ran = drumbeat("preview", "--all", "--root", str(examples), "--now", "2026-12-02T12:00:00Z")
    assert ran.code == ExitCode.FINE, ran.err
    assert ran.out.startswith("Look back of Aoife Ní Dhomhnaill · 2026-12\n")
    assert ran.out.count("- [ ] Said what went well, or what to change") == 2
    assert "[handbook](https://handbook.example.com/support)" in ran.out


# --- Tables and lists --------------------------------------------------------------


def test_the_table_of_commands_is_complete() -> None:
    cells = column(section("## Commands"), "command")
    verbs = [cell.strip("`").removeprefix("drumbeat ") for cell in cells]
    assert sorted(verbs) == sorted(VERBS)


def test_the_table_of_exit_codes_is_complete() -> None:
    codes = column(section("### 7. When something fails"), "code")
    assert list(map(int, codes)) == sorted(ExitCode)


def test_the_table_of_variables_is_complete() -> None:
    named = set().union(*map(code, column(section("## Commands"), "variable")))
    source = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "automation").rglob("*.py")
    )
    ours = set(re.findall(r'"(DRUMBEAT_[A-Z_]+)"', source))
    assert named == ours | {"NO_COLOR"}


def test_the_table_of_states_is_complete() -> None:
    labels = column(section("## How it works"), "label")
    assert [label.strip("`") for label in labels] == [state.value for state in State]


def test_the_table_of_a_cadences_keys_is_complete() -> None:
    text = section("### A cadence")
    keys = [key.strip("`") for key in column(text, "key")]
    assert sorted(keys) == sorted(Cadence.model_fields)
    assert set(keys[keys.index("title") :]) == set(front_matter_fields())


def test_the_table_of_a_metrics_policys_keys_is_complete() -> None:
    keys = set().union(*map(code, column(section("### Numbers"), "key")))
    assert keys | {"kind", "name"} == MetricsPolicy.model_fields.keys()


def test_all_that_is_shipped_is_listed_and_every_section_that_can_be_switched_off() -> None:
    text, loops = section("## What is shipped"), open_loops(ROOT)
    listed = set().union(*map(code, column(text, "policy")))
    assert listed == loops.organisation.policy_names
    sections: set[str] = set()
    for cadence in loops.organisation.cadences:
        sections |= loops.library.get(cadence.template).sections
    assert set().union(*map(code, column(text, "policy", 2))) == sections


def test_the_names_that_templates_know(examples: Path) -> None:
    text = section("### A template")
    names = set().union(*map(code, column(text, "name")))
    known = {
        name
        for kind in ("manager", "report", "group", "director", "organisation")
        for name in _context_of(kind, examples)
    }
    assert names == known
    gathered = set().union(*map(code, column(text, "gathered")))
    assert gathered == SOURCES.keys()
    filters = {cell.strip("`") for cell in column(text, "filter")}
    assert filters == BODY.filters.keys() - Environment().filters.keys()


def _context_of(kind: str, root: Path) -> Iterable[str]:
    """The names in the context of a loop for that kind of subject."""
    for policy in (root / "policies").glob("*.yml"):
        text = policy.read_text(encoding="utf-8")
        if "kind: boards" in text:
            continue  # boards are not for reports
        policy.write_text(re.sub(r"for_each: \w+", f"for_each: {kind}", text), encoding="utf-8")
    loops = open_loops(root).current(datetime.fromisoformat("2026-12-02T12:00:00Z"))
    return next(loops).context


def test_the_words_of_triage() -> None:
    text = section("### A triage policy")
    bullets = {
        line.split("`")[1]: code(line)
        for line in re.sub(r"\n  (?=\S)", " ", text).splitlines()
        if line.startswith("- `")
    }
    keys = {one.alias or name for name, one in Where.model_fields.items()}
    assert bullets["where"] == {"where", *keys}
    names = {re.split(r"[(.]", name)[0] for name in bullets["when"]}
    assert names == {"when", "none", *NAMES}
    told = {word for word in bullets["do"] if "." not in word}
    assert told == {"do", *TriageAction.model_fields, "assignees", "author"}
    assert bullets["limits"] == {"limits", *TriageLimits.model_fields}
    assert bullets["issue"] == {"issue", *FollowUp.model_fields}
    assert bullets["summary"] == {"summary", *Summary.model_fields}
    lines = re.sub(r"\n  ", " ", text).splitlines()
    knows = [code(line) for line in lines if " knows `" in line]
    assert knows == [COMMENT_NAMES, GROUP_NAMES, SUMMARY_NAMES]


# --- The page itself ---------------------------------------------------------------


def _linked() -> list[str]:
    prose = re.sub(r"^```.*?^```$", "", README, flags=re.M | re.S)
    return re.findall(r"\]\(([^)\s]+)\)", prose)


def test_links_lead_somewhere() -> None:
    headings = [re.sub(r"[^\w\- ]", "", line.lstrip("# ")) for line in LINES if line[:1] == "#"]
    anchors = {heading.lower().replace(" ", "-") for heading in headings}
    for target in _linked():
        if target.startswith("#"):
            assert target[1:] in anchors, target
        elif not target.startswith("https://"):
            assert (ROOT / target).exists(), target


def test_files_that_are_named_exist() -> None:
    for name in code(README):
        if name.startswith(("tests/", "automation/", "policies/", "issue_templates/look")):
            exists = (ROOT / name).exists() or "look-back" in name
            assert exists, name


def test_each_promise_has_tests() -> None:
    promises = re.split(r"^\d+\. ", section("### Ten promises"), flags=re.M)[1:]
    laws = (ROOT / "tests/rules/test_laws.py").read_text(encoding="utf-8")
    named = set(re.findall(r"_(\d+)(?=_)", " ".join(re.findall(r"def test_law[\w]+", laws))))
    assert len(promises) == 10
    for number, promise in enumerate(promises, 1):
        assert "`tests/" in promise or str(number) in named, promise


def test_lines_are_short() -> None:
    fenced = False
    for number, line in enumerate(LINES, 1):
        fenced ^= line.startswith("```")
        if not fenced and not line.lstrip().startswith("|"):
            assert len(line) <= 100, f"README.md:{number}"


def test_the_page_comes_with_the_package() -> None:
    assert re.search(r'^readme = "README.md"$', (ROOT / "pyproject.toml").read_text(), flags=re.M)
