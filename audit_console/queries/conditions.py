"""Clauses to SQL: what an index can look up, what bounds a walk, what is left."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, Literal

from audit_console.language import Clause, Exact, Prefix, Span, moments
from audit_console.language.parsing import FLAGS
from audit_console.queries import doors
from audit_console.queries.doors import ACTOR_ID, CAUSATION, CORRELATION, Door

Basis = Literal["occurred", "stored"]

_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
#: Numbers with huge exponents would be written out in full by PostgreSQL.
_LONGEST_NUMBER = 40


@dataclass(frozen=True, slots=True)
class Condition:
    """A piece of a WHERE clause over the alias ``e``."""

    sql: str
    params: tuple[Any, ...] = ()

    @property
    def negation(self) -> Condition:
        """Return what holds where this does not, unknown included."""
        return Condition(f"NOT COALESCE({self.sql}, false)", self.params)


_EQUAL = {
    "type": "e.event_type",
    "version": "e.event_version",
    "actor": ACTOR_ID,
    "actor.kind": "(e.metadata -> 'actor' ->> 'type')",
    "agg": "e.aggregate_type",
    "agg.type": "e.aggregate_type",
    "agg.id": "e.aggregate_id",
    "id": "e.event_id",
    "corr": CORRELATION,
    "cause": CAUSATION,
    "tenant": "e.tenant_id",
    "ip": "(e.metadata ->> 'ip')",
}
_NUMBERS = {"pos": "e.position", "agg.version": "e.aggregate_version"}
_MOMENTS = {"occurred": "e.occurred_at", "stored": "e.stored_at"}
#: Pieces of the clock on the wall, as PostgreSQL calls them.
_CLOCK = {"weekday": "isodow", "hour": "hour"}


@dataclass(slots=True)
class Compiled:
    """What the clauses and parameters of a query come to.

    Attributes:
        since: of the basis' time, included.
        until: of the basis' time, no longer included.
        low: smallest position, ``None`` for no bound.
        high: largest position.
        doors: what an index can look up.
        residual: everything that must hold besides the bounds, doors included.
        documents: those of them that look into payload or metadata.
        payloads: those that an index on payloads can look up.
    """

    since: datetime | None = None
    until: datetime | None = None
    low: int | None = None
    high: int | None = None
    doors: list[Door] = field(default_factory=list)
    residual: list[Condition] = field(default_factory=list)
    documents: list[Condition] = field(default_factory=list)
    payloads: list[Condition] = field(default_factory=list)

    @property
    def door(self) -> Door | None:
        """Return the door that promises the fewest events."""
        return min(self.doors, key=doors.rank, default=None)

    def open_redactions(self) -> None:
        """Use the records of redactions, each of which names an event."""
        self.doors.append(doors.redactions())

    def open_payloads(self) -> None:
        """Use the host's index on payloads."""
        self.doors += [doors.payloads(item.sql, item.params) for item in self.payloads]

    def narrow_time(self, since: datetime | None, until: datetime | None) -> None:
        """Keep only what lies between the two moments."""
        if since is not None:
            self.since = since if self.since is None else max(self.since, since)
        if until is not None:
            self.until = until if self.until is None else min(self.until, until)

    def narrow_positions(self, low: int | None, high: int | None) -> None:
        """Keep only what lies between the two positions, both included."""
        if low is not None:
            self.low = low if self.low is None else max(self.low, low)
        if high is not None:
            self.high = high if self.high is None else min(self.high, high)

    def add(self, clause: Clause, basis: Basis, zone: tzinfo) -> None:
        """Take ``clause`` in."""
        if clause.field in _MOMENTS:
            self._add_moment(clause, basis, zone)
        elif clause.field in _NUMBERS:
            self._add_number(clause)
        elif clause.field in _CLOCK:
            self._add_clock(clause, zone)
        else:
            condition = condition_of(clause)
            if clause.path:
                self.documents.append(condition)
                if str(clause.field).startswith("data.") and not clause.is_negated:
                    self.payloads.append(condition)
            kept = condition.negation if clause.is_negated else condition
            self.residual.append(kept)
            if not clause.is_negated:
                self._add_door(clause)
            if clause.field == "redacted" and (
                FLAGS[str(clause.value)] is not clause.is_negated
            ):
                self.open_redactions()

    def add_any(self, name: str, texts: Sequence[str]) -> None:
        """Take in that the field ``name`` has one of the values ``texts``."""
        conditions = [condition_of(Clause(name, Exact(text))) for text in texts]
        self.residual.append(any_of(conditions))
        values = [doors.value_of(name, text) for text in texts]
        names = {found for found, _ in values}
        if len(names) == 1:
            self.doors.append(doors.door(names.pop(), [pair for _, pair in values]))

    def add_chosen(self, positions: Sequence[int]) -> None:
        """Take in that the event is at one of ``positions``."""
        self.residual.append(Condition("e.position = ANY (%s)", (list(positions),)))
        self.doors.append(doors.positions(positions))
        self.narrow_positions(min(positions), max(positions))

    def _add_door(self, clause: Clause) -> None:
        if not isinstance(clause.value, Exact) or clause.field is None:
            return
        name, pair = doors.value_of(clause.field, clause.value.text)
        if doors.is_door(name):
            self.doors.append(doors.door(name, [pair]))

    def _add_number(self, clause: Clause) -> None:
        low, high = _number_bounds(clause)
        if clause.field == "pos" and not clause.is_negated:
            self.narrow_positions(low, high)
            return
        column = _NUMBERS[str(clause.field)]
        condition = _between(column, low, high, upper="<=")
        self.residual.append(condition.negation if clause.is_negated else condition)

    def _add_clock(self, clause: Clause, zone: tzinfo) -> None:
        low, high = _number_bounds(clause)
        piece = _CLOCK[str(clause.field)]
        # A bound at either side: the expression, and with it the zone, stands once.
        condition = Condition(
            f"(extract({piece} FROM e.occurred_at AT TIME ZONE %s) BETWEEN %s AND %s)",
            (str(zone), 0 if low is None else low, 23 if high is None else high),
        )
        self.residual.append(condition.negation if clause.is_negated else condition)

    def _add_moment(self, clause: Clause, basis: Basis, zone: tzinfo) -> None:
        since, until = moment_bounds(clause, zone)
        if clause.field == basis and not clause.is_negated:
            self.narrow_time(since, until)
            return
        column = _MOMENTS[str(clause.field)]
        condition = _between(column, since, until, upper="<")
        self.residual.append(condition.negation if clause.is_negated else condition)


