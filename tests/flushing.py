"""Empty the database after a test that committed, faster than Django's flush does.

Django truncates every table, which makes each and all of its indexes anew, and then
writes content types and permissions again. Here only tables that hold rows are emptied,
and those two, which no test changes, keep theirs.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.management import create_permissions
from django.contrib.contenttypes.management import create_contenttypes
from django.core.management.commands import flush
from django.db.models.signals import post_migrate

KEPT = {"auth_permission", "django_content_type", "django_migrations"}


def install() -> None:
    """Have it so from now on; the test database must be migrated."""
    flush.sql_flush = _sql_flush  # type: ignore[attr-defined]  # what it calls
    post_migrate.disconnect(create_contenttypes)
    post_migrate.disconnect(
        create_permissions,
        dispatch_uid="django.contrib.auth.management.create_permissions",
    )


def _sql_flush(
    style: Any, connection: Any, *, reset_sequences: bool = True, **_: Any
) -> list[str]:
    names = connection.introspection.django_table_names(
        only_existing=True, include_views=False
    )
    quote = connection.ops.quote_name
    looks = " UNION ALL ".join(
        f"SELECT '{name}', EXISTS (SELECT FROM {quote(name)})"
        for name in sorted(set(names) - KEPT)
    )
    with connection.cursor() as cursor:
        cursor.execute(looks)
        filled = [name for name, holds_rows in cursor.fetchall() if holds_rows]
    statements: list[str] = connection.ops.sql_flush(
        style, filled, reset_sequences=reset_sequences, allow_cascade=True
    )
    return statements
