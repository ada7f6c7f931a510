"""One object behind the list, its count, its chart, its facets, and its export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db import connections
from django.utils.translation import gettext as _

from audit_console.language import Prefix
from audit_console.queries import catalog, stored_time
from audit_console.queries.asked import Asked
from audit_console.queries.conditions import (
    Compiled,
    Condition,
)
from audit_console.queries.doors import Door, door, rank
from audit_console.queries.listing import COLUMNS, DOCUMENT_COLUMNS, Key, Row, RowPage
from audit_console.queries.statements import SCAN, Statement, Walk
from audit_console.reading import Reading

#: Up to where matches are counted.
COUNTED = 10_000
#: How long a range may be for a look into payloads without an index.
SHORT = timedelta(days=7)
#: How many doors are tried before the log is walked.
_TRIED = 2


@dataclass(frozen=True)
class ConsoleQuery:
    """What is asked, whose events, and up to where the log is complete.

    Attributes:
        asked: the parameters.
        tenants: whose events, as the scope allows.
        reading: the page's look at the log, with its horizon.
    """

    asked: Asked
    tenants: tuple[str, ...]
    reading: Reading

    @property
    def horizon(self) -> int:
        """Return the last position that is looked at."""
        upto = self.asked.upto
        horizon = self.reading.horizon
        return horizon if upto is None else min(upto, horizon)

    @cached_property
    def compiled(self) -> Compiled:
        """Return the conditions."""
        asked = self.asked
        found = Compiled()
        found.narrow_time(asked.since, asked.until)
        for name, values in asked.choices.items():
            found.add_any(name, values)
        if "redacted" in asked.has:
            found.residual.append(Condition("e.is_redacted"))
            found.open_redactions()
        for clause in asked.query.clauses:
            found.add(clause, asked.basis, asked.zone)
            if isinstance(clause.value, Prefix) and not clause.is_negated:
                found.doors.append(self._types_with(clause.value.text))
        if found.payloads and catalog.has_payload_index(self):
            found.open_payloads()
        if asked.basis == "stored" and (found.since or found.until):
            low, high = stored_time.positions_between(self, found.since, found.until)
            found.narrow_positions(low, high)
        return found

    @cached_property
    def walk(self) -> Walk:
        """Return what its statements have in common."""
        return Walk(self.tenants, self.asked.basis, self.compiled, self.horizon)

    @cached_property
    def refusal(self) -> str:
        """Return why this cannot be asked, and what to add; "" if it can."""
        found = self.compiled
        is_short = (
            found.since is not None
            and found.until is not None
            and found.until - found.since <= SHORT
        )
        if not found.documents or found.door is not None or is_short:
            return ""
        return _(
            "There is no index on payloads: add a type, an actor, an aggregate, or a "
            "range of at most 7 days; or ask an administrator to run "
            "manage.py eventstore_index payload."
        )

    def page(self, *, with_documents: bool = False) -> RowPage:
        """Return the page that the address asks for, newest first.

        Args:
            with_documents: also read payload and metadata as text.
        """
        asked = self.asked
        is_upwards = asked.is_oldest or (asked.after is not None and not asked.before)
        start = None if asked.is_oldest else asked.before or asked.after
        if asked.jump is not None:
            start, is_upwards = self._start_at(asked.jump), False
        columns = COLUMNS + (DOCUMENT_COLUMNS if with_documents else "")
        found = self._few(columns, start, is_upwards=is_upwards)
        stop: Key | None = None
        if found is None:
            statement = self.walk.page(
                columns, asked.size + 1, start=start, is_upwards=is_upwards
            )
            found = _rows(self.fetch(statement))
            if len(found) <= asked.size and self.compiled.residual:
                stop = self._scan_end(start, is_upwards=is_upwards)
        if stop is not None:
            found = [row for row in found if _is_within(row, stop, asked, is_upwards)]
        return _page(found, stop, asked, start, is_upwards=is_upwards)

    def capped_count(self) -> int | None:
        """Return how many match, counted up to ``COUNTED + 1``.

        Returns:
            ``None`` when counting took too long.
        """
        sql, params = self.walk.every("e.position", COUNTED + 1)
        statement = f"SELECT count(*) FROM ({sql}) AS found", params  # noqa: S608 - ours
        rows = self.reading.part(lambda: self.fetch(statement))
        return None if rows is None else int(rows[0]["count"])

    def newest(self) -> Row | None:
        """Return the newest event of the tenants, whatever else is asked."""
        return self._end(is_upwards=False)

    def oldest(self) -> Row | None:
        """Return the oldest event of the tenants, whatever else is asked."""
        return self._end(is_upwards=True)

    def export_iter(self, size: int = 1000) -> Iterator[Row]:
        """Yield every match with its documents, oldest first, never cut.

        Each page is read anew: call it inside one look for one state of the log, or
        with ``upto`` across several.
        """
        start: Key | None = None
        while True:
            page = _next_page(self, size, start).page(with_documents=True)
            yield from reversed(page.rows)
            if page.newer is None:
                return
            start = page.newer

    def describe(self) -> str:
        """Return what is asked, for the access log: without personal values."""
        return f"{self.asked.describe()} horizon={self.horizon}".strip()

    def fetch(self, statement: Statement) -> list[dict[str, Any]]:
        """Run a statement of ours and return its rows."""
        with connections[self.reading.database].cursor() as cursor:
            cursor.execute(*statement)
            names = [column.name for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    def _types_with(self, beginning: str) -> Door:
        names = catalog.event_types(self)
        fitting = [name for name in names if name.startswith(beginning)]
        # Nothing is called so: a door that leads to nothing.
        return door("type", [(name, "") for name in fitting or [beginning]])

    def _few(
        self, columns: str, start: Key | None, *, is_upwards: bool
    ) -> list[Row] | None:
        """Return the page of the events behind a door, if they are few enough."""
        if self.walk.walk_door is not None:
            return None
        limit = self.asked.size + 1
        for found in sorted(self.compiled.doors, key=rank)[:_TRIED]:
            rows = self.fetch(
                self.walk.candidates(
                    found, columns, limit, start=start, is_upwards=is_upwards
                )
            )
            if all(row["n"] <= found.cap for row in rows):
                return _rows(row for row in rows if row["position"] is not None)[:limit]
        return None

    def _scan_end(self, start: Key | None, *, is_upwards: bool) -> Key | None:
        """Return how far all arms have looked, if one stopped before its end."""
        statement = self.walk.scan_ends(start=start, is_upwards=is_upwards)
        keys = [
            Key(
                row["occurred_at"] if self.asked.basis == "occurred" else None,
                row["position"],
            )
            for row in self.fetch(statement)
        ]
        if not keys:
            return None
        return min(keys) if is_upwards else max(keys)

    def _start_at(self, moment: datetime) -> Key:
        if self.asked.basis == "occurred":
            return Key(moment, 0)
        return Key(None, stored_time.position_before(self, moment) + 1)

    def _end(self, *, is_upwards: bool) -> Row | None:
        plain = Walk(self.tenants, self.asked.basis, Compiled(), self.horizon)
        rows = _rows(self.fetch(plain.page(COLUMNS, 1, is_upwards=is_upwards)))
        return rows[0] if rows else None


def _next_page(query: ConsoleQuery, size: int, start: Key | None) -> ConsoleQuery:
    """Return ``query`` for the page that follows ``start``, oldest first."""
    asked = replace(
        query.asked, size=size, before=None, after=start, is_oldest=start is None
    )
    return ConsoleQuery(asked, query.tenants, query.reading)


def _rows(found: Iterable[dict[str, Any]]) -> list[Row]:
    return [
        Row(**{key: value for key, value in row.items() if key != "n"}) for row in found
    ]


def _is_within(row: Row, stop: Key, asked: Asked, is_upwards: bool) -> bool:  # noqa: FBT001 - a private comparison
    key = row.key(asked.basis)
    return key <= stop if is_upwards else key >= stop


def _page(
    found: list[Row],
    stop: Key | None,
    asked: Asked,
    start: Key | None,
    *,
    is_upwards: bool,
) -> RowPage:
    has_more = len(found) > asked.size
    rows = found[: asked.size]
    onward = rows[-1].key(asked.basis) if has_more else stop
    if is_upwards:
        rows = rows[::-1]
    first = rows[0].key(asked.basis) if rows else start
    last = rows[-1].key(asked.basis) if rows else start
    return RowPage(
        rows=tuple(rows),
        newer=onward if is_upwards else (first if start is not None else None),
        older=(last if not asked.is_oldest else None) if is_upwards else onward,
        is_cut=stop is not None,
        looked_at=SCAN if stop is not None else 0,
    )
