"""Events over time, for the same question as the list: from rollups, or counted."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from typing import Literal

from django.utils.translation import gettext as _

from audit_console.language import Exact
from audit_console.queries import buckets, rollups
from audit_console.queries.buckets import Step
from audit_console.queries.question import Question

#: Up to how many events are counted one by one for a chart.
COUNTED = 200_000
#: The same where the rollups could tell the days of at least a week: only their hours
#: are gone, and finer bars are not worth a wait.
COUNTED_FOR_HOURS = 20_000
_WEEK = timedelta(days=7)
Source = Literal["rollup", "log", "all"]


@dataclass(frozen=True, slots=True)
class Bucket:
    """One piece of time."""

    begin: datetime
    end: datetime
    events: int


@dataclass(frozen=True, slots=True)
class Histogram:
    """Events over time.

    Attributes:
        since: where the asked range begins; may lie within the first bucket.
        until: where it ends.
        source: ``rollup``, ``log`` where they were counted one by one, or ``all``
            where that was too much: then the filters are left out.
        notes: what has to be said beside the chart.
        day_zone: whose days its pieces are, where they are days or longer.
    """

    buckets: tuple[Bucket, ...]
    step: Step
    since: datetime
    until: datetime
    source: Source
    notes: tuple[str, ...]
    day_zone: tzinfo = UTC

    @property
    def total(self) -> int:
        """Return the events of all buckets."""
        return sum(bucket.events for bucket in self.buckets)


def draw(query: Question) -> Histogram | None:
    """Return the chart of ``query``; ``None`` where there is no event or no count."""
    bounds = _bounds(query)
    if bounds is None:
        return None
    fresh = rollups.freshness(query.reading)
    step, edges = buckets.cut(*bounds)
    has_days = bounds[1] - bounds[0] >= _WEEK and _is_of_rollups(query, fresh)
    most = COUNTED_FOR_HOURS if has_days and not step.is_days else COUNTED
    chart = _exact(query, step, edges, fresh, bounds, most)
    if chart is None and not step.is_days:
        # Of long ago, the rollups have only days.
        step, edges = buckets.cut(*bounds, by_days=True)
        chart = _exact(query, step, edges, fresh, bounds, COUNTED)
    return chart or _unfiltered(query, step, edges, fresh, bounds)


def _exact(
    query: Question,
    step: Step,
    edges: list[datetime],
    fresh: rollups.Freshness,
    bounds: tuple[datetime, datetime],
    most: int,
) -> Histogram | None:
    """Return the chart of the very events that the list shows, if that can be had.

    Up to ``most`` of them are counted one by one.
    """
    types = _types(query)
    if (
        types is not False
        and _is_of_rollups(query, fresh)
        and _has_rollup(query, step, edges, fresh)
    ):
        events = _from_rollup(query, step, edges, fresh, types)
        if events is not None:
            notes = tuple(filter(None, (fresh.text, _utc_note(step))))
            return _chart(edges, events, step, bounds, "rollup", notes)
    counted = query.reading.part(lambda: _from_log(query, edges, most))
    if counted is None:
        return None
    notes = tuple(filter(None, (_utc_note(step),)))
    return _chart(edges, counted, step, bounds, "log", notes)


def _bounds(query: Question) -> tuple[datetime, datetime] | None:
    """Return the range that is asked for; where it is open, that of all events."""
    since, until = query.compiled.since, query.compiled.until
    if since is None or until is None:
        basis = query.asked.basis
        first, last = query.oldest(), query.newest()
        if first is None or last is None:
            return None
        moments = (
            (first.occurred_at, last.occurred_at)
            if basis == "occurred"
            else (first.stored_at, last.stored_at)
        )
        since = moments[0] if since is None else since
        until = moments[1] + timedelta(microseconds=1) if until is None else until
    return (since, until) if since < until else None


def _types(query: Question) -> list[str] | Literal[False] | None:
    """Return which types are asked for: all, some, or ``False`` for more than types."""
    asked = query.asked
    if asked.has or set(asked.choices) - {"type"}:
        return False
    chosen = list(asked.choices.get("type", ())) or None
    for clause in asked.query.clauses:
        if clause.field == asked.basis and not clause.is_negated:
            continue
        if clause.field != "type" or clause.is_negated or chosen is not None:
            return False
        if not isinstance(clause.value, Exact):
            return False
        chosen = [clause.value.text]
    return chosen


def _is_of_rollups(query: Question, fresh: rollups.Freshness) -> bool:
    """Return whether the rollups count just what is asked for."""
    is_current = query.asked.upto is None or query.asked.upto >= query.reading.horizon
    return is_current and _types(query) is not False and bool(fresh.position)


def _has_rollup(
    query: Question,
    step: Step,
    edges: list[datetime],
    fresh: rollups.Freshness,
) -> bool:
    if not fresh.position:
        return False
    hours = step.months == 0 and step.seconds >= 3600  # noqa: PLR2004 - an hour
    return step.is_days or (hours and edges[0] >= query.reading.at - rollups.HOURS_KEPT)


def _from_rollup(
    query: Question,
    step: Step,
    edges: list[datetime],
    fresh: rollups.Freshness,
    types: list[str] | None,
) -> list[int] | None:
    """Return the events of each piece; the cut ones at the edges are counted."""
    grain = rollups.DAY if step.is_days else rollups.HOUR
    since, until = query.compiled.since, query.compiled.until
    first = edges[0] if since is None else rollups.ceiling(since, grain)
    last = edges[-1] if until is None else rollups.floor(until, grain)
    if last < first:
        return None
    found = rollups.counts(
        query.reading,
        fresh,
        query.tenants,
        query.asked.basis,
        grain,
        first,
        last,
        types,
    )
    events = [0] * (len(edges) - 1)
    for (moment, _name), number in found.items():
        events[bisect_right(edges, moment) - 1] += number
    for begin, end in ((since, first), (last, until)):
        if begin is None or end is None or begin >= end:
            continue
        part = _part_of(query, begin, end)
        counted = query.reading.part(partial(_from_log, part, edges))
        if counted is None:
            return None
        events = [one + two for one, two in zip(events, counted, strict=True)]
    return events


def _part_of(query: Question, since: datetime, until: datetime) -> Question:
    asked = replace(query.asked, since=since, until=until)
    return type(query)(asked, query.tenants, query.reading)


def _from_log(
    query: Question, edges: list[datetime], most: int = COUNTED
) -> list[int] | None:
    """Count one by one; ``None`` if there are more than ``most``."""
    column = "occurred_at" if query.asked.basis == "occurred" else "stored_at"
    sql, params = query.walk.every(f"e.{column}", most + 1)
    statement = (
        f"SELECT width_bucket({column}, %s::timestamptz[]) AS bucket, count(*) AS n"  # noqa: S608 - ours
        f" FROM ({sql}) AS found GROUP BY 1"
    )
    events = [0] * (len(edges) - 1)
    for row in query.fetch_walking((statement, [edges, *params])):
        if 1 <= row["bucket"] < len(edges):
            events[row["bucket"] - 1] = row["n"]
    return None if sum(events) > most else events


def _unfiltered(
    query: Question,
    step: Step,
    edges: list[datetime],
    fresh: rollups.Freshness,
    bounds: tuple[datetime, datetime],
) -> Histogram | None:
    if not _has_rollup(query, step, edges, fresh):
        return None
    grain = rollups.DAY if step.is_days else rollups.HOUR
    found = rollups.counts(
        query.reading,
        fresh,
        query.tenants,
        query.asked.basis,
        grain,
        edges[0],
        edges[-1],
    )
    events = [0] * (len(edges) - 1)
    for (moment, _name), number in found.items():
        events[bisect_right(edges, moment) - 1] += number
    notes = (
        _("Too many events to count for this filter: the bars count all events.")
        if query.asked.upto is None
        else _("These are all events of today, not those of the pinned list."),
        fresh.text,
        _utc_note(step),
    )
    return _chart(edges, events, step, bounds, "all", tuple(filter(None, notes)))


def _utc_note(step: Step) -> str:
    return _("UTC days") if step.is_days else ""


def _chart(
    edges: list[datetime],
    events: list[int],
    step: Step,
    bounds: tuple[datetime, datetime],
    source: Source,
    notes: tuple[str, ...],
) -> Histogram:
    found = tuple(
        Bucket(begin, end, number)
        for begin, end, number in zip(edges, edges[1:], events, strict=False)
    )
    return Histogram(found, step, *bounds, source, notes)
