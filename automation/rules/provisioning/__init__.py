"""Labels, boards and pipeline schedules: what a run needs, and what `drumbeat setup` makes.

Each area is asked by itself, so that one which the token may not see hides no other.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from automation.model.organisation import Organisation
from automation.model.snapshot import Snapshot
from automation.rules.finding import Finding
from automation.rules.provisioning.boards import BoardAddress, WantedBoard, board_for
from automation.rules.provisioning.boards import addresses as board_addresses
from automation.rules.provisioning.boards import set_up as set_up_boards
from automation.rules.provisioning.labels import set_up as set_up_labels
from automation.rules.provisioning.labels import with_labels
from automation.rules.provisioning.schedules import set_up as set_up_schedules

__all__ = [
    "BoardAddress",
    "WantedBoard",
    "board_addresses",
    "board_for",
    "set_up",
    "set_up_boards",
    "set_up_labels",
    "set_up_schedules",
    "with_labels",
]


def set_up(
    organisation: Organisation, snapshot: Snapshot, day: date | None = None
) -> Iterator[Finding]:
    """All that policies ask for, as far as it differs from what is there.

    On a day, boards are for those who are there on it; without one, for all in the roster.
    """
    snapshot.identity()  # without anybody's token in order, nothing below can be read
    yield from set_up_labels(organisation, snapshot)
    yield from set_up_boards(organisation, snapshot, day)
    yield from set_up_schedules(organisation, snapshot)
