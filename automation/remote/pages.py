"""Reading a list to its end, and knowing that it was the end.

A list that is cut short would make Drumbeat open loops that exist (law 1). So every page
must bring something new, totals must agree, and what changed under the reading is read
again. Pages are asked for by number; a `Link` is followed on the same address only.

Where the first page tells how many there are, the others are read side by side. Then all
must tell the same total: nobody knows in which order GitLab looked. Where they do not, and
where there is no total (past 10,000), the list is read page by page; by keyset, where GitLab
has it: that costs it less, and what leaves the list moves nothing over to another page.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

from automation.errors import RemoteError
from automation.remote.calls import STRANGE, Answer, Calls
from automation.remote.fields import Fields
from automation.remote.lanes import Lanes
from automation.remote.session import origin_of
from automation.remote.verdicts import AnswerTooLarge

Progress = Callable[[str], None]
"""Is told, in words, how far a long reading is."""

PER_PAGE = 100
READINGS = 4
_EMPTY_IN_A_ROW = 20
_FEW = 10
"""So many fit into one answer, however much text stands in each."""
_MOST_PAGES = 1_000
"""Past 10,000 items GitLab tells no total: a server that promises more pages is none."""
_LONGEST_NUMBER = 12
_ONE_BY_ONE = Lanes(1)


class _Unsettled(Exception):
    """The pages do not fit together: the list changed while it was read."""


@dataclass(frozen=True)
class Listing:
    """A list to read. `what` names it for people: "issues of support".

    `gappy` lists leave out items that the token may not see after counting them, as
    notes do: totals promise nothing and a page may be empty. `keyset` lists can be read from
    the last item of a page on; servers that cannot do it go on by numbers.
    """

    path: str
    query: Mapping[str, Any]
    what: str
    gappy: bool = False
    size: int = PER_PAGE
    keyset: bool = False

    def page(self, number: int) -> _Cursor:
        """Where the page of that number is, counted from 1."""
        return _Cursor({**self.query, "per_page": self.size, "page": number}, number)

    def by_key(self) -> _Cursor:
        """Its beginning, by keyset. Source: GitLab's documentation, "REST API", "Pagination"."""
        return _Cursor({**self.query, "per_page": self.size, "pagination": "keyset"})


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
    came: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

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

    def tell(self, more: int, total: int | None, progress: Progress | None) -> None:
        """Say how many items came so far, in the order in which pages come."""
        with self.lock:
            self.came += more
            if progress is not None:
                of = "" if total is None else f" of {total}"
                progress(f"{self.listing.what}: {self.came}{of}")

    def expect_more(self) -> None:
        """There is a next page. Raises _Unsettled where pages bring nothing new."""
        if self.empty > (_EMPTY_IN_A_ROW if self.listing.gappy else 0):
            raise _Unsettled("a page without anything new says that there are more")

    def expect_all(self) -> None:
        """There is no next page. Raises _Unsettled where some are missing."""
        if self.total is not None and self.total != len(self.items) and not self.listing.gappy:
            raise _Unsettled(f"{len(self.items)} came of {self.total}")


def read_all(
    calls: Calls, listing: Listing, progress: Progress | None = None, lanes: Lanes = _ONE_BY_ONE
) -> list[Fields]:
    """Every item of the list, in GitLab's order.

    Raises RemoteError where it cannot be proven complete, and as `Calls.get` does.
    """
    try:
        return _read_settled(calls, listing, progress, lanes)
    except AnswerTooLarge:
        return _read_settled(calls, replace(listing, size=_FEW), progress, lanes)


def _read_settled(
    calls: Calls, listing: Listing, progress: Progress | None, lanes: Lanes
) -> list[Fields]:
    reason = ""
    for reading in range(READINGS):
        try:
            return _read_once(calls, listing, progress, _ONE_BY_ONE if reading else lanes)
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
    cursor = listing.page(number)
    answer = calls.get(listing.path, cursor.query)
    items = _items(answer, listing)
    following = _following(answer, cursor, listing, len(items))
    return Part(items, following is not None, _count(answer, "x-total-pages"))


def _read_once(
    calls: Calls, listing: Listing, progress: Progress | None, lanes: Lanes
) -> list[Fields]:
    reading = _Reading(calls, listing, progress)
    first = listing.page(1)
    answer, page = reading.read(first)
    following = reading.take(answer, page, first)
    rest = _rest(answer, following, listing) if lanes.width > 1 else []
    if rest:
        _take_rest(reading, rest, lanes.map(reading.read, rest))
        following = None
    elif listing.keyset and following is not None and _count(answer, "x-total") is None:
        return _read_by_key(calls, listing, progress)
    reading.go_on(following)
    return reading.all()


