"""The ids of labels by their names, each listing read once in a run.

Thousands of boards are made of the same labels, and several changes may be under way at a time.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from automation.errors import Refused
from automation.remote.calls import Calls
from automation.remote.pages import read_all
from automation.remote.sections import labels_listing


@dataclass(frozen=True)
class Place:
    """A group or a project, by its path."""

    path: str
    in_group: bool


class LabelIds:
    """What the listings say, for as long as no label changes. Threads may share it."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._known: dict[Place, dict[str, int]] = {}
        self._lock = threading.Lock()  # held while it reads: who comes next wants the same

    def of(self, names: Collection[str], *places: Place) -> dict[str, int]:
        """The labels that the places know; where several know a name, the last of them counts.

        A name may be missing: then everything was read for this call, since another shard or a
        person may have made it meanwhile. Raises RemoteError as reading a listing does.
        """
        with self._lock:
            before = {place: self._known[place] for place in places if place in self._known}
            self._read(place for place in places if place not in before)
            ids = self._union(places)
            if before and not ids.keys() >= set(names):
                self._read(before)
                ids = self._union(places)
            return ids

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Forget what was read once a write to a label is over; a refused one changed nothing.

        All places are forgotten: they list the labels of the groups above them as well.
        """
        try:
            yield
        except Refused:
            raise
        except BaseException:
            self._forget()
            raise
        self._forget()

    def _forget(self) -> None:
        with self._lock:
            self._known.clear()

    def _read(self, places: Iterable[Place]) -> None:
        for place in places:
            listing = labels_listing(place.path, in_group=place.in_group)
            labels = read_all(self._calls, listing)
            self._known[place] = {label.text("name"): label.number("id") for label in labels}

    def _union(self, places: Iterable[Place]) -> dict[str, int]:
        return {name: one for place in places for name, one in self._known[place].items()}
