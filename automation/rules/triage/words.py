"""What rules have to say on an issue, brought together in as few notes as it takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """A text, the hidden lines by which it is known again, and whom it addresses."""

    text: str
    marks: tuple[str, ...]
    mentions: tuple[str, ...] = ()
    internal: bool = False
    thread: bool = False

    def __add__(self, other: Words) -> Words:
        """Both in one note, a paragraph after the other."""
        return Words(
            f"{self.text}\n\n{other.text}",
            tuple(dict.fromkeys((*self.marks, *other.marks))),
            tuple(dict.fromkeys((*self.mentions, *other.mentions))),
            self.internal,
            self.thread or other.thread,
        )


def notes(said: Iterable[Words]) -> tuple[Words, ...]:
    """One note for what is internal and one for the rest, which is the last.

    The last one carries the deeds: they come after all that is to be said.
    """
    found: dict[bool, Words] = {}
    for words in said:
        known = found.get(words.internal)
        found[words.internal] = known + words if known else words
    return tuple(found[internal] for internal in (True, False) if internal in found)
