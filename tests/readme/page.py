"""Pages as text: their fenced blocks, sections, tables, links and commands.

A line `<!-- check: … -->` above a block says how that block is held to the code; readers do
not see it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]

_FENCED = re.compile(r"^```.*?^```$", flags=re.M | re.S)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, how it is to be checked, and where it stands."""

    page: str
    language: str
    text: str
    check: str
    line: int

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def way(self) -> str:
        """The first word of the check."""
        return self.check.partition(" ")[0]

    @property
    def commands(self) -> list[str]:
        """The lines of a shell block, continued ones joined, comments left out."""
        joined = self.text.replace("\\\n", " ")
        return [line for line in joined.splitlines() if line.strip() and line[0] != "#"]

    @property
    def drumbeats(self) -> list[str]:
        """Those of them that call Drumbeat."""
        return [line for line in self.commands if line.startswith("drumbeat ")]


class Page:
    """A Markdown file of the repository."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.path = ROOT / name
        self.text = self.path.read_text(encoding="utf-8")
        self.lines = self.text.splitlines()

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The fenced blocks, in order."""
        return tuple(self._blocks())

    def _blocks(self) -> Iterator[Block]:
        check, language, begins = "", "", 0
        for number, line in enumerate(self.lines, 1):
            if begins and line == "```":
                text = "".join(f"{one}\n" for one in self.lines[begins : number - 1])
                yield Block(self.name, language, text, check, begins)
                check, begins = "", 0
            elif not begins and line.startswith("```"):
                language, begins = line[3:], number
            elif not begins and (found := re.fullmatch(r"<!-- check: (.+) -->", line)):
                check = found[1]

    @cached_property
    def prose(self) -> str:
        """The text without its fenced blocks."""
        return _FENCED.sub("", self.text)

    @property
    def links(self) -> list[str]:
        """Where links and pictures lead."""
        return re.findall(r"\]\(([^)\s]+)\)", self.prose)

    @cached_property
    def anchors(self) -> set[str]:
        """The headings as addresses."""
        headings = re.findall(r"^#+ (.+)$", self.prose, flags=re.M)
        return {re.sub(r"[^\w\- ]", "", one).lower().replace(" ", "-") for one in headings}

    @property
    def commands(self) -> list[str]:
        """Every command line of Drumbeat, in blocks and in code marks."""
        spans = re.findall(r"`(drumbeat [^`]+)`", self.prose)
        blocks = [line for block in self.blocks for line in block.drumbeats]
        return blocks + [" ".join(span.split()) for span in spans]

    def section(self, heading: str) -> str:
        """What stands below a heading, down to the next one of its rank or above."""
        assert heading in self.lines, f"{self.name} has no heading {heading!r}"
        rank, kept, fenced = len(heading.partition(" ")[0]), [], False
        for line in self.lines[self.lines.index(heading) + 1 :]:
            fenced ^= line.startswith("```")
            if not fenced and re.match(rf"#{{1,{rank}}} ", line):
                break
            kept.append(line)
        return "\n".join(kept)


README = Page("README.md")
DOCS = {path.stem: Page(f"docs/{path.name}") for path in sorted((ROOT / "docs").glob("*.md"))}
PAGES = (README, *DOCS.values())
BLOCKS = tuple(block for page in PAGES for block in page.blocks)


def checked(way: str) -> list[Block]:
    """The blocks that are to be checked in that way; there is at least one."""
    found = [block for block in BLOCKS if block.way == way]
    assert found, f"no page has a block with <!-- check: {way} -->"
    return found


def column(text: str, header: str, index: int = 0) -> list[str]:
    """The cells of a column in the table whose first header is this."""
    rows = re.split(rf"^\| {re.escape(header)} \|.*\n\|[ |:-]+\|\n", text, maxsplit=1, flags=re.M)
    assert len(rows) == 2, f"no table that begins with {header!r}"
    table = rows[1].split("\n\n")[0].splitlines()
    return [row.split("|")[index + 1].strip() for row in table]


def code(text: str) -> set[str]:
    """All that stands in code marks."""
    return set(re.findall(r"`([^`]+)`", text))


def arguments(line: str) -> tuple[list[str], str]:
    """The words of a command line after `drumbeat`, and the file that it writes into."""
    command, _, target = line.partition(" > ")
    words = shlex.split(command, comments=True)
    assert words[0] == "drumbeat"
    return words[1:], target.strip()
