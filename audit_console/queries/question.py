"""What is asked of the log, before anybody says whether as a list or as a chart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db import connections

from audit_console.language import Prefix
from audit_console.queries import catalog, stored_time
from audit_console.queries.asked import CHOSEN, Asked
from audit_console.queries.conditions import Compiled, Condition
from audit_console.queries.doors import Door, door
from audit_console.queries.listing import COLUMNS, Row
from audit_console.queries.statements import Statement, Walk
from audit_console.reading import Reading


@dataclass(frozen=True)
class Question:
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
        if asked.faults:
            # What was refused, or not understood, is asked by nobody.
            found.residual.append(Condition("false"))
            return found
        found.narrow_time(asked.since, asked.until)
        for name, values in asked.choices.items():
            if name == CHOSEN:
                found.add_chosen(list(map(int, values)))
            else:
                found.add_any(name, values)
        if "redacted" in asked.has:
            found.residual.append(Condition("e.is_redacted"))
            found.open_redactions()
        for clause in asked.query.clauses:
            found.add(clause, asked.basis, asked.zone)
            if isinstance(clause.value, Prefix) and not clause.is_negated:
                found.doors += self._types_with(clause.value.text)
        if found.payloads and catalog.has_payload_index(self.fetch):
            found.open_payloads()
        if asked.basis == "stored" and (found.since or found.until):
            low, high = self.positions_between(found.since, found.until)
            found.narrow_positions(low, high)
        return found

    @cached_property
    def walk(self) -> Walk:
        """Return what its statements have in common."""
        return Walk(self.tenants, self.asked.basis, self.compiled, self.horizon)

    def event_types(self) -> list[str]:
        """Return the types of events that the tenants have, sorted."""
        return catalog.event_types(self.fetch, self.tenants)

    def positions_between(
        self, since: datetime | None, until: datetime | None
    ) -> tuple[int | None, int | None]:
        """Return positions between which everything stored in the window lies."""
        search = stored_time.Search(self.fetch, self.tenants, self.horizon)
        return search.between(since, until)

    def newest(self) -> Row | None:
        """Return the newest event of the tenants, whatever else is asked."""
        return self._end(is_upwards=False)

    def oldest(self) -> Row | None:
        """Return the oldest event of the tenants, whatever else is asked."""
        return self._end(is_upwards=True)

    def fetch(self, statement: Statement) -> list[dict[str, Any]]:
        """Run a statement of ours and return its rows."""
        with connections[self.reading.database].cursor() as cursor:
            cursor.execute(*statement)
            names = [column.name for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    def fetch_walking(self, statement: Statement) -> list[dict[str, Any]]:
        """Run a statement that stops at a limit, along an index in its order.

        Where the planner takes what is behind a door for little, it would rather fetch
        and sort all of it, and stop then.
        """
        with connections[self.reading.database].cursor() as cursor:
            cursor.execute("SELECT set_config('enable_sort', 'off', true)")
            found = self.fetch(statement)
            cursor.execute("SELECT set_config('enable_sort', 'on', true)")
        return found

    def _types_with(self, beginning: str) -> list[Door]:
        names = self.event_types()
        if len(names) >= catalog.MOST:
            # There may be more, whose events the door would leave out.
            return []
        fitting = [name for name in names if name.startswith(beginning)]
        # Nothing is called so: a door that leads to nothing.
        return [door("type", [(name, "") for name in fitting or [beginning]])]

    def _end(self, *, is_upwards: bool) -> Row | None:
        plain = Walk(self.tenants, self.asked.basis, Compiled(), self.horizon)
        rows = rows_of(self.fetch(plain.page(COLUMNS, 1, is_upwards=is_upwards)))
        return rows[0] if rows else None


def rows_of(found: Iterable[dict[str, Any]]) -> list[Row]:
    """Return the rows of a statement as values."""
    return [
        Row(**{key: value for key, value in row.items() if key != "n"}) for row in found
    ]
