"""Templates to bytes, static files, and the style sheet of the labels' colours."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from automation.sandbox import clock
from automation.sandbox.pages import markdown
from automation.sandbox.pages.visit import query_of, url_of

_HERE = Path(__file__).parent
STATIC = {
    "pages.css": "text/css; charset=utf-8",
    "pages.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
_COLOR = re.compile(r"#(?:[0-9a-f]{3}){1,2}")


def _moment(stamp: str) -> str:
    """``24 Nov 2026, 08:00 UTC``."""
    when = clock.parse(stamp)
    return f"{when.day} {when:%b %Y, %H:%M} UTC"


def _day(iso: str) -> str:
    """``24 Nov 2026``."""
    day = date.fromisoformat(iso)
    return f"{day.day} {day:%b %Y}"


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(_HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.globals |= {"url_of": url_of, "query": query_of}
_ENVIRONMENT.filters |= {
    "markdown": markdown.render, "moment": _moment, "day": _day, "path": quote,
    "color_class": lambda color: f"c-{color.lstrip('#').lower()}",
}  # fmt: skip


def render(template: str, values: dict[str, Any]) -> str:
    """A page as HTML."""
    return _ENVIRONMENT.get_template(template).render(values)


@cache
def static(name: str) -> bytes:
    """A file that browsers load beside the pages; one of `STATIC`."""
    return (_HERE / "static" / name).read_bytes()


def colors_css(colors: Iterable[str]) -> str:
    """A rule for each colour of a label, for no page may bring style along.

    The text is black or white, whichever can be read better: GitLab's own choice falls
    short of WCAG's 4.5 for some colours.
    """
    known = sorted({color.lower() for color in colors if _COLOR.fullmatch(color.lower())})
    return "".join(
        f".c-{color[1:]}{{--label:{color};--label-text:{_readable_on(color)}}}\n" for color in known
    )


def _readable_on(color: str) -> str:
    """Black or white, by the relative luminance of WCAG 2."""
    digits = color[1:] if len(color) == 7 else "".join(digit * 2 for digit in color[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#000" if (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) else "#fff"
