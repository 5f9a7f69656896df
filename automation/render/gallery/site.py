"""The gallery's files: a front page that lists and filters, and a page for each issue."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from itertools import groupby

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from automation.render.counts import counted
from automation.render.gallery.sheets import Chip, Sheet, WordsSheet
from automation.rules.silent import Silent

Maker = Callable[[], str]


@dataclass(frozen=True)
class Gallery:
    """All that the pages show, for the time `now`; loops in the order of cadences."""

    now: datetime
    sheets: tuple[Sheet, ...]
    words: tuple[WordsSheet, ...] = ()
    silent: tuple[Silent, ...] = ()

    def files(self) -> Mapping[str, str]:
        """Every page's text by its name in the folder."""
        found = {"index.html": self.index()}
        for sheet in self.sheets:
            found[sheet.file] = _issue(sheet, self.now, sheet.root)
        for words in self.words:
            found[words.file] = _page("words.html", words.chips + words.gone, self.now, sheet=words)
        return found

    def index(self) -> str:
        """The front page."""
        groups = groupby(self.sheets, key=lambda one: one.loop.cadence)
        return _page(
            "index.html",
            (),
            self.now,
            script=_text("gallery.js"),
            count=counted(len(self.sheets), "issue"),
            cadences=[(cadence, tuple(found)) for cadence, found in groups],
            words=self.words,
            silent=list(self._silences()),
        )

    def _silences(self) -> Iterator[tuple[str, str, list[str]]]:
        """Cadence, reason, and for whom."""
        for (cadence, why), some in groupby(self.silent, key=lambda one: (one.cadence, one.why)):
            yield cadence, why, [one.who for one in some if one.who]


def one_page(sheet: Sheet, now: datetime) -> str:
    """The page of one loop alone."""
    return _issue(sheet, now, "")


def _issue(sheet: Sheet, now: datetime, root: str) -> str:
    return _page("issue.html", sheet.chips, now, sheet=sheet, root=root)


def _page(
    template: str, chips: Iterable[Chip], now: datetime, script: str = "", **context: object
) -> str:
    style = _text("gallery.css") + "".join(_colours(chips))
    hashes = {"style": _hash(style), "script": _hash(script) if script else "'none'"}
    return _environment().get_template(template).render(
        style=Markup(style),  # noqa: S704 - our own file, and colours of six digits
        script=Markup(script),  # noqa: S704 - our own file
        hashes=hashes,
        now=f"{now:%a %-d %b %Y, %H:%M %Z}",
        **context,
    )  # fmt: skip


def _colours(chips: Iterable[Chip]) -> Iterator[str]:
    for style, one in sorted({chip.style: chip for chip in chips}.items()):
        yield f".{style} {{ background: {one.colour}; color: {one.ink}; }}\n"


def _hash(text: str) -> str:
    """The source by which a page's rules let its own style or script pass, and no other."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


@cache
def _text(name: str) -> str:
    return files("automation.render.gallery").joinpath("templates", name).read_text("utf-8")


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("automation.render.gallery"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
