"""Read the log for live feeds: strictly final, by keyset pages, bounded in bytes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from eventstore import sql, tenancy
from eventstore.exceptions import EventStoreError, IsolationLevelError
from eventstore.feeds.values import FeedItem, FeedPage, View, Wanted

#: Events of one read at most.
PAGE = 200
#: Bytes of one page, about: a client that is slow holds no more than one.
PAGE_BYTES = 256 * 1024
#: Positions that one read with a narrow filter passes over: it stays short.
STRIDE = 50_000


class Bounds(NamedTuple):
    """Where the log ends."""

    #: Everything up to here is final.
    stable: int
    #: The newest position that was ever drawn, final or not.
    drawn: int


class HistoryReplaced(EventStoreError):
    """The log ends before what was handed out: it is another one now."""

    def __init__(self, position: int, drawn: int) -> None:
        """Name both positions."""
        super().__init__(
            f"Position {position} lies beyond the newest position {drawn}: the "
            "database seems to be restored from an older copy. Compare what was made "
            "of the feed with the log, then begin at a position that it has."
        )


def bounds() -> Bounds:
    """Return where the log ends now.

    Raises:
        IsolationLevelError: the transaction is not READ COMMITTED.
    """
    row = sql.fetch_one("feed_bounds")
    if row is None or row[0] is None:
        raise IsolationLevelError
    return Bounds(*row)


def read_news(pairs: Collection[tuple[str, View]], after: int, up_to: int) -> FeedPage:
    """Return the next events of the tenants in ``pairs``, for all who follow them."""
    views: dict[str, set[View]] = defaultdict(set)
    for tenant_id, view in pairs:
        views[tenant_id].add(view)
    params = {"tenants": sorted(views), "after": after, "up_to": up_to}
    return _read("feed_news", params, up_to, views)


def read_wanted(wanted: Wanted, after: int, up_to: int) -> FeedPage:
    """Return the next events of one client that is behind."""
    if wanted.is_narrow:
        up_to = min(up_to, after + STRIDE)
    params = {
        "tenants": sorted(wanted.tenants),
        "event_types": _as_list(wanted.event_types),
        "aggregate_types": _as_list(wanted.aggregate_types),
        "aggregate_id": wanted.aggregate_id,
        "after": after,
        "up_to": up_to,
    }
    views = {tenant_id: (view,) for tenant_id, view in wanted.views.items()}
    return _read("feed_read", params, up_to, views)


def _read(
    name: str,
    params: dict[str, Any],
    up_to: int,
    views: Mapping[str, Collection[View]],
) -> FeedPage:
    with tenancy.scoped(params["tenants"]):
        events = sql.fetch_events(name, {**params, "limit": PAGE}, exact=True)
    items: list[FeedItem] = []
    size = 0
    for event in events:
        items.append(FeedItem.of(event, views[event.tenant_id]))
        size += items[-1].size
        if size > PAGE_BYTES:
            break
    is_whole = len(items) == len(events) < PAGE
    return FeedPage(items, up_to if is_whole else items[-1].position)


def _as_list(names: frozenset[str] | None) -> list[str] | None:
    return None if names is None else sorted(names)
