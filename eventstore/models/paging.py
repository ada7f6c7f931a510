"""Keyset pages over the rows of several tenants, each tenant's index walked once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connections, models
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

if TYPE_CHECKING:
    from collections.abc import Collection

M = TypeVar("M", bound=models.Model)


def page_in_tenants(
    rows: QuerySet[M],
    tenants: Collection[str],
    *,
    key: str = "pk",
    newest_first: bool = False,
    each: tuple[str, Collection[str]] | None = None,
    limit: int,
) -> list[M]:
    """Return the first ``limit`` of ``rows`` that belong to one of ``tenants``.

    ``tenant_id IN (...) ORDER BY position`` walks the primary key through everybody's
    rows. A lateral join asks each tenant's index for one page and merges the pages; and
    ``= ANY (ARRAY[one])`` with the tenant in the order leaves no other index to ask:
    after a plain ``=`` the planner drops the tenant from the order as a constant, and
    may then walk the primary key past all others' rows.

    Args:
        rows: filtered as wanted, but neither ordered nor limited; the scope is added
            here, and nothing of another tenant can come back. JSON columns are
            deferred, or come as text.
        tenants: whose rows; none, no rows.
        key: what orders the pages: ``pk``, or a column that is unique in what is asked.
        newest_first: whether the largest keys come first.
        each: a column of text and the values that are wanted of it; each has a part of
            an index of its own, which is walked like a tenant's.
        limit: how many rows at most.
    """
    found = page_statement(
        rows, tenants, key=key, newest_first=newest_first, each=each, limit=limit
    )
    if found is None:
        return []
    with connections[rows.db].cursor() as cursor:
        cursor.execute(*found)
        names = [column.name for column in cursor.description]
        return [_instance(rows, dict(zip(names, row, strict=True))) for row in cursor]


def page_statement(
    rows: QuerySet[M],
    tenants: Collection[str],
    *,
    key: str = "pk",
    newest_first: bool = False,
    each: tuple[str, Collection[str]] | None = None,
    limit: int,
) -> tuple[str, list[Any]] | None:
    """Return the statement of ``page_in_tenants``; ``None`` when it finds nothing."""
    scopes = {"tenant_id": sorted(tenants)} | dict((each,) if each else ())
    if not all(scopes.values()):
        return None
    arm = rows.filter(_in_scope(rows.model, "tenant_id", "= ANY (ARRAY[{wanted}])"))
    if each is not None:
        # A range: after an equality the column would be dropped from the order.
        arm = arm.filter(
            _in_scope(rows.model, each[0], "BETWEEN {wanted} AND {wanted}")
        )
    ordered = [*scopes, key]
    direction = "-" if newest_first else ""
    arm = arm.order_by(*(f"{direction}{column}" for column in ordered))[:limit]
    try:
        sql, params = arm.query.get_compiler(using=rows.db).as_sql()
    except EmptyResultSet:
        return None
    order = ", ".join(
        f'page."{column}"{" DESC" if newest_first else ""}'
        for column in _columns(rows.model, key)
    )
    unnested = " CROSS JOIN ".join(
        f"unnest(%s::text[]) AS {column}_scope (wanted)" for column in scopes
    )
    # The names are those of the models; every value is a parameter.
    merged = (
        f"SELECT page.* FROM {unnested} "  # noqa: S608
        f"CROSS JOIN LATERAL ({sql}) AS page ORDER BY {order} LIMIT {limit:d}"
    )
    return merged, [*map(list, scopes.values()), *params]


def _instance(rows: QuerySet[M], values: dict[str, Any]) -> M:
    """Return a row as its model; Django's ``raw()`` knows no composite keys."""
    fields = [
        field
        for field in rows.model._meta.concrete_fields  # noqa: SLF001 - Django's documented API of models
        if field.column in values
    ]
    found = rows.model.from_db(
        rows.db,
        [field.attname for field in fields],
        [values.pop(str(field.column)) for field in fields],
    )
    for name, value in values.items():
        setattr(found, name, value)
    return found


def _in_scope(model: type[models.Model], column: str, condition: str) -> RawSQL:
    table = model._meta.db_table  # noqa: SLF001 - Django's documented API of models
    wanted = condition.format(wanted=f"{column}_scope.wanted")
    return RawSQL(  # noqa: S611 - the names of a model's table and column
        f'"{table}"."{column}" {wanted}', (), output_field=models.BooleanField()
    )


def _columns(model: type[models.Model], key: str) -> list[str]:
    options = model._meta  # noqa: SLF001 - Django's documented API of models
    fields: list[Any] = options.pk_fields if key == "pk" else [options.get_field(key)]
    return [field.column for field in fields]
