"""Aggregates: which there are, and the history of one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db import connections
from django.db.models import QuerySet

from audit_console.queries import log_events
from audit_console.queries.log_events import LogEvent
from audit_console.reading import Reading
from eventstore.models import AggregateHead, EventSnapshot, StoredEvent

Basis = Literal["stored", "occurred"]

#: Aggregate types that the list shows at most.
MAX_TYPES = 200
#: The newest events among which recently changed aggregates are looked for.
LOOKED_AT = 200
#: Recently changed aggregates that are listed at most.
MAX_RECENT = 50

# A loose index scan: one step for each type, however many events it has. ANY (ARRAY[])
# instead of = leaves the planner no other index (see eventstore.models.paging).
_TYPES = """
WITH RECURSIVE kinds AS (
    SELECT scope.tenant_id, first.aggregate_type
      FROM unnest(%(tenants)s::text[]) AS scope (tenant_id)
     CROSS JOIN LATERAL (
           SELECT e.aggregate_type FROM stored_domain_events AS e
            WHERE e.tenant_id = ANY (ARRAY[scope.tenant_id])
            ORDER BY e.tenant_id, e.aggregate_type LIMIT 1) AS first
    UNION ALL
    SELECT kinds.tenant_id, following.aggregate_type
      FROM kinds
     CROSS JOIN LATERAL (
           SELECT e.aggregate_type FROM stored_domain_events AS e
            WHERE e.tenant_id = ANY (ARRAY[kinds.tenant_id])
              AND e.aggregate_type > kinds.aggregate_type
            ORDER BY e.tenant_id, e.aggregate_type LIMIT 1) AS following
)
SELECT kinds.tenant_id, kinds.aggregate_type, newest.position, newest.occurred_at
  FROM (SELECT * FROM kinds LIMIT %(limit)s) AS kinds
 CROSS JOIN LATERAL (
       SELECT e.position, e.occurred_at FROM stored_domain_events AS e
        WHERE e.tenant_id = ANY (ARRAY[kinds.tenant_id])
          AND e.aggregate_type = ANY (ARRAY[kinds.aggregate_type])
          AND e.position <= %(horizon)s
        ORDER BY e.tenant_id DESC, e.aggregate_type DESC, e.position DESC LIMIT 1
       ) AS newest
 ORDER BY kinds.aggregate_type, kinds.tenant_id
"""

# Each tenant's own index is walked: see eventstore.models.paging.
_NEWEST = """
SELECT newest.position
  FROM unnest(%(tenants)s::text[]) AS scope (tenant_id)
 CROSS JOIN LATERAL (
       SELECT e.position FROM stored_domain_events AS e
        WHERE e.tenant_id = ANY (ARRAY[scope.tenant_id])
          AND e.position <= %(horizon)s
        ORDER BY e.tenant_id DESC, e.position DESC LIMIT %(limit)s) AS newest
 ORDER BY newest.position DESC
 LIMIT %(limit)s
"""
_NEWEST_OF_TYPE = """
SELECT newest.position
  FROM unnest(%(tenants)s::text[]) AS scope (tenant_id)
 CROSS JOIN LATERAL (
       SELECT e.position FROM stored_domain_events AS e
        WHERE e.tenant_id = ANY (ARRAY[scope.tenant_id])
          AND e.aggregate_type = %(aggregate_type)s
          AND e.position <= %(horizon)s
        ORDER BY e.tenant_id DESC, e.aggregate_type DESC, e.position DESC
        LIMIT %(limit)s) AS newest
 ORDER BY newest.position DESC
 LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Key:
    """Which aggregate: ids are unique only within a tenant and a type."""

    tenant_id: str
    aggregate_type: str
    aggregate_id: str


@dataclass(frozen=True, slots=True)
class AggregateType:
    """A type of aggregates in a tenant, and the newest event of one of them."""

    tenant_id: str
    aggregate_type: str
    position: int
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Recent:
    """A recently changed aggregate.

    Attributes:
        last: its newest event.
        changes: how many of the newest events in the log are its own.
    """

    last: LogEvent
    changes: int


@dataclass(frozen=True, slots=True)
class Ends:
    """The first and the last event of an aggregate, up to the page's horizon."""

    first: LogEvent
    last: LogEvent

    @property
    def version(self) -> int:
        """The version at which it stands."""
        return self.last.aggregate_version


@dataclass(frozen=True, slots=True)
class History:
    """A page of the events of an aggregate, by rising version."""

    events: list[LogEvent]
    has_older: bool
    has_newer: bool


