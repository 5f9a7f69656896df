"""Markdown for a terminal: boxes, headings and folds that read without their marks.

The lines stay the lines of the text, so that an author finds them again in the template. What
stands in code stays as it is, and no character that a terminal would obey gets out.
"""

from __future__ import annotations

import re
import unicodedata
from html import unescape

from automation.checklist import Mark, read
from automation.inert import WORD_JOINER
from automation.render.document import readable
from automation.render.text import Paint, unpainted

_SIGNS = {Mark.OPEN: "☐", Mark.DONE: "☑", Mark.INAPPLICABLE: "☒"}
_BOX = re.compile(r"(?:[-*+]|\d{1,9}[.)])[ \t]+\[[^\]\n]?\]|\[[^\]\n]?\]")
_FENCE = re.compile(r"\s*(?:[-*+>]\s+)*(`{3,}|~{3,})")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s+(.*)")
_COMMENT = re.compile(r"<!--.*?-->")
_SUMMARY = re.compile(r"\s*<summary>(.*)</summary>\s*")
_FOLD = re.compile(r"\s*</?details(?:\s+open)?>\s*")
_STRONG = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
_LINK = re.compile(r"(?<!!)\[([^\]\n]+)\]\((https?://[^)\s]+)\)")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


def obedient(text: str) -> str:
    """The text without characters that a terminal obeys or does not show."""
    kept = (one for one in readable(text) if one in "\n\t" or unicodedata.category(one) != "Cc")
    return "".join(kept)


def on_screen(text: str, paint: Paint = unpainted) -> str:
    """The text as a terminal had better show it."""
    clean = obedient(text)
    boxes = {item.line: item.mark for item in read(clean).items}
    shown: list[str] = []
    fence = ""
    for number, line in enumerate(clean.split("\n"), 1):
        found = _FENCE.match(line)
        if fence or found:
            shown.append(paint("dim", line))
            fence = _fence_after(fence, found)
            continue
        words = _line(line, boxes.get(number), paint)
        if words is not None:
            shown.append(words)
    return "\n".join(shown)


def _fence_after(fence: str, found: re.Match[str] | None) -> str:
    """The fence that is open behind a line: one that began, or none once it was repeated."""
    if not fence:
        return found[1] if found else ""
    return "" if found and found[1].startswith(fence) else fence


def _line(line: str, mark: Mark | None, paint: Paint) -> str | None:
    """A line that is no code; None where nothing of it is to be seen."""
    line = _COMMENT.sub("", line) if "<!--" in line else line
    if _FOLD.fullmatch(line):
        return None
    if summary := _SUMMARY.fullmatch(line):
        return paint("bold", f"▸ {_inline(summary[1], unpainted)}")
    if heading := _HEADING.fullmatch(line):
        return paint("bold", _inline(heading[1], unpainted).strip())
    if mark is not None:
        line = _BOX.sub(lambda _: _SIGNS[mark], line, count=1)
    if mark is Mark.INAPPLICABLE:
        return paint("dim", _inline(line, unpainted))
    return _inline(line, paint)


def _inline(text: str, paint: Paint) -> str:
    """A line without the marks of Markdown; what entities stand for is no more obeyed."""
    text = obedient(unescape(text)).replace(WORD_JOINER, "")
    text = _LINK.sub(r"\1 (\2)", text)
    text = _STRONG.sub(lambda found: paint("bold", found[1]), text)
    return _ESCAPE.sub(r"\1", text)
