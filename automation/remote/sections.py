"""What all parts of the reader share: one connection, whole lists, paths of things."""

from __future__ import annotations

from collections.abc import Iterator

from automation.errors import Refused
from automation.model.issue import IssueRef
from automation.remote.calls import Calls, quoted
from automation.remote.fields import Fields
from automation.remote.lanes import Lanes
from automation.remote.pages import Listing, Progress, read_all

_NOT_FOUND = 404


class Section:
    """A part of the reader. `progress` is told how far a long list is read in `lanes`."""

    def __init__(self, calls: Calls, lanes: Lanes, progress: Progress | None = None) -> None:
        self._calls = calls
        self._lanes = lanes
        self._progress = progress

    def _all(self, listing: Listing) -> Iterator[Fields]:
        """Everything in a list, once the list is read whole."""
        return iter(read_all(self._calls, listing, self._progress, self._lanes))

    def _found(self, path: str, what: str) -> Fields | None:
        """One thing's fields, or None where GitLab says that there is no such thing."""
        try:
            answer = self._calls.get(path, {})
        except Refused as error:
            if error.status == _NOT_FOUND:
                return None
            raise
        return Fields(answer.data, what)


def home(place: str, *, in_group: bool) -> str:
    """The API path of a group or project."""
    return f"/{'groups' if in_group else 'projects'}/{quoted(place)}"


def issue_path(ref: IssueRef) -> str:
    """The API path of an issue."""
    return f"/projects/{ref.project_id}/issues/{ref.iid}"


def issue_words(ref: IssueRef) -> str:
    """An issue as messages name it, whose address is not known."""
    return f"issue {ref.iid} of project {ref.project_id}"


def labels_listing(place: str, *, in_group: bool = True) -> Listing:
    """The labels that issues of the place can bear: its own and those of groups above it.

    Source: GitLab's documentation, "Group labels API" and "Labels API".
    """
    query = {"include_ancestor_groups": "true"}
    if in_group:
        query |= {"include_descendant_groups": "false", "only_group_labels": "true"}
    return Listing(home(place, in_group=in_group) + "/labels", query, f"labels of {place}")
