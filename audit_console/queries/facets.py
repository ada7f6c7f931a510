"""The values of a field among what is asked, with how many events have each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from audit_console.language import Clause, Exact
from audit_console.queries import rollups
from audit_console.queries.doors import ACTOR_ID
from audit_console.queries.permitted import is_personal
from audit_console.queries.question import Question

#: How many of the newest matches are looked at, where no rollup has the answer.
SAMPLE = 10_000
#: How many values are offered.
SHOWN = 20
#: Seconds for one panel.
SECONDS = 0.4

#: The fields that can be asked for, each with its expression.
FIELDS = {
    "type": "e.event_type",
    "agg.type": "e.aggregate_type",
    "actor": ACTOR_ID,
    "actor.kind": "(e.metadata #>> '{actor,type}')",
    "version": "e.event_version",
    "redacted": "CASE WHEN e.is_redacted THEN 'yes' ELSE 'no' END",
    "tenant": "e.tenant_id",
}


@dataclass(frozen=True, slots=True)
class Value:
    """One value, and how many events have it."""

    text: str
    events: int


@dataclass(frozen=True, slots=True)
class Facet:
    """The most frequent values of a field.

    Attributes:
        sampled: of how many of the newest matches; 0 when all were counted.
    """

    field: str
    values: tuple[Value, ...]
    sampled: int = 0


def count(query: Question, field: str) -> Facet | None:
    """Return the values of ``field``; ``None`` when it took too long.

    Alternatives that are chosen for this very field are left out of the question, so
    that others can be added. A field that is declared personal offers none.
    """
    if is_personal(Clause(field, Exact(""))):
        return Facet(field, ())
    open_query = _without_choices(query, field)
    if field == "type" and not open_query.asked.is_filtered:
        from_rollup = _types(open_query)
        if from_rollup is not None:
            return from_rollup
    return query.reading.part(lambda: _sampled(open_query, field), seconds=SECONDS)


def _without_choices(query: Question, field: str) -> Question:
    name = "agg" if field == "agg.type" else field
    asked = query.asked.with_choices(name, ())
    return type(query)(
        replace(asked, before=None, after=None), query.tenants, query.reading
    )


def _types(query: Question) -> Facet | None:
    """Return the types by the rollup, where it answers for the whole range."""
    fresh = rollups.freshness(query.reading)
    asked = query.asked
    if not fresh.position or not fresh.is_complete or asked.upto is not None:
        return None
    first, last = query.oldest(), query.newest()
    if first is None or last is None:
        return Facet("type", ())
    if asked.has_range:
        return None
    moments = sorted(
        (first.occurred_at, last.occurred_at)
        if asked.basis == "occurred"
        else (first.stored_at, last.stored_at)
    )
    found: Counter[str] = Counter()
    for (_moment, name), events in rollups.counts(
        query.reading,
        fresh,
        query.tenants,
        asked.basis,
        rollups.DAY,
        rollups.floor(moments[0], rollups.DAY),
        rollups.ceiling(moments[1], rollups.DAY) + rollups.DAY,
    ).items():
        found[name] += events
    return Facet("type", _values(found))


def _sampled(query: Question, field: str) -> Facet:
    sql, params = query.walk.every(
        f"{FIELDS[field]} AS value, e.position", SAMPLE + 1, by_door=True
    )
    statement = (
        "SELECT value, count(*) AS n, sum(count(*)) OVER () AS total"  # noqa: S608 - ours
        f" FROM ({sql}) AS found GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {SHOWN:d}"
    )
    rows = query.fetch_walking((statement, params))
    total = int(rows[0]["total"]) if rows else 0
    values = tuple(
        Value(row["value"], row["n"]) for row in rows if row["value"] is not None
    )
    return Facet(field, values, sampled=SAMPLE if total > SAMPLE else 0)


def _values(found: Counter[str]) -> tuple[Value, ...]:
    ordered = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(Value(name, events) for name, events in ordered[:SHOWN])
