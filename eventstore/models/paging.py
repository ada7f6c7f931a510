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
        limit: how many rows at most.
    """
    if not tenants:
        return []
    direction = "-" if newest_first else ""
    arm = rows.filter(_in_scope(rows.model))
    arm = arm.order_by(f"{direction}tenant_id", f"{direction}{key}")[:limit]
    try:
        sql, params = arm.query.get_compiler(using=rows.db).as_sql()
    except EmptyResultSet:
        return []
    order = ", ".join(
        f'page."{column}"{" DESC" if newest_first else ""}'
        for column in _columns(rows.model, key)
    )
    # The names are those of the models; every value is a parameter.
    merged = (
        "SELECT page.* FROM unnest(%s::text[]) AS scope (tenant_id) "  # noqa: S608
        f"CROSS JOIN LATERAL ({sql}) AS page ORDER BY {order} LIMIT {limit:d}"
    )
    with connections[rows.db].cursor() as cursor:
        cursor.execute(merged, [sorted(tenants), *params])
        names = [column.name for column in cursor.description]
        return [_instance(rows, dict(zip(names, row, strict=True))) for row in cursor]


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


def _in_scope(model: type[models.Model]) -> RawSQL:
    table = model._meta.db_table  # noqa: SLF001 - Django's documented API of models
    return RawSQL(  # noqa: S611 - the name of a model's table
        f'"{table}".tenant_id = ANY (ARRAY[scope.tenant_id])',
        (),
        output_field=models.BooleanField(),
    )


def _columns(model: type[models.Model], key: str) -> list[str]:
    options = model._meta  # noqa: SLF001 - Django's documented API of models
    fields: list[Any] = options.pk_fields if key == "pk" else [options.get_field(key)]
    return [field.column for field in fields]
