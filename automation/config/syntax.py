"""The YAML parser's complaints in plain words."""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

from automation.errors import ConfigProblem

MAX_DEPTH = 50
"""How many collections may stand within each other."""

_FLOW = "Close it, put a comma between entries, and quote text that has brackets in it."
_QUOTE = "Put text that has ': ' in it in quotes, and check the indentation."


@dataclass(frozen=True)
class _Complaint:
    """A pattern over `context: problem` of both of PyYAML's parsers, and our words for it."""

    pattern: str
    message: str
    remedy: str
    at_context: bool = False


_COMPLAINTS = (
    _Complaint("mapping values are not allowed", "a ': ' that cannot stand here", _QUOTE),
    _Complaint(
        "could not find expected ':'",
        "a line that is neither 'key: value' nor '- entry'",
        "Add the ':', or quote the text that goes over several lines.",
    ),
    _Complaint("maximum nesting depth", f"nested more than {MAX_DEPTH} deep", "Make it flatter."),
    _Complaint(
        "quoted scalar: found unexpected end",
        "a quote that is opened here and never closed",
        "Close it.",
        at_context=True,
    ),
    _Complaint(
        "flow sequence: .*expected ',' or ']'",
        "a list that is opened with '[' here and not closed well",
        _FLOW,
        at_context=True,
    ),
    _Complaint(
        "flow mapping: .*expected ',' or '}'",
        "a mapping that is opened with '{' here and not closed well",
        _FLOW,
        at_context=True,
    ),
    _Complaint(
        "unknown escape character",
        "a backslash that means nothing in double quotes",
        "Use single quotes, or write two backslashes.",
    ),
    _Complaint(
        "escape code|escape sequence|hexa?dec", "a bad escape code in double quotes", "Mend it."
    ),
    _Complaint("directive|incompatible YAML", "a '%' line that means nothing here", "Remove it."),
    _Complaint("undefined tag handle", "a tag ('!…') is not allowed", "Remove it."),
    _Complaint(
        "sequence entries are not allowed",
        "a '- ' that cannot stand here",
        "Begin each entry of a list on a line of its own.",
    ),
    _Complaint(
        "expected '?<document start>",
        "a document begins without '---'",
        "Write '---' on a line of its own before it.",
    ),
    _Complaint(
        "block (mapping|collection): .*(expected key|expected '-'|expected <block end>)",
        "this does not go on with what was begun above",
        "Check the indentation, and put text that has quotes in it wholly in quotes.",
    ),
    _Complaint(
        "flow node: .*expected (the )?node content",
        "a value or a closing bracket is missing here",
        _FLOW,
    ),
    _Complaint(
        "expected (the )?node content",
        "a value is missing here",
        "Write the value, or put text that begins with such a character in quotes.",
    ),
)


def syntax_problem(error: Exception, text: str, file: str) -> ConfigProblem:
    """What the parser could not read, and where."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return ConfigProblem(file, 0, 0, "", f"YAML cannot be read: {error}")
    found = _complaint(error, error.problem_mark, text)
    mark = (error.context_mark if found.at_context else None) or error.problem_mark
    line, column = mark.line + 1, mark.column + 1
    return ConfigProblem(file, line, column, "", found.message, found.remedy)


def _complaint(error: yaml.MarkedYAMLError, mark: yaml.Mark, text: str) -> _Complaint:
    told = f"{error.context}: {error.problem}"
    if "cannot start any token" in told:
        return _stray(_character(mark, text))
    unknown = _Complaint("", f"YAML cannot be read: {error.problem}", "")
    return next((one for one in _COMPLAINTS if re.search(one.pattern, told)), unknown)


def _character(mark: yaml.Mark, text: str) -> str:
    return re.split(r"\r\n?|\n", text)[mark.line][mark.column]


def _stray(character: str) -> _Complaint:
    if character == "\t":
        return _Complaint("", "a tab where YAML wants blanks", "Indent with blanks only.")
    message = f"text that begins with {character!r} needs quotes"
    return _Complaint("", message, "Put it in quotes.")
