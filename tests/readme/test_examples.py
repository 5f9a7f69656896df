"""The examples and excerpts of the README and of `docs/` are what the code reads and prints."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest

from automation.commands.workspace import open_loops
from automation.errors import ExitCode
from automation.lint import lint
from automation.metrics.table import read_table
from tests.readme.page import BLOCKS, DOCS, README, Block, checked
from tests.readme.running import NOON, drumbeat

LATER = "2026-12-11T12:00:00Z"
"""When all cadences of the examples have begun."""


def excerpt_is_in(block: Block, output: str) -> None:
    """Every line of an excerpt stands in the output, in order; `…` stands for anything."""
    lines = iter(output.splitlines())
    for wanted in block.text.splitlines():
        if wanted.strip() in {"", "…"}:
            continue
        # A figure is set to the right: the dots that stand for it may be shorter.
        pattern = re.compile(re.sub(r"(?:\\ )*…", ".*", re.escape(wanted.rstrip())))
        assert any(pattern.fullmatch(line.rstrip()) for line in lines), (
            f"{block.place}: the output has no line (any more, or not here) like\n{wanted}\n\n"
            f"The output:\n{output}"
        )


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


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    """A repository of the pages' own policies and templates."""
    for folder in ("policies", "issue_templates"):
        (tmp_path / folder).mkdir()
    for block in (one for one in BLOCKS if one.language == "yaml"):
        file = tmp_path / "policies" / f"{Path(block.page).stem}-line-{block.line}.yml"
        file.write_text(block.text, encoding="utf-8")
    for block in checked("template"):
        name = block.check.partition(" ")[2]
        (tmp_path / "issue_templates" / name).write_text(block.text, encoding="utf-8")
    return tmp_path


def test_examples_are_an_organisation_without_faults(examples: Path) -> None:
    loops = open_loops(examples)
    assert {one.name for one in loops.organisation.cadences} >= {"look-back", "reading-round"}
    assert {one.name for one in loops.organisation.triages} >= {"ownerless", "old-ideas"}
    assert [str(one) for one in lint(loops, datetime.fromisoformat(NOON))] == []


def test_every_kind_of_policy_has_an_example() -> None:
    written = "".join(block.text for block in BLOCKS if block.language == "yaml")
    told = re.findall(r"^\[(\w+)\]\(#\w+\)|· \[(\w+)\]", DOCS["reference"].text, flags=re.M)
    kinds = {one or other for one, other in told}
    assert kinds - set(re.findall(r"^kind: (\w+)", written, flags=re.M)) == {"adopted"}


def test_the_example_organisation_works_with_the_shipped_policies(repository: Path) -> None:
    """As a newcomer does it: settings and roster replaced, the sample's links kept."""
    policies = repository / "policies"
    settings, roster, *_ = (block.text for block in README.blocks if block.language == "yaml")
    links = (policies / "settings.yml").read_text(encoding="utf-8").split("\nlinks:\n")[1]
    kept = "".join(f"{line}\n" for line in links.split("\n\n")[0].splitlines())
    (policies / "settings.yml").write_text(settings + kept, encoding="utf-8")
    (policies / "roster.yml").write_text(roster, encoding="utf-8")
    ran = drumbeat("lint", "--now", NOON)
    assert ran.code == ExitCode.FINE, ran.out


def test_the_template_example_renders(examples: Path) -> None:
    ran = drumbeat("preview", "--all", "--root", str(examples), "--now", LATER)
    assert ran.code == ExitCode.FINE, ran.err
    assert "\nLook back of Aoife Ní Dhomhnaill · 2026-12\n" in f"\n{ran.out}"
    assert ran.out.count("- [ ] Said what went well, or what to change") == 2
    assert "[handbook](https://handbook.example.com/support)" in ran.out
    assert "- [ ] Somebody brings snacks" in ran.out


def test_a_section_of_ones_own_can_be_switched_off(examples: Path) -> None:
    texts = {file: file.read_text("utf-8") for file in (examples / "policies").iterdir()}
    (settings,) = (file for file, text in texts.items() if text.startswith("kind: settings"))
    settings.write_text(f"{texts[settings]}off: [snacks]\n", encoding="utf-8")
    ran = drumbeat("preview", "--all", "--root", str(examples), "--now", LATER)
    assert "- [ ] We said what to keep" in ran.out
    assert "snacks" not in ran.out


def test_the_file_of_numbers_is_read(examples: Path) -> None:
    (block,) = checked("numbers")
    policies = {one.name: one for one in open_loops(examples).organisation.metrics}
    columns = policies[block.check.partition(" ")[2]].columns
    table = read_table(block.text, "example.csv", columns)
    assert table.faults == []
    assert [one.public_replies for rows in table.rows.values() for one in rows] == [41, 38]
    assert table.weeks == {"2026-W47"}
