"""Reading a list to its end, and knowing that it was the end.

A list that is cut short would make Drumbeat open loops that exist (law 1). So every page
must bring something new, totals must agree, and what changed under the reading is read
again. Pages are asked for by number; a `Link` is followed on the same address only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

from automation.errors import RemoteError
from automation.remote.calls import STRANGE, Answer, Calls
from automation.remote.fields import Fields
from automation.remote.session import origin_of

Progress = Callable[[str], None]
"""Is told, in words, how far a long reading is."""

PER_PAGE = 100
READINGS = 4
_EMPTY_IN_A_ROW = 20


class _Unsettled(Exception):
    """The pages do not fit together: the list changed while it was read."""


@dataclass(frozen=True)
class Listing:
    """A list to read. `what` names it for people: "issues of support".

    `gappy` lists leave out items that the token may not see after counting them, as
    notes do: totals promise nothing and a page may be empty.
    """

    path: str
    query: Mapping[str, Any]
    what: str
    gappy: bool = False


@dataclass(frozen=True)
class _Cursor:
    """The next page: its query and number; links have no number."""

    query: Mapping[str, Any]
    number: int = 0


@dataclass
class _Gathered:
    """What the pages read so far brought."""

    listing: Listing
    items: dict[int, Fields] = field(default_factory=dict)
    total: int | None = None
    empty: int = 0

    def take(self, page: list[Fields], total: int | None) -> None:
        """Add a page. Raises _Unsettled where it does not fit to the others."""
        if total is not None and self.total is not None and total < self.total:
            raise _Unsettled(f"there were {self.total}, then {total}")
        self.total = total
        before = len(self.items)
        for fields in page:
            self.items.setdefault(fields.number("id"), fields)
        fresh = len(self.items) - before
        if fresh != len(page) and not self.listing.gappy:
            raise _Unsettled("some came twice")
        self.empty = 0 if fresh else self.empty + 1

    def expect_more(self) -> None:
        """There is a next page. Raises _Unsettled where pages bring nothing new."""
        if self.empty > (_EMPTY_IN_A_ROW if self.listing.gappy else 0):
            raise _Unsettled("a page without anything new says that there are more")

    def expect_all(self) -> None:
        """There is no next page. Raises _Unsettled where some are missing."""
        if self.total is not None and self.total != len(self.items) and not self.listing.gappy:
            raise _Unsettled(f"{len(self.items)} came of {self.total}")


def read_all(calls: Calls, listing: Listing, progress: Progress | None = None) -> list[Fields]:
    """Every item of the list, in GitLab's order.

    Raises RemoteError where it cannot be proven complete, and as `Calls.get` does.
    """
    reason = ""
    for _ in range(READINGS):
        try:
            return _read_once(calls, listing, progress)
        except _Unsettled as why:
            reason = str(why)
    raise RemoteError(
        f"The {listing.what} could not be read whole in {READINGS} readings: {reason}",
        "Run Drumbeat again when less is changing there.",
    )


@dataclass(frozen=True)
class Part:
    """One page of a list; `pages` is how many there are, None where GitLab does not say."""

    items: list[Fields]
    more: bool
    pages: int | None


def read_page(calls: Calls, listing: Listing, number: int) -> Part:
    """One page, counted from 1. Raises RemoteError as `Calls.get` does."""
    query = {**listing.query, "per_page": PER_PAGE, "page": number}
    answer = calls.get(listing.path, query)
    items = _items(answer, listing)
    following = _following(answer, _Cursor(query, number), query, len(items))
    return Part(items, following is not None, _count(answer, "x-total-pages"))


def _read_once(calls: Calls, listing: Listing, progress: Progress | None) -> list[Fields]:
    gathered = _Gathered(listing)
    first = {**listing.query, "per_page": PER_PAGE}
    cursor: _Cursor | None = _Cursor({**first, "page": 1}, 1)
    while cursor is not None:
        answer = calls.get(listing.path, cursor.query)
        page = _items(answer, listing)
        gathered.take(page, _count(answer, "x-total"))
        if progress is not None:
            progress(_so_far(gathered))
        cursor = _following(answer, cursor, first, len(page))
        if cursor is not None:
            gathered.expect_more()
    gathered.expect_all()
    return list(gathered.items.values())


def _so_far(gathered: _Gathered) -> str:
    total = "" if gathered.total is None else f" of {gathered.total}"
    return f"{gathered.listing.what}: {len(gathered.items)}{total}"


def _items(answer: Answer, listing: Listing) -> list[Fields]:
    if not isinstance(answer.data, list):
        raise RemoteError(f"GitLab's answer for the {listing.what} is not a list", STRANGE)
    return [Fields(item, f"an item of the {listing.what}") for item in answer.data]


def _count(answer: Answer, header: str) -> int | None:
    text = answer.headers.get(header, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise RemoteError(f"GitLab's header `{header}` is not a number", STRANGE)
    return int(text)


def _following(
    answer: Answer, cursor: _Cursor, first: Mapping[str, Any], size: int
) -> _Cursor | None:
    if "x-next-page" in answer.headers:
        return _numbered(answer, cursor, first)
    if answer.next_link:
        return _linked(answer.url, answer.next_link)
    told = cursor.number == 0 or _count(answer, "x-total") is not None
    if size >= PER_PAGE and not told:
        raise RemoteError(
            "GitLab's answer does not tell whether there are more pages",
            "Let the proxy before GitLab pass its headers on.",
        )
    return None


def _numbered(answer: Answer, cursor: _Cursor, first: Mapping[str, Any]) -> _Cursor | None:
    number = _count(answer, "x-next-page")
    if number is None:
        return None
    if number <= cursor.number:
        raise RemoteError(f"GitLab's pages have no end: {number} follows {cursor.number}", STRANGE)
    return _Cursor({**first, "page": number}, number)


def _linked(url: str, link: str) -> _Cursor:
    try:
        target = urljoin(url, link)
        stays = origin_of(target) == origin_of(url) and _path(target) == _path(url)
    except ValueError:
        target, stays = "", False
    if not stays:
        raise RemoteError(
            "GitLab's list goes on at another address, where Drumbeat does not send its token",
            "Give Drumbeat the address that GitLab has for itself (its external_url).",
        )
    return _Cursor(parse_qs(urlsplit(target).query, keep_blank_values=True))


def _path(url: str) -> str:
    return unquote(urlsplit(url).path)
