"""Pages: GitLab's offset pagination with all its headers, and keyset by cursor.

Above 10,000 records GitLab stops counting: totals and ``rel="last"`` are absent. An order
that keyset does not know falls back to offset in silence.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Select, func, select, tuple_

from automation.sandbox.call import Call
from automation.sandbox.errors import ApiError, grape

MAX_PER_PAGE = 100
COUNT_LIMIT = 10_000
OFFSET_LIMIT = 50_000
_SECRETS = ("private_token", "access_token", "job_token", "sudo")


def _size(call: Call) -> int:
    size = call.params.integer("per_page", 20)
    if not size or size < 0:
        raise grape("per_page has a value not allowed" if size == 0 else "per_page is invalid")
    return min(size, MAX_PER_PAGE)


def _link(call: Call, changes: dict[str, Any], rel: str) -> str:
    kept = [(k, v) for k, v in call.query if k not in changes and k not in _SECRETS]
    query = urlencode(sorted([*kept, *((k, str(v)) for k, v in changes.items())]))
    return f'<{call.base_url}{call.url_path}?{query}>; rel="{rel}"'


def _links(call: Call, pages: dict[str, int | None], size: int) -> str:
    return ", ".join(
        _link(call, {"page": page, "per_page": size}, rel)
        for rel, page in pages.items()
        if page is not None
    )


def _announce(call: Call, page: int, size: int, total: int | None, more: bool) -> None:
    last = None if total is None else max(1, -(-total // size))
    inside = last is None or page <= last
    following = page + 1 if more else None
    previous = page - 1 if page > 1 and inside else None
    call.headers |= {
        "X-Next-Page": str(following or ""),
        "X-Page": str(page),
        "X-Per-Page": str(size),
        "X-Prev-Page": str(previous or ""),
        "Link": _links(call, {"prev": previous, "next": following, "first": 1, "last": last}, size),
    }
    if total is not None:
        call.headers |= {"X-Total": str(total), "X-Total-Pages": str(last)}


def paginate(call: Call, wanted: Select[Any], key: Any) -> list[Any]:
    """One page of a query, by offset; ``key`` is the entity's id column, for counting."""
    size, page = _size(call), max(1, call.params.integer("page", 1) or 1)
    ids = wanted.with_only_columns(key).order_by(None).limit(COUNT_LIMIT + 1).subquery()
    total = call.session.scalar(select(func.count()).select_from(ids)) or 0
    limited = wanted.limit(size + 1).offset((page - 1) * size)
    rows = list(call.session.scalars(limited).unique())
    counted = total if total <= COUNT_LIMIT else None
    _announce(call, page, size, counted, len(rows) > size)
    return rows[:size]


def slice_page(call: Call, items: Sequence[Any]) -> list[Any]:
    """One page of what is already in memory, with the same headers."""
    size, page = _size(call), max(1, call.params.integer("page", 1) or 1)
    start = (page - 1) * size
    _announce(call, page, size, len(items), start + size < len(items))
    return list(items[start : start + size])


def within_reach(call: Call, what: str) -> None:
    """Refuse an offset page beyond GitLab's limit, where keyset pagination would do.

    Raises:
        ApiError: 405.
    """
    page = call.params.integer("page", 1) or 1
    if page * _size(call) > OFFSET_LIMIT:
        raise ApiError(405, {
            "error": f"Offset pagination has a maximum allowed offset of {OFFSET_LIMIT} for "
            f"requests that return objects of type {what}. Remaining records can be retrieved "
            "using keyset pagination."
        })  # fmt: skip


def pages_by_id(call: Call, wanted: Select[Any], key: Any, *, down: bool) -> list[Any]:
    """The older keyset pagination, of projects: its links go on after or before an id.

    A page with records always names a next one; the last is empty and has no link.
    """
    size = _size(call)
    ordered = wanted.order_by(None).order_by(key.desc() if down else key.asc()).limit(size)
    rows = list(call.session.scalars(ordered).unique())
    if rows:
        mark = {"id_before" if down else "id_after": rows[-1].id, "per_page": size}
        call.headers["Link"] = _link(call, mark, "next")
    return rows


def wants_keyset(call: Call) -> bool:
    """Whether the caller asked for keyset pagination."""
    return call.params.text("pagination") == "keyset"


def _encode(row: Any, column: str, held: Any, direction: str) -> str:
    values = {column: held, "id": row.id, "_kd": direction}
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


def _decode(cursor: str, column: str) -> tuple[list[Any], str]:
    """Where the cursor stands, and whether what follows it is wanted (``n``) or precedes it."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        return [values[column], values["id"]], values["_kd"]
    except (ValueError, binascii.Error, KeyError, TypeError):
        raise ApiError(400, {"message": "400 Bad request - cursor is invalid"}) from None


def keyset(
    call: Call, wanted: Select[Any], column: ColumnElement[Any], key: Any, *, down: bool,
    held: Callable[[Any], Any] | None = None,
) -> list[Any]:  # fmt: skip
    """One page after or before the cursor, ordered by ``(column, key)``.

    ``held`` reads the column's value off a row, where it is not an attribute of that name.

    Announces ``rel="next"``, and the cursors of both neighbours in headers of their own, as
    GitLab's ``lib/gitlab/pagination/keyset/cursor_based_request_context.rb`` has it.
    """
    size, name, back = _size(call), getattr(column, "key", None) or "place", False
    cursor = call.params.text("cursor")
    if cursor:
        place, direction = _decode(cursor, name)
        back = direction == "p"
        pair, after = tuple_(column, key), tuple_(*place)
        wanted = wanted.where(pair < after if down != back else pair > after)
    order = (column.desc(), key.desc()) if down != back else (column.asc(), key.asc())
    ordered = wanted.order_by(None).order_by(*order).limit(size + 1)
    rows = list(call.session.scalars(ordered).unique())
    more, rows = len(rows) > size, rows[:size]
    if back:
        rows.reverse()
    if not rows:
        return rows
    first, last = (
        (row, name, held(row) if held else getattr(row, name)) for row in (rows[0], rows[-1])
    )
    if more if back else cursor:
        call.headers["X-Prev-Cursor"] = _encode(*first, "p")
    if more or back:
        mark = _encode(*last, "n")
        call.headers["X-Next-Cursor"] = mark
        call.headers["Link"] = _link(call, {"cursor": mark, "per_page": size}, "next")
    return rows
