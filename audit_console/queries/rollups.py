"""Counts from the rollups, with the newest events counted live and added."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connections
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit_console.queries.conditions import Basis
from audit_console.reading import Reading
from eventstore.subscriptions import status

EVENTS = "audit-console-event-counts"
ACTORS = "audit-console-actor-counts"
#: Up to how many events after the checkpoint are counted live.
TAIL = 10_000
#: For how long the rollups keep hours; one day less, for clocks differ.
HOURS_KEPT = timedelta(days=89)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)

_COUNTS = """
SELECT begins_at, event_type, sum(events)::bigint
  FROM audit_console_event_counts
 WHERE tenant_id = ANY (%s) AND basis = %s AND grain = %s
   AND begins_at >= %s AND begins_at < %s
   AND (%s::text[] IS NULL OR event_type = ANY (%s::text[]))
 GROUP BY 1, 2
"""
_TAIL = """
SELECT date_trunc(%s, {column}, 'UTC'), e.event_type, count(*)
  FROM unnest(%s::text[]) AS scope (tenant_id)
 CROSS JOIN LATERAL (
       SELECT t.event_type, t.{column} FROM stored_domain_events AS t
        WHERE t.tenant_id = ANY (ARRAY[scope.tenant_id])
          AND t."position" > %s AND t."position" <= %s
        ORDER BY t.tenant_id, t."position" LIMIT %s) AS e
 WHERE {column} >= %s AND {column} < %s
   AND (%s::text[] IS NULL OR e.event_type = ANY (%s::text[]))
 GROUP BY 1, 2
"""
_TAILS = {
    "occurred": _TAIL.format(column="occurred_at"),
    "stored": _TAIL.format(column="stored_at"),
}
_ACTORS = """
SELECT actor_id, actor_kind, sum(events)::bigint AS n
  FROM audit_console_actor_counts
 WHERE tenant_id = ANY (%s) AND begins_at >= %s AND begins_at < %s
 GROUP BY 1, 2 ORDER BY n DESC, 1 LIMIT %s
"""
_NEWER = """
SELECT count(*) FROM (
       SELECT 1 FROM stored_domain_events AS e
        WHERE e."position" > %s AND e."position" <= %s ORDER BY e."position" LIMIT %s
       ) AS newer
"""
Counts = dict[tuple[datetime, str], int]


@dataclass(frozen=True, slots=True)
class Freshness:
    """How far the counts have come.

    Attributes:
        position: up to which events are counted; 0 before the worker's first start.
        newer: how many events up to the horizon are not, counted up to ``TAIL + 1``.
        reported_at: when the worker last moved on.
        is_run: whether a worker has the counts in hand.
    """

    position: int
    newer: int
    reported_at: datetime | None
    is_run: bool
    subscription: str = EVENTS

    @property
    def is_complete(self) -> bool:
        """Return whether the rest is few enough to be counted live."""
        return self.newer <= TAIL

    @property
    def text(self) -> str:
        """Return what to say of charts that are behind; "" when they are not."""
        if self.is_complete:
            return ""
        newer = _("more than %(n)s") % {"n": f"{TAIL:,}"}
        parts = [
            _(
                "Charts count up to position %(position)s; %(newer)s newer events are "
                "not in them yet;"
            )
            % {"position": f"{self.position:,}", "newer": newer},
            _("the worker last reported at %(at)s UTC;")
            % {"at": f"{self.reported_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"}
            if self.reported_at is not None
            else _("no worker has reported yet;"),
            _("it is running.")
            if self.is_run
            else _("start it with manage.py eventstore_worker."),
        ]
        return " ".join(parts)

    def tail_text(self) -> str:
        """Return how many events were counted live."""
        return ngettext(
            "%(n)s newest event counted live.",
            "%(n)s newest events counted live.",
            self.newer,
        ) % {"n": self.newer}


def freshness(reading: Reading, name: str = EVENTS) -> Freshness:
    """Return how far the rollup ``name`` has come."""
    rows = [row for row in status.read([name]) if row.name == name]
    position = min((row.position for row in rows), default=0)
    reported = [row.moved_at for row in rows if row.moved_at is not None]
    with connections[reading.database].cursor() as cursor:
        cursor.execute(_NEWER, [position, reading.horizon, TAIL + 1])
        newer = cursor.fetchone()[0]
    return Freshness(
        position=position,
        newer=newer,
        reported_at=max(reported, default=None),
        is_run=any(row.is_run for row in rows),
        subscription=name,
    )


def counts(
    reading: Reading,
    fresh: Freshness,
    tenants: Sequence[str],
    basis: Basis,
    step: timedelta,
    since: datetime,
    until: datetime,
    types: Sequence[str] | None = None,
) -> Counts:
    """Return events by beginning of day or hour and by type, the newest ones included.

    Args:
        reading: the page's look at the log.
        fresh: how far the rollup has come.
        tenants: whose.
        basis: by which time.
        step: ``DAY`` or ``HOUR``; hours only within ``HOURS_KEPT``.
        since: included; the beginning of a piece.
        until: no longer included; the beginning of a piece.
        types: only these.
    """
    grain = "day" if step == DAY else "hour"
    names = None if types is None else list(types)
    found: Counter[tuple[datetime, str]] = Counter()
    with connections[reading.database].cursor() as cursor:
        cursor.execute(
            _COUNTS, [list(tenants), basis, grain, since, until, names, names]
        )
        rows = cursor.fetchall()
        if fresh.is_complete and fresh.newer:
            bounds = (fresh.position, reading.horizon, TAIL, since, until)
            cursor.execute(_TAILS[basis], (grain, list(tenants), *bounds, names, names))
            rows += cursor.fetchall()
    for moment, name, events in rows:
        found[moment.astimezone(UTC), name] += events
    return dict(found)


def actors(
    reading: Reading,
    tenants: Sequence[str],
    since: datetime,
    until: datetime,
    limit: int = 10,
) -> list[tuple[str, str, int]]:
    """Return the most frequent actors as id, kind and events, by day of occurring."""
    with connections[reading.database].cursor() as cursor:
        cursor.execute(_ACTORS, [list(tenants), since, until, limit])
        return [(row[0], row[1], row[2]) for row in cursor]


def floor(moment: datetime, step: timedelta) -> datetime:
    """Return when the day or hour of ``moment`` begins, in UTC."""
    utc = moment.astimezone(UTC)
    hour = 0 if step == DAY else utc.hour
    return utc.replace(hour=hour, minute=0, second=0, microsecond=0)


def ceiling(moment: datetime, step: timedelta) -> datetime:
    """Return when the day or hour ends in which ``moment`` is the last one."""
    begin = floor(moment, step)
    return begin if begin == moment else begin + step
