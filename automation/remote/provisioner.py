"""Makes labels, boards and pipeline schedules as they should be, and writes only what differs.

Labels are addressed by their id wherever it is known: GitLab reads a name that begins with
digits as an id first (`find_label` in `lib/api/helpers/label_helpers.rb`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any, TypeVar
from urllib.parse import quote

from automation.errors import Refused
from automation.model.change import (
    EnsureBoard,
    EnsureLabel,
    EnsureSchedule,
    PrioritizeLabel,
    RemoveLabel,
)
from automation.remote.calls import Calls, quoted
from automation.remote.fields import Fields
from automation.remote.label_ids import LabelIds, Place
from automation.remote.sections import home

NOT_SENT = 0
_FORBIDDEN = 403
_NOT_FOUND = 404
_TAKEN = frozenset({400, 409})
_BREAKS = ('"', ",", "\n", "\r")
_ABOVE = "The label may belong to a group above this one: change it there."
T = TypeVar("T")


class Provisioner:
    """The part of the writer that `drumbeat setup` needs. Raises as `ports.Writer` says."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._labels = LabelIds(calls)

    # --- Labels ------------------------------------------------------------------------

    def ensure_label(self, change: EnsureLabel) -> str:
        """Create a label of a group, or update it, its name too."""
        check_labels((change.name,))
        path = home(change.group, in_group=True) + "/labels"
        look = {"color": change.color, "description": change.description}
        before = change.before
        if before is None:
            self._make_label(change, {"name": change.name, **look})
        else:
            name = {"new_name": change.name} if before.name else {}
            one = f"{path}/{before.id}"
            with self._labels.changing():
                _with_remedy(_NOT_FOUND, _ABOVE, lambda: self._calls.put(one, {**name, **look}))
        return self._labels_url(change.group)

    def _make_label(self, change: EnsureLabel, fields: dict[str, str]) -> None:
        """Create a label, or see that another shard or a person has done so meanwhile.

        GitLab answers 409 where it finds the name first, 400 where only saving finds it.
        Source: `create_label` in `lib/api/helpers/label_helpers.rb`.
        """
        try:
            with self._labels.changing():
                self._calls.post(home(change.group, in_group=True) + "/labels", fields)
        except Refused as error:
            if error.status not in _TAKEN:
                raise
            group = Place(change.group, in_group=True)
            if change.name not in self._labels.of((change.name,), group):
                raise

    def prioritize_label(self, change: PrioritizeLabel) -> str:
        """Give a label its priority in a project."""
        label_id = change.label_id
        if label_id is None:
            project = Place(change.project, in_group=False)
            label_id = self._ids((change.name,), change.project, project)[change.name]
        path = f"{home(change.project, in_group=False)}/labels/{label_id}"
        remedy = (
            f"GitLab sets priorities in {change.project} for its own labels and those of the group "
            "it lies in, not for those of groups above."
        )
        _with_remedy(
            _NOT_FOUND, remedy, lambda: self._calls.put(path, {"priority": change.priority})
        )
        return f"{self._calls.base_url}/{change.project}/-/labels"

    def remove_label(self, change: RemoveLabel) -> str:
        """Delete a label of a group."""
        path = f"{home(change.group, in_group=True)}/labels/{change.before.id}"
        with self._labels.changing():
            _with_remedy(_NOT_FOUND, _ABOVE, lambda: self._calls.delete(path))
        return self._labels_url(change.group)

    def _labels_url(self, group: str) -> str:
        return f"{self._calls.base_url}/groups/{group}/-/labels"

    # --- Boards ------------------------------------------------------------------------

    def ensure_board(self, change: EnsureBoard) -> str:
        """Create a board, the lists that it lacks and its scope, and put its lists in order."""
        path = home(change.place, in_group=change.in_group) + "/boards"
        ids = self._label_ids(change)
        scoped = True
        board = change.before
        if board is None:
            made = self._new_board(path, change)
            board, scoped = made.number("id"), made.has_key("labels")
        if change.only and scoped:
            self._rescope(f"{path}/{board}", change.only)
        made_lists = {
            label: self._calls.post(f"{path}/{board}/lists", {"label_id": ids[label]}).number("id")
            for label in change.missing
        }
        for move in change.moves:
            list_id = move.list_id or made_lists[move.label]
            self._calls.put(f"{path}/{board}/lists/{list_id}", {"position": move.position})
        group = "groups/" if change.in_group else ""
        query = "" if scoped else _filter(change.only or ())
        return f"{self._calls.base_url}/{group}{change.place}/-/boards/{board}{query}"

    def _new_board(self, path: str, change: EnsureBoard) -> Fields:
        remedy = "Give the token's user the role Planner or above there."
        if change.in_group:
            remedy += (
                " GitLab Free allows one board in a group: rename the one that is there to "
                f"{change.name!r}, or give this one a `project`, which may have several."
            )
        return _with_remedy(
            _FORBIDDEN, remedy, lambda: self._calls.post(path, {"name": change.name})
        )

    def _rescope(self, path: str, only: tuple[str, ...]) -> None:
        answer = self._calls.put(path, {"labels": ",".join(only)})
        found = {label.text("name") for label in answer.each("labels")}
        if found != set(only):
            raise Refused(
                f"GitLab gave the board the scope {', '.join(sorted(found)) or 'of no label'}, "
                f"not {', '.join(only)}",
                "Look at the board's settings in GitLab.",
                status=200,
            )

    def _label_ids(self, change: EnsureBoard) -> dict[str, int]:
        if not change.missing:
            return {}
        # The labels' group comes last: its labels win over a project's of the same name.
        places = () if change.in_group else (Place(change.place, in_group=False),)
        group = Place(change.labels_group, in_group=True)
        return self._ids(change.missing, f"The board {change.name}", *places, group)

    # --- Schedules ---------------------------------------------------------------------

    def ensure_schedule(self, change: EnsureSchedule) -> str:
        """Create a pipeline schedule, or take it over and change what differs."""
        remedy = (
            f"Give the token's user the role Maintainer in {change.project}, and the right to "
            f"merge to {change.ref.removeprefix('refs/heads/')}; or have a Maintainer do it."
        )
        _with_remedy(_FORBIDDEN, remedy, lambda: self._schedule(change))
        return f"{self._calls.base_url}/{change.project}/-/pipeline_schedules"

    def _schedule(self, change: EnsureSchedule) -> None:
        path = home(change.project, in_group=False) + "/pipeline_schedules"
        wanted = _schedule_fields(change)
        before = change.before
        if before is None:
            new = {"description": change.description, **wanted}
            one = f"{path}/{self._calls.post(path, new).number('id')}"
        else:
            one = f"{path}/{before.id}"
            if change.take_ownership:
                self._calls.post(f"{one}/take_ownership", {})
            there = {
                "cron": before.cron,
                "cron_timezone": before.timezone,
                "ref": before.ref,
                "active": before.active,
            }
            differing = {name: value for name, value in wanted.items() if there[name] != value}
            if differing:
                self._calls.put(one, differing)
        self._variables(one, change)

    def _variables(self, schedule: str, change: EnsureSchedule) -> None:
        for variable in change.variables:
            path = f"{schedule}/variables"
            if variable.value is None:
                self._calls.delete(f"{path}/{quoted(variable.key)}")
            elif variable.there:
                self._calls.put(f"{path}/{quoted(variable.key)}", {"value": variable.value})
            else:
                self._calls.post(path, {"key": variable.key, "value": variable.value})

    # --- Within ------------------------------------------------------------------------

    def _ids(self, names: Collection[str], what: str, *places: Place) -> dict[str, int]:
        ids = self._labels.of(names, *places)
        unknown = [name for name in names if name not in ids]
        if unknown:
            raise Refused(
                f"{what} needs labels that do not exist: {', '.join(unknown)}",
                "Run `drumbeat setup`: it makes labels before what needs them.",
                status=NOT_SENT,
            )
        return ids


def _schedule_fields(change: EnsureSchedule) -> dict[str, Any]:
    return {
        "cron": change.cron,
        "cron_timezone": change.timezone,
        "ref": change.ref,
        "active": change.active,
    }


def _filter(labels: tuple[str, ...]) -> str:
    query = "&".join(f"label_name[]={quote(label, safe=':')}" for label in labels)
    return f"?{query}" if query else ""


def _with_remedy(status: int, remedy: str, write: Callable[[], T]) -> T:
    """What the write gives; a refusal with this status says what to do about it here."""
    try:
        return write()
    except Refused as error:
        if error.status != status:
            raise
        raise Refused(error.message, remedy, status=status) from error


def check_labels(names: Iterable[str]) -> None:
    """Refuse names that would mean something else in a quick action, a list or a path."""
    for name in names:
        if not name.strip(" .") or any(mark in name for mark in _BREAKS):
            raise Refused(
                f"Drumbeat does not send the label {name!r}: GitLab would read it as another one",
                "Name labels without quotes, commas and line breaks.",
                status=NOT_SENT,
            )