def types(reading: Reading, tenants: Collection[str]) -> list[AggregateType]:
    """Return the types of aggregates, at most ``MAX_TYPES``."""
    with connections[reading.database].cursor() as cursor:
        cursor.execute(
            _TYPES,
            {
                "tenants": sorted(tenants),
                "limit": MAX_TYPES,
                "horizon": reading.horizon,
            },
        )
        return [AggregateType(*row) for row in cursor.fetchall()]


def recent(
    reading: Reading, tenants: Collection[str], aggregate_type: str = ""
) -> list[Recent]:
    """Return the aggregates of the newest events, the last changed first."""
    with connections[reading.database].cursor() as cursor:
        cursor.execute(
            _NEWEST_OF_TYPE if aggregate_type else _NEWEST,
            {
                "tenants": sorted(tenants),
                "aggregate_type": aggregate_type,
                "limit": LOOKED_AT,
                "horizon": reading.horizon,
            },
        )
        positions = [position for (position,) in cursor.fetchall()]
    newest = (
        log_events.events(reading).filter(position__in=positions).order_by("-position")
    )
    last: dict[Key, LogEvent] = {}
    changes: dict[Key, int] = {}
    for event in log_events.fetch(newest, with_payload=False):
        key = key_of(event)
        last.setdefault(key, event)
        changes[key] = changes.get(key, 0) + 1
    return [Recent(event, changes[key]) for key, event in last.items()][:MAX_RECENT]


def key_of(event: LogEvent) -> Key:
    """Return the aggregate that an event belongs to."""
    return Key(event.tenant_id, event.aggregate_type, event.aggregate_id)


def types_of_id(
    reading: Reading, tenants: Collection[str], aggregate_id: str
) -> list[Key]:
    """Return the aggregates that have an id, of whatever type."""
    heads = AggregateHead.objects.using(reading.database).filter(
        tenant_id__in=tenants, aggregate_id=aggregate_id
    )
    found = heads.values_list("tenant_id", "aggregate_type", "aggregate_id")
    return [Key(*row) for row in found.order_by("tenant_id", "aggregate_type")[:50]]


def ends(reading: Reading, key: Key) -> Ends | None:
    """Return the first and the last event of an aggregate, ``None`` if it has none."""
    own = events_of(reading, key)
    first = log_events.fetch_one(own.order_by("aggregate_version"), with_payload=False)
    last = log_events.fetch_one(own.order_by("-aggregate_version"), with_payload=False)
    return None if first is None or last is None else Ends(first, last)


def history(
    reading: Reading,
    key: Key,
    *,
    limit: int,
    with_payload: bool,
    before: int | None = None,
    after: int | None = None,
) -> History:
    """Return a page of an aggregate's events, the newest by default.

    Args:
        reading: the page's look at the log.
        key: which aggregate.
        limit: how many events.
        with_payload: whether the reader may see payloads.
        before: only versions below this one.
        after: only versions above this one, from there on; wins over ``before``.
    """
    own = events_of(reading, key)
    if after is not None:
        asked = own.filter(aggregate_version__gt=after).order_by("aggregate_version")
    elif before is not None:
        asked = own.filter(aggregate_version__lt=before).order_by("-aggregate_version")
    else:
        asked = own.order_by("-aggregate_version")
    found = log_events.fetch(asked[: limit + 1], with_payload=with_payload)
    has_more, page = len(found) > limit, found[:limit]
    if after is not None:
        return History(page, has_older=after > 0, has_newer=has_more)
    return History(page[::-1], has_older=has_more, has_newer=before is not None)


def version_at(reading: Reading, key: Key, moment: datetime) -> int:
    """Return the version at which an aggregate stood at a moment of stored time."""
    own = events_of(reading, key).filter(stored_at__lte=moment)
    found = own.order_by("-aggregate_version").values_list("aggregate_version")
    row = found.first()
    return row[0] if row else 0


def snapshot_versions(reading: Reading, key: Key) -> dict[int, str]:
    """Return the versions with a snapshot, newest hundred, and the snapshot's id."""
    snapshots = EventSnapshot.objects.using(reading.database).filter(
        tenant_id=key.tenant_id,
        aggregate_id=key.aggregate_id,
        aggregate_type=key.aggregate_type,
    )
    found = snapshots.order_by("-aggregate_version")
    return dict(found.values_list("aggregate_version", "snapshot_id")[:100])


def events_of(reading: Reading, key: Key) -> QuerySet[StoredEvent]:
    """Return the events of an aggregate, up to the page's horizon."""
    return log_events.events(reading).filter(
        tenant_id=key.tenant_id,
        aggregate_id=key.aggregate_id,
        aggregate_type=key.aggregate_type,
    )
