"""Read the log: keyset pages and streams, and no further than where it is final."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from eventstore import sql, validating
from eventstore.conf import store_settings
from eventstore.exceptions import (
    AmbiguousAggregate,
    EventNotFound,
    InvalidCursor,
    IsolationLevelError,
    PositionNotReached,
)
from eventstore.types import Page, StoredDomainEvent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_END = (1 << 63) - 1
_MAX_LIMIT = 1_000_000
#: Bounded: Python refuses to convert thousands of digits.
_NUMBER = re.compile(r"[0-9]{1,19}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Seconds by which stored_at may lag behind the order of positions: an append takes its
#: time before its position, and may wait in between for the lock of another aggregate.
STORED_TOLERANCE = 600.0


def stable_position(*, strict: bool = False) -> int:
    """Return the position up to which the log is final: nothing can appear below it.

    Args:
        strict: also count what the caller's own transaction has appended as not final.
            Feeds, subscriptions and exports need that; a request wants to see its own.

    Raises:
        IsolationLevelError: the transaction is not READ COMMITTED.
    """
    row = sql.fetch_one("stable_position", (not strict,))
    if row is None or row[0] is None:
        raise IsolationLevelError
    position: int = row[0]
    return position


def wait_for(position: int, *, timeout: float = 10.0) -> int:
    """Wait until every read sees the log up to ``position``; return the stable one.

    Args:
        position: that of an event that was appended.
        timeout: for how many seconds to wait.

    Raises:
        PositionNotReached: the time ran out.
        IsolationLevelError: the transaction is not READ COMMITTED.
    """
    started = time.monotonic()
    pause = 0.001
    while (stable := stable_position()) < position:
        waited = time.monotonic() - started
        if waited >= timeout:
            raise PositionNotReached(position, stable, waited)
        time.sleep(min(pause, timeout - waited))
        pause = min(pause * 2, 0.05)
    return stable


def stored_bounds(
    stored_from: datetime | None, stored_before: datetime | None
) -> tuple[int | None, int | None]:
    """Return the positions around a range of stored time: after, up to; ``None``: open.

    ``stored_at`` has no index. All that was stored in the range lies between these
    positions, and some that was not: compare ``stored_at`` too. That holds while no
    append waits ``STORED_TOLERANCE`` seconds for its locks and the server's clock is
    not put back by as much.
    """
    row = sql.fetch_one(
        "stored_bounds",
        {
            "stored_from": _aware(stored_from),
            "stored_before": _aware(stored_before),
            "tolerance": STORED_TOLERANCE,
        },
    )
    return (row[0], row[1]) if row else (None, None)


def read_event(event_id: str, tenant_id: str) -> StoredDomainEvent:
    """Return one event.

    Raises:
        EventNotFound: the tenant has no such event.
    """
    found = (
        sql.fetch_events("read_event", (tenant_id, event_id))
        if validating.are_storable(tenant_id, event_id)
        else ()
    )
    if not found:
        raise EventNotFound(event_id, tenant_id)
    return found[0]


def resolve_type(
    aggregate_id: str, tenant_id: str, aggregate_type: str | None
) -> str | None:
    """Return the type of an aggregate that is named by its id, ``None`` if unknown.

    Raises:
        AmbiguousAggregate: several types use the id.
    """
    if aggregate_type is not None:
        return aggregate_type
    if not validating.are_storable(aggregate_id, tenant_id):
        return None
    types = [
        found
        for (found,) in sql.fetch_all("aggregate_types", (tenant_id, aggregate_id))
    ]
    if len(types) > 1:
        raise AmbiguousAggregate(aggregate_id, types)
    return types[0] if types else None


def read_version(
    aggregate_id: str, tenant_id: str, aggregate_type: str | None = None
) -> int:
    """Return the version at which an aggregate stands, 0 when it has no events.

    Raises:
        AmbiguousAggregate: several types use the id and none was given.
    """
    found = resolve_type(aggregate_id, tenant_id, aggregate_type)
    if not found or not validating.are_storable(tenant_id, aggregate_id, found):
        return 0
    row = sql.fetch_one("aggregate_head", (tenant_id, aggregate_id, found))
    return int(row[0]) if row else 0


def read_aggregate(
    aggregate_id: str,
    tenant_id: str,
    aggregate_type: str | None = None,
    *,
    after_version: int = 0,
    up_to_version: int | None = None,
    as_of_stored: datetime | None = None,
    as_of_occurred: datetime | None = None,
    after_snapshot: bool = False,
    limit: int | None = None,
    cursor: str | None = None,
) -> Page:
    """Return the events of one aggregate by rising version; all that is committed.

    Raises:
        AmbiguousAggregate: several types use the id and none was given.
        InvalidCursor: the cursor is none of this read.
    """
    size = None if limit is None else _page_size(limit)
    found = resolve_type(aggregate_id, tenant_id, aggregate_type)
    if found is None or not validating.are_storable(tenant_id, aggregate_id, found):
        return Page()
    params = {
        "tenant_id": tenant_id,
        "aggregate_id": aggregate_id,
        "aggregate_type": found,
        "after_version": max(after_version, _position_of(cursor)),
        # A snapshot recorded between two pages must not tear a hole between them.
        "after_snapshot": after_snapshot and cursor is None,
        "up_to_version": _END if up_to_version is None else up_to_version,
        "stored_until": _aware(as_of_stored),
        "occurred_until": _aware(as_of_occurred),
        "limit": None if size is None else size + 1,
    }
    events = sql.fetch_events("read_aggregate", params)
    return _page(events, size, lambda event: str(event.aggregate_version))


def read_by_type(
    tenant_id: str,
    event_type: str,
    *,
    limit: int | None = None,
    cursor: str | None = None,
    up_to: int | None = None,
) -> Page:
    """Return a page of the events of a type, in position order."""
    return _read_by_position(
        "read_by_type", (tenant_id, event_type), limit, cursor, up_to
    )


def read_by_aggregate_type(
    tenant_id: str,
    aggregate_type: str,
    *,
    limit: int | None = None,
    cursor: str | None = None,
    up_to: int | None = None,
) -> Page:
    """Return a page of the events of all aggregates of a type, in position order."""
    return _read_by_position(
        "read_by_aggregate_type", (tenant_id, aggregate_type), limit, cursor, up_to
    )


def read_after(
    tenant_id: str,
    position: int,
    *,
    limit: int | None = None,
    cursor: str | None = None,
    up_to: int | None = None,
) -> Page:
    """Return a page of a tenant's events after ``position``, in position order."""
    start = str(max(position, 0)) if cursor is None else cursor
    return _read_by_position("read_after", (tenant_id,), limit, start, up_to)


