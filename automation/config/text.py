"""From bytes to text that is safe to parse and to print."""

from __future__ import annotations

import re

from automation.errors import ConfigError, ConfigProblem

MAX_BYTES = 1024 * 1024

# C0 and C1 controls but tab and line breaks, the line breaks that no editor counts
# (next line, line and paragraph separator), lone surrogates, and what is no character.
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]"
)


def decode(raw: bytes, file: str) -> str:
    """The text of a file; ConfigError when it is too big or not UTF-8."""
    check_size(len(raw), file)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line = before.count(b"\n") + 1
        column = len(before.rpartition(b"\n")[2].decode("utf-8-sig")) + 1
        message = f"not UTF-8: byte 0x{raw[error.start]:02X} at offset {error.start}"
        remedy = "Save the file with the encoding UTF-8."
        raise ConfigError([ConfigProblem(file, line, column, "", message, remedy)]) from error


def check_size(size: int, file: str) -> None:
    """ConfigError when a file has more bytes than a policy can have."""
    if size > MAX_BYTES:
        message = f"the file is larger than {MAX_BYTES:,} bytes"
        raise ConfigError([ConfigProblem(file, 0, 0, "", message, "Split it into smaller files.")])


def check_characters(text: str, file: str) -> None:
    """ConfigError at the first character that has no business in a text file."""
    found = FORBIDDEN.search(text)
    if found is None:
        return
    line = text.count("\n", 0, found.start()) + 1
    column = found.start() - text.rfind("\n", 0, found.start())
    message = f"the character {named(found[0])} is not allowed"
    remedy = "Remove it; an editor may not show it."
    raise ConfigError([ConfigProblem(file, line, column, "", message, remedy)])


def named(character: str) -> str:
    """A character that cannot be shown, as `U+0000`."""
    return f"U+{ord(character):04X}"
