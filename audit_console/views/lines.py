"""The lines of a list: each event as a sentence, as far as its reader may see it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from audit_console.conf import console_settings
from audit_console.language import Clause, Exact
from audit_console.presenters import summaries
from audit_console.queries import Asked, Row
from audit_console.queries.permitted import is_personal
from audit_console.scope import Scope
from audit_console.sight import Sight, sight_in
from eventstore import serialization, upcasting


@dataclass(frozen=True, slots=True)
class Line:
    """One event of a list.

    Attributes:
        sentence: what happened.
        newest_version: to which the payload is lifted when it is read; "" if it is new.
        by_type: the list of this type alone; likewise ``by_actor``, ``by_aggregate``,
            ``by_correlation``; "" where there is nothing to filter by.
    """

    row: Row
    sentence: str
    newest_version: str
    by_type: str
    by_actor: str
    by_aggregate: str
    by_correlation: str


def wants_payloads(scope: Scope) -> bool:
    """Return whether a sentence of the host names a value that may be shown."""
    named = any(
        name.startswith("data.")
        for template in console_settings().SUMMARIES.values()
        for name in summaries.placeholders(template)
    )
    return named and any(sight_in(scope, each).payloads for each in scope.tenants)


def of_rows(rows: Iterable[Row], asked: Asked, scope: Scope) -> list[Line]:
    """Return the lines of ``rows``, with links to narrower lists."""
    sights = {tenant: sight_in(scope, tenant) for tenant in scope.tenants}
    return [_line(row, asked, sights[row.tenant_id]) for row in rows]


def _line(row: Row, asked: Asked, sight: Sight) -> Line:
    newest = upcasting.event_migrations.newest_version(
        row.event_type, row.event_version
    )
    aggregate = f"{row.aggregate_type}:{row.aggregate_id}"
    return Line(
        row=row,
        sentence=summaries.sentence(
            row,
            actor=sight.name_of(row.actor),
            templates=console_settings().SUMMARIES,
            data=_data(row, sight),
        ),
        newest_version="" if newest == row.event_version else newest,
        by_type=asked.with_choices("type", [row.event_type]).url(),
        by_actor=_by(asked, "actor", row.actor_id),
        by_aggregate=asked.with_choices("agg", [aggregate]).url(),
        by_correlation=_by(asked, "corr", row.correlation_id),
    )


def _by(asked: Asked, name: str, value: str | None) -> str:
    if not value or is_personal(Clause(name, Exact(value))):
        return ""
    return asked.with_choices(name, [value]).url()


def _data(row: Row, sight: Sight) -> Mapping[str, Any] | None:
    if row.removal is not None:
        removal = serialization.decode(row.removal)
        return removal if isinstance(removal, Mapping) else None
    if row.data is None or not sight.payloads:
        return None
    data = sight.mask.apply(serialization.decode(row.data), "/data")
    return data if isinstance(data, Mapping) else None
