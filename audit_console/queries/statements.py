"""The statements over the log: one arm a tenant and value, each walking one index.

Every name in them is ours and every value a parameter. ``= ANY (ARRAY[one])`` with the
column in the order leaves no other index to ask: after a plain ``=`` the planner may
drop it from the order and walk the primary key past all others' rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audit_console.queries.conditions import Basis, Compiled, Condition
from audit_console.queries.doors import Door
from audit_console.queries.listing import Key

Statement = tuple[str, list[Any]]
#: Runs a statement and returns its rows, by column.
Fetch = Callable[[Statement], list[dict[str, Any]]]

#: How many events one page looks at when no index leads to what it wants.
SCAN = 20_000


@dataclass(frozen=True, slots=True)
class Walk:
    """What all statements of a query have in common.

    Attributes:
        tenants: whose events.
        basis: what they are ordered by.
        compiled: what is asked.
        horizon: no event after this position.
    """

    tenants: tuple[str, ...]
    basis: Basis
    compiled: Compiled
    horizon: int

    @property
    def walk_door(self) -> Door | None:
        """Return the door whose index is in the order of the list, if there is one."""
        best = self.compiled.door
        if self.basis == "occurred" or best is None:
            return None
        return best if best.tail else None

    def page(
        self,
        columns: str,
        limit: int,
        *,
        start: Key | None = None,
        is_upwards: bool = False,
        scan: int = SCAN,
    ) -> Statement:
        """Return the statement of a page that walks the index of its order."""
        found = self.walk_door
        bounds = [*self._bounds(), *_after(self.basis, start, is_upwards=is_upwards)]
        order = self._order(found, is_upwards=is_upwards)
        residual = self._residual(found)
        arm = _arm(found, bounds, order, scan if residual else limit)
        # The same order again, so that the planner sees that there is nothing to sort;
        # without the door's columns, which it knows to be constant.
        keys = self._order(
            None, is_upwards=is_upwards, tail=found.tail if found else None
        )
        inner = Condition(
            f"SELECT {columns} FROM ({arm.sql}) AS e{_where(residual)}"  # noqa: S608 - see above
            f" ORDER BY {keys} LIMIT {limit:d}",
            (*arm.params, *_params(residual)),
        )
        merged = _keys(self.basis, "page", is_upwards=is_upwards)
        return self._lateral(
            found, inner, "page.*", f"ORDER BY {merged} LIMIT {limit:d}"
        )

    def scan_ends(
        self, *, start: Key | None = None, is_upwards: bool = False, scan: int = SCAN
    ) -> Statement:
        """Return the statement of the keys where :meth:`page` stopped looking."""
        found = self.walk_door
        bounds = [*self._bounds(), *_after(self.basis, start, is_upwards=is_upwards)]
        order = self._order(found, is_upwards=is_upwards)
        arm = _arm(found, bounds, order, 1, columns="e.occurred_at, e.position")
        inner = Condition(f"{arm.sql} OFFSET {scan - 1:d}", arm.params)
        return self._lateral(found, inner, "page.occurred_at, page.position", "")

    def candidates(
        self,
        found: Door,
        columns: str,
        limit: int,
        *,
        start: Key | None = None,
        is_upwards: bool = False,
    ) -> Statement:
        """Return the statement that sorts all events behind a door, if they are few.

        Its first column counts the events behind the door, one more than its cap at
        most; then the rows are not all there and must not be used.
        """
        order = self._order(found)
        arm = _arm(found, self._positions(), order, found.cap + 1)
        bounds = [*self.times(), *_after(self.basis, start, is_upwards=is_upwards)]
        wanted = [*bounds, *self.compiled.residual]
        keys = _keys(self.basis, "e", is_upwards=is_upwards)
        inner = Condition(
            f"WITH m AS MATERIALIZED ({arm.sql})"  # noqa: S608 - see above
            " SELECT counted.n, chosen.* FROM (SELECT count(*) AS n FROM m) AS counted"
            f" LEFT JOIN LATERAL (SELECT {columns} FROM m AS e{_where(wanted)}"
            f" ORDER BY {keys} LIMIT {limit:d}) AS chosen ON true",
            (*arm.params, *_params(wanted)),
        )
        merged = _keys(self.basis, "page", is_upwards=is_upwards)
        return self._lateral(found, inner, "page.*", f"ORDER BY {merged}")

    def every(
        self, columns: str, limit: int | None, *, by_door: bool = True
    ) -> Statement:
        """Return the statement of all that match, in no order that matters."""
        found = self.compiled.door if by_door else None
        bounds = self._bounds()
        order = self._order(found)
        residual = self._residual(found)
        arm = _arm(found, [*bounds, *residual], order, limit, columns=columns)
        ending = "" if limit is None else f"LIMIT {limit:d}"
        return self._lateral(found, arm, "page.*", ending)

    def _lateral(
        self, found: Door | None, inner: Condition, columns: str, ending: str
    ) -> Statement:
        pairs = [
            (tenant, *pair)
            for tenant in self.tenants
            for pair in (found.values if found else (("", ""),))
        ]
        sql = (
            f"SELECT {columns} FROM unnest(%s::text[], %s::text[], %s::text[])"  # noqa: S608 - see above
            " AS scope (tenant_id, value, value_2)"
            f" CROSS JOIN LATERAL ({inner.sql}) AS page {ending}"
        )
        return sql, [*([row[i] for row in pairs] for i in range(3)), *inner.params]

    def _positions(self) -> list[Condition]:
        low = self.compiled.low
        high = self.compiled.high
        top = self.horizon if high is None else min(high, self.horizon)
        found = [Condition("e.position <= %s", (top,))]
        if low is not None:
            found.append(Condition("e.position >= %s", (low,)))
        return found

    def times(self) -> list[Condition]:
        """Return the conditions of the range of time."""
        column = "e.occurred_at" if self.basis == "occurred" else "e.stored_at"
        found = []
        if self.compiled.since is not None:
            found.append(Condition(f"{column} >= %s", (self.compiled.since,)))
        if self.compiled.until is not None:
            found.append(Condition(f"{column} < %s", (self.compiled.until,)))
        return found

    def _bounds(self) -> list[Condition]:
        return [*self._positions(), *self.times()]

    def _residual(self, found: Door | None) -> list[Condition]:
        if found is not None and len(self.compiled.residual) == 1:
            # The door says it all.
            return []
        return self.compiled.residual

    def _order(
        self, found: Door | None, *, is_upwards: bool = False, tail: str | None = None
    ) -> str:
        columns = ["e.tenant_id"]
        if found is not None:
            columns += [*found.order, *([found.tail] if found.tail else [])]
        elif tail is not None:
            columns += [tail]
        elif self.basis == "occurred":
            columns += ["e.occurred_at", "e.position"]
        else:
            columns += ["e.position"]
        direction = "" if is_upwards else " DESC"
        return ", ".join(f"{column}{direction}" for column in columns)


def _arm(
    found: Door | None,
    bounds: Sequence[Condition],
    order: str,
    limit: int | None,
    *,
    columns: str = "e.*",
) -> Condition:
    conditions = [Condition("e.tenant_id = ANY (ARRAY[scope.tenant_id])")]
    ending = f" ORDER BY {order}" if limit is not None else ""
    if found is not None and not found.order:
        # Written so that no other index fits, and in no order, for it has none.
        conditions = [Condition("e.tenant_id || '' = scope.tenant_id")]
        ending = ""
    if found is not None:
        conditions.append(Condition(found.sql, found.params))
    conditions += bounds
    if limit is not None:
        ending += f" LIMIT {limit:d}"
    return Condition(
        f"SELECT {columns} FROM stored_domain_events AS e{_where(conditions)}{ending}",  # noqa: S608 - see above
        tuple(_params(conditions)),
    )


def _after(basis: Basis, start: Key | None, *, is_upwards: bool) -> list[Condition]:
    if start is None:
        return []
    operator = ">" if is_upwards else "<"
    if basis == "stored" or start.moment is None:
        return [Condition(f"e.position {operator} %s", (start.position,))]
    moment: datetime = start.moment
    return [
        Condition(
            f"(e.occurred_at, e.position) {operator} (%s, %s)", (moment, start.position)
        )
    ]


def _keys(basis: Basis, alias: str, *, is_upwards: bool) -> str:
    direction = "" if is_upwards else " DESC"
    columns = ["occurred_at", "position"] if basis == "occurred" else ["position"]
    return ", ".join(f'{alias}."{column}"{direction}' for column in columns)


def _where(conditions: Sequence[Condition]) -> str:
    if not conditions:
        return ""
    return f" WHERE {' AND '.join(found.sql for found in conditions)}"


def _params(conditions: Sequence[Condition]) -> list[Any]:
    return [param for found in conditions for param in found.params]