def condition_of(clause: Clause) -> Condition:
    """Return the condition of a clause that asks for a value, as if not negated."""
    name, value = clause.field, clause.value
    text = value.text if isinstance(value, (Exact, Prefix)) else ""
    if name is None:
        return _word(text)
    if clause.path:
        return _document(clause, text)
    if name == "redacted":
        return Condition("e.is_redacted" if FLAGS[text] else "NOT e.is_redacted")
    kind, colon, aggregate_id = text.partition(":")
    if name == "agg" and colon:
        return Condition(
            "(e.aggregate_type = %s AND e.aggregate_id = %s)", (kind, aggregate_id)
        )
    operator = "^@" if isinstance(value, Prefix) else "="
    return Condition(f"{_EQUAL[name]} {operator} %s", (text,))


def any_of(conditions: Sequence[Condition]) -> Condition:
    """Return what holds where one of ``conditions`` does."""
    return Condition(
        f"({' OR '.join(found.sql for found in conditions)})",
        tuple(param for found in conditions for param in found.params),
    )


def moment_bounds(
    clause: Clause, zone: tzinfo
) -> tuple[datetime | None, datetime | None]:
    """Return from when, and until when no longer, ``clause`` holds."""
    if isinstance(clause.value, Span):
        low, high = clause.value.low, clause.value.high
        return (
            None if low is None else moments.bounds(low, zone)[0],
            None if high is None else moments.bounds(high, zone)[1],
        )
    begin, end = moments.bounds(clause.value.text, zone)
    return {
        ":": (begin, end),
        ">=": (begin, None),
        ">": (end, None),
        "<=": (None, end),
        "<": (None, begin),
    }[clause.operator]


def _number_bounds(clause: Clause) -> tuple[int | None, int | None]:
    if isinstance(clause.value, Span):
        low, high = clause.value.low, clause.value.high
        return (
            None if low is None else int(low),
            None if high is None else int(high),
        )
    number = int(clause.value.text)
    return {
        ":": (number, number),
        ">=": (number, None),
        ">": (number + 1, None),
        "<=": (None, number),
        "<": (None, number - 1),
    }[clause.operator]


def _between(column: str, low: Any, high: Any, *, upper: str) -> Condition:
    parts = [
        (f"{column} {operator} %s", bound)
        for operator, bound in ((">=", low), (upper, high))
        if bound is not None
    ]
    return Condition(
        f"({' AND '.join(sql for sql, _ in parts) or 'true'})",
        tuple(bound for _, bound in parts),
    )


def _word(text: str) -> Condition:
    position = int(text) if text.isascii() and text.isdigit() else -1
    return Condition(
        f"(e.event_id = %s OR e.aggregate_id = %s OR {CORRELATION} = %s"
        " OR e.position = %s)",
        (text, text, text, position if position < 1 << 63 else -1),
    )


def _document(clause: Clause, text: str) -> Condition:
    """Return containment: the value itself, or a list that has it."""
    column = "e.event_data" if clause.field and clause.field[0] == "d" else "e.metadata"
    is_text = isinstance(clause.value, Exact) and clause.value.is_quoted
    found = []
    for scalar in _scalars(text, is_text=is_text):
        for value in (scalar, f"[{scalar}]"):
            for key in reversed(clause.path):
                value = f"{{{json.dumps(key)}: {value}}}"  # noqa: PLW2901 - built inside out
            found.append(Condition(f"{column} @> %s::jsonb", (value,)))
    return any_of(found)


def _scalars(text: str, *, is_text: bool) -> list[str]:
    """Return what ``text`` may stand for, as JSON: 5 is a number and a text."""
    found = [json.dumps(text)]
    if is_text:
        return found
    if text in ("true", "false", "null"):
        found.append(text)
    elif len(text) <= _LONGEST_NUMBER and _NUMBER.fullmatch(text):
        mantissa, _, exponent = text.lower().partition("e")
        if not exponent or abs(int(exponent)) <= _LONGEST_NUMBER:
            found.append(text)
        del mantissa
    return found
