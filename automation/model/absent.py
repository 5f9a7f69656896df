"""What an issue does not have: a due date, a weight, a milestone.

It is falsy, equal to none alone, and neither above nor below anything, so that a condition
that compares it is not an error but does not hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


class Absent:
    """Nothing there; whatever is done with it, it stays so."""

    __slots__ = ()
    drumbeat_offers_this = True

    def __bool__(self) -> bool:
        return False

    def __len__(self) -> int:
        return 0

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __contains__(self, _item: object) -> bool:
        return False

    def __str__(self) -> str:
        return ""

    def __eq__(self, other: object) -> bool:
        return other is None or isinstance(other, Absent)

    def __hash__(self) -> int:
        return hash(None)

    def _never(self, _other: object) -> bool:
        return False

    __lt__ = __le__ = __gt__ = __ge__ = _never

    def _still(self, *_others: object) -> Absent:
        return self

    __call__ = __neg__ = __getitem__ = _still
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _still
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = _still


ABSENT = Absent()
"""The only one there is."""