def _read_by_key(calls: Calls, listing: Listing, progress: Progress | None) -> list[Fields]:
    """Every item, each page from the last item of the one before."""
    reading = _Reading(calls, listing, progress)
    last, count = reading.go_on(listing.by_key())
    items = reading.all()
    if last.number == 0 and count >= listing.size:
        # A last page that is full looks like one whose link got lost on its way.
        _, beyond = reading.read(listing.page(len(items) // listing.size + 1))
        if beyond:
            raise _Unsettled(f"there are more than the {len(items)} that came by keyset")
    return items


class _Reading:
    """One attempt to read a list to its end."""

    def __init__(self, calls: Calls, listing: Listing, progress: Progress | None) -> None:
        self._calls = calls
        self._listing = listing
        self._progress = progress
        self.gathered = _Gathered(listing)

    def read(self, cursor: _Cursor) -> tuple[Answer, list[Fields]]:
        """Ask for a page."""
        answer = self._calls.get(self._listing.path, cursor.query)
        page = _items(answer, self._listing)
        self.gathered.tell(len(page), _count(answer, "x-total"), self._progress)
        return answer, page

    def take(self, answer: Answer, page: list[Fields], cursor: _Cursor) -> _Cursor | None:
        """Add a page; gives where the next one is. Raises _Unsettled where it does not fit."""
        self.gathered.take(page, _count(answer, "x-total"))
        following = _following(answer, cursor, self._listing, len(page))
        if following is not None:
            self.gathered.expect_more()
        return following

    def go_on(self, cursor: _Cursor | None) -> tuple[_Cursor, int]:
        """Read from there to the end, page by page; gives the last page and its size."""
        last, count = _Cursor({}), 0
        while cursor is not None:
            answer, page = self.read(cursor)
            last, count = cursor, len(page)
            cursor = self.take(answer, page, cursor)
        return last, count

    def all(self) -> list[Fields]:
        """All items. Raises _Unsettled where some are missing."""
        self.gathered.expect_all()
        return list(self.gathered.items.values())


def _rest(first: Answer, second: _Cursor | None, listing: Listing) -> list[_Cursor]:
    """All pages after the first, where it tells beyond doubt how many there are."""
    total, pages = _count(first, "x-total"), _count(first, "x-total-pages")
    if total is None or pages is None or second is None or second.number != 2:
        return []
    if pages != -(-total // listing.size) or not 2 < pages <= _MOST_PAGES:
        return []
    return [listing.page(number) for number in range(2, pages + 1)]


def _take_rest(
    reading: _Reading, rest: list[_Cursor], read: list[tuple[Answer, list[Fields]]]
) -> None:
    """Add pages that were read side by side. Raises _Unsettled where they disagree."""
    for cursor, (answer, page) in zip(rest, read, strict=True):
        told, total = reading.gathered.total, _count(answer, "x-total")
        if total != told:
            raise _Unsettled(f"one page said {told}, another {total}")
        following = reading.take(answer, page, cursor)
        after = None if cursor is rest[-1] else cursor.number + 1
        if (following.number if following else None) != after:
            raise _Unsettled(f"page {cursor.number} does not fit to the others")


def _items(answer: Answer, listing: Listing) -> list[Fields]:
    if not isinstance(answer.data, list):
        raise RemoteError(f"GitLab's answer for the {listing.what} is not a list", STRANGE)
    return [Fields(item, f"an item of the {listing.what}") for item in answer.data]


def _count(answer: Answer, header: str) -> int | None:
    text = answer.headers.get(header, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER):
        raise RemoteError(f"GitLab's header `{header}` is not a number", STRANGE)
    return int(text)


def _following(answer: Answer, cursor: _Cursor, listing: Listing, size: int) -> _Cursor | None:
    if "x-next-page" in answer.headers:
        return _numbered(answer, cursor, listing)
    if answer.next_link:
        return _linked(answer.url, answer.next_link)
    told = cursor.number == 0 or _count(answer, "x-total") is not None
    if size >= listing.size and not told:
        raise RemoteError(
            "GitLab's answer does not tell whether there are more pages",
            "Let the proxy before GitLab pass its headers on.",
        )
    return None


def _numbered(answer: Answer, cursor: _Cursor, listing: Listing) -> _Cursor | None:
    number = _count(answer, "x-next-page")
    if number is None:
        return None
    if number <= cursor.number:
        raise RemoteError(f"GitLab's pages have no end: {number} follows {cursor.number}", STRANGE)
    return listing.page(number)


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
