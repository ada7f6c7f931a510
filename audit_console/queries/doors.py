"""Doors: the indexes that lead straight to the events with given values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

ACTOR_ID = "(e.metadata #>> '{actor,id}')"
CORRELATION = "(e.metadata ->> 'correlation_id')"
CAUSATION = "(e.metadata ->> 'causation_id')"


@dataclass(frozen=True, slots=True)
class Door:
    """An index that leads straight to the events with given values.

    Attributes:
        name: of the field.
        sql: the condition, on ``scope.value`` and ``scope.value_2``.
        order: the index's columns between tenant and position; none in an index that
            has no order.
        values: pairs, the second is "" where one value is enough.
        cap: up to how many events of one value are sorted in memory.
        tail: the index's last column if it is in the order of storing.
        params: of the condition.
    """

    name: str
    sql: str
    order: tuple[str, ...]
    values: tuple[tuple[str, str], ...]
    cap: int
    tail: str | None = "e.position"
    params: tuple[Any, ...] = ()


#: In the order in which they are tried: the fewest events first.
_DOORS: dict[str, tuple[str, tuple[str, ...], int, str | None]] = {
    "id": ("e.event_id = scope.value", ("e.event_id",), 1000, None),
    "corr": (
        f"{CORRELATION} = scope.value AND {CORRELATION} IS NOT NULL",
        (CORRELATION,),
        1000,
        "e.position",
    ),
    "cause": (
        f"{CAUSATION} = scope.value AND {CAUSATION} IS NOT NULL",
        (CAUSATION,),
        1000,
        "e.position",
    ),
    "agg": (
        "e.aggregate_id = scope.value AND e.aggregate_type = scope.value_2",
        ("e.aggregate_id", "e.aggregate_type"),
        1000,
        "e.aggregate_version",
    ),
    "agg.id": (
        "e.aggregate_id = scope.value",
        ("e.aggregate_id", "e.aggregate_type", "e.aggregate_version"),
        1000,
        None,
    ),
    "actor": (
        f"{ACTOR_ID} = scope.value AND {ACTOR_ID} IS NOT NULL",
        (ACTOR_ID,),
        1000,
        "e.position",
    ),
    "type": (
        "e.event_type = scope.value",
        ("e.event_type",),
        200,
        "e.position",
    ),
    "agg.type": (
        "e.aggregate_type = scope.value",
        ("e.aggregate_type",),
        200,
        "e.position",
    ),
}
_RANKS = (
    "pos",
    "id",
    "corr",
    "cause",
    "agg",
    "agg.id",
    "redacted",
    "actor",
    "data",
    "type",
    "agg.type",
)
_REDACTED = """e."position" = ANY (ARRAY(
    SELECT DISTINCT r."position" FROM event_redactions AS r
     WHERE r.tenant_id = scope.tenant_id ORDER BY 1 DESC LIMIT 1001))"""


def door(name: str, values: Iterable[tuple[str, str]]) -> Door:
    """Return the door of the field ``name`` for ``values``."""
    sql, order, cap, tail = _DOORS[name]
    return Door(name, sql, order, tuple(values), cap, tail)


def rank(found: Door) -> int:
    """Return how early ``found`` is tried."""
    return _RANKS.index(found.name)


def positions(values: Iterable[int]) -> Door:
    """Return the primary key, which leads to the events at ``values``."""
    pairs = tuple((str(value), "") for value in values)
    return Door("pos", "e.position = scope.value::bigint", (), pairs, 1000, None)


def redactions() -> Door:
    """Return the records of redactions, each of which names an event."""
    return Door("redacted", _REDACTED, (), (("", ""),), 1000, None)


def payloads(sql: str, params: tuple[Any, ...]) -> Door:
    """Return the host's index on payloads for a containment."""
    return Door("data", sql, (), (("", ""),), 1000, None, params)


def value_of(name: str, text: str) -> tuple[str, tuple[str, str]]:
    """Return which door leads to the field's value ``text``, and by which values."""
    if name == "agg":
        kind, colon, aggregate_id = text.partition(":")
        return ("agg", (aggregate_id, kind)) if colon else ("agg.type", (text, ""))
    return name, (text, "")


def is_door(name: str) -> bool:
    """Return whether there is an index for the field ``name``."""
    return name in _DOORS
