"""Lift the TRUNCATE guard, in test databases and nowhere else."""

from __future__ import annotations

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models.signals import post_migrate

from eventstore.exceptions import EventStoreError
from eventstore.hardening.inspection import NO_TRUNCATE
from eventstore.hardening.test_databases import is_test_database


class EventStoreTestRunnerMixin:
    """For ``TEST_RUNNER``: ``TransactionTestCase`` can empty the store's tables."""

    def setup_databases(self, **kwargs: Any) -> Any:
        """Create the test databases with their TRUNCATE guards lifted."""
        lift_after_migrate()
        return super().setup_databases(**kwargs)  # type: ignore[misc]  # the runner's


def lift_after_migrate() -> None:
    """Lift the guards of each test database as soon as it is migrated."""
    post_migrate.connect(_lift, dispatch_uid="eventstore.testing")


def lift_truncate_guards(using: str = DEFAULT_DB_ALIAS) -> None:
    """Let TRUNCATE empty the store's tables in the test database ``using``.

    Raises:
        EventStoreError: it is no test database.
    """
    connection = connections[using]
    if not is_test_database(connection):
        raise EventStoreError(
            f"{connection.settings_dict['NAME']!r} is no test database: the guards of "
            "history stay."
        )
    with connection.cursor() as cursor:
        for table in _guarded_tables(using):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {NO_TRUNCATE}")


def _lift(*, app_config: Any, using: str, **_: Any) -> None:
    # Each flush ends with this signal too: then there is nothing left to do.
    if app_config.name == "eventstore" and is_test_database(connections[using]):
        lift_truncate_guards(using)


def _guarded_tables(using: str) -> list[str]:
    """Return the tables of ``using`` whose guard stands; none where none was made."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.oid::regclass::text"
            "  FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid"
            " WHERE t.tgname = %s AND t.tgenabled <> 'D'"
            "   AND c.relnamespace = quote_ident(current_schema())::regnamespace",
            [NO_TRUNCATE],
        )
        return [str(row[0]) for row in cursor.fetchall()]