def read_since(
    tenant_id: str,
    moment: datetime,
    *,
    limit: int | None = None,
    cursor: str | None = None,
    up_to: int | None = None,
) -> Page:
    """Return a page of what occurred at ``moment`` or later, by business time."""
    size = _page_size(limit)
    if not validating.are_storable(tenant_id):
        return Page()
    # One below any position: what occurred at the very moment belongs to it.
    start, after = (_aware(moment), -1) if cursor is None else _moment_of(cursor)
    events = sql.fetch_events(
        "read_since", (tenant_id, start, after, _bound(up_to), size + 1)
    )
    return _page(events, size, lambda event: f"{_microseconds(event)}.{event.position}")


def stream(read: Callable[..., Page], *args: Any, **kwargs: Any) -> Iterator[Any]:
    """Yield the events of a paged ``read``, one page in memory at a time.

    What is stable when it begins is what it yields: a log that grows does not keep it
    from ending.
    """
    if read is not read_aggregate:
        kwargs["up_to"] = _bound(kwargs.get("up_to"))
    page = read(*args, **kwargs, limit=store_settings().PAGE_SIZE)
    if page.next_cursor and read is read_aggregate:
        kwargs["up_to_version"] = min(
            kwargs.get("up_to_version") or _END, read_version(*args)
        )
    while True:
        yield from page
        if page.next_cursor is None:
            return
        page = read(
            *args, **kwargs, limit=store_settings().PAGE_SIZE, cursor=page.next_cursor
        )


def _read_by_position(
    name: str,
    scope: tuple[str, ...],
    limit: int | None,
    cursor: str | None,
    up_to: int | None,
) -> Page:
    size = _page_size(limit)
    if not validating.are_storable(*scope):
        return Page()
    events = sql.fetch_events(
        name, (*scope, _position_of(cursor), _bound(up_to), size + 1)
    )
    return _page(events, size, lambda event: str(event.position))


def _bound(up_to: int | None) -> int:
    """Return the position to stop at; asked for in a statement before the read."""
    return stable_position() if up_to is None else up_to


def _page_size(limit: int | None) -> int:
    if limit is None:
        return store_settings().PAGE_SIZE
    if type(limit) is not int or not 1 <= limit <= _MAX_LIMIT:
        raise ValueError(
            f"limit is {limit!r}; it must be a whole number from 1 to {_MAX_LIMIT:,}."
        )
    return limit


def _aware(moment: datetime | None) -> datetime | None:
    if moment is not None and moment.utcoffset() is None:
        raise ValueError(
            f"{moment.isoformat()} has no time zone: use an aware datetime, as "
            "django.utils.timezone.now() gives."
        )
    return moment


def _page(
    events: list[StoredDomainEvent],
    size: int | None,
    cursor_of: Callable[[StoredDomainEvent], str],
) -> Page:
    """Cut the one event off that was fetched to know whether there is more."""
    if size is None or len(events) <= size:
        return Page(events)
    page = events[:size]
    return Page(page, cursor_of(page[-1]) if page else None)


def _position_of(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not _NUMBER.fullmatch(cursor) or int(cursor) > _END:
        raise InvalidCursor(cursor)
    return int(cursor)


def _moment_of(cursor: str) -> tuple[datetime, int]:
    microseconds, _, position = cursor.rpartition(".")
    try:
        return _EPOCH + timedelta(microseconds=int(microseconds)), _position_of(
            position
        )
    except (ValueError, OverflowError):
        raise InvalidCursor(cursor) from None


def _microseconds(event: StoredDomainEvent) -> int:
    return (event.occurred_at - _EPOCH) // timedelta(microseconds=1)
