"""The lines of a list: each event as a sentence, as far as its reader may see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from audit_console import links
from audit_console.conf import console_settings
from audit_console.language import Clause, Exact
from audit_console.presenters import summaries
from audit_console.queries import Asked, Row
from audit_console.queries.permitted import is_personal
from audit_console.scope import Scope
from audit_console.sight import Sight, sight_in
from audit_console.views.stand_ins import FIRST, filler
from eventstore import serialization, upcasting

#: By what a line leads to a narrower list.
_NARROWING = ("type", "actor", "agg", "corr")


@dataclass(frozen=True, slots=True)
class Line:
    """One event of a list.

    Attributes:
        position: in digits, as addresses have it.
        select: what its box to be ticked is called.
        address: of its page, which knows the list.
        timeline: of its aggregate's page.
        actor: who did it, as far as the reader may see it.
        sentence: what happened.
        newest_version: to which the payload is lifted when it is read; "" if it is new.
        by_type: the list of this type alone; likewise ``by_actor``, ``by_aggregate``,
            ``by_correlation``; "" where there is nothing to filter by.
    """

    row: Row
    position: str
    select: str
    address: str
    timeline: str
    actor: Mapping[str, Any]
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
    shared = _Shared(
        here=asked.url(),
        select=_("Select event %(n)s"),
        templates=console_settings().SUMMARIES,
        narrower={name: _narrower(asked, name) for name in _NARROWING},
    )
    return [_line(row, shared, sights[row.tenant_id]) for row in rows]


@dataclass(frozen=True, slots=True)
class _Shared:
    """What the lines of a page have in common, found out once."""

    here: str
    select: str
    templates: Mapping[str, str]
    narrower: Mapping[str, Callable[[str], str]]


def _narrower(asked: Asked, name: str) -> Callable[[str], str]:
    """Return what makes the address of the list with a choice of this name.

    A page has hundreds of them, which differ in the chosen value alone.
    """
    return filler(asked.with_choices(name, [FIRST]).url())


def _line(row: Row, shared: _Shared, sight: Sight) -> Line:
    newest = upcasting.event_migrations.newest_version(
        row.event_type, row.event_version
    )
    position = str(row.position)
    actor = row.actor
    return Line(
        row=row,
        position=position,
        select=shared.select % {"n": position},
        address=links.event_url(row.position) + shared.here,
        timeline=links.aggregate_url("aggregate", row),
        actor=sight.actor(actor),
        sentence=summaries.sentence(
            row,
            actor=sight.name_of(actor),
            templates=shared.templates,
            data=_data(row, sight),
        ),
        newest_version="" if newest == row.event_version else newest,
        by_type=shared.narrower["type"](row.event_type),
        by_actor=_by(shared.narrower, "actor", row.actor_id),
        by_aggregate=shared.narrower["agg"](f"{row.aggregate_type}:{row.aggregate_id}"),
        by_correlation=_by(shared.narrower, "corr", row.correlation_id),
    )


def _by(
    narrower: Mapping[str, Callable[[str], str]], name: str, value: str | None
) -> str:
    if not value or is_personal(Clause(name, Exact(value))):
        return ""
    return narrower[name](value)


def _data(row: Row, sight: Sight) -> Mapping[str, Any] | None:
    if row.removal is not None:
        removal = serialization.decode(row.removal)
        return removal if isinstance(removal, Mapping) else None
    if row.data is None or not sight.payloads:
        return None
    data = sight.mask.apply(serialization.decode(row.data), "/data")
    return data if isinstance(data, Mapping) else None
