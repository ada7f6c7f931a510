"""Lift the TRUNCATE guard, in test databases and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.creation import TEST_DATABASE_PREFIX
from django.db.models.signals import post_migrate

from eventstore.exceptions import EventStoreError

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

GUARDED_TABLES = ("stored_domain_events", "event_redactions", "event_aggregates")


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
        for table in GUARDED_TABLES:
            cursor.execute(
                f"ALTER TABLE {table} DISABLE TRIGGER eventstore_no_truncate"
            )


def is_test_database(connection: BaseDatabaseWrapper) -> bool:
    """Return whether Django's test runner has made this database."""
    name = str(connection.settings_dict["NAME"])
    wanted = connection.settings_dict.get("TEST", {}).get("NAME")
    return name.startswith(wanted or TEST_DATABASE_PREFIX)


def _lift(*, app_config: Any, using: str, **_: Any) -> None:
    if app_config.name != "eventstore":
        return
    connection = connections[using]
    if is_test_database(connection) and _is_installed(connection):
        lift_truncate_guards(using)


def _is_installed(connection: BaseDatabaseWrapper) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regproc('eventstore_refuse_v1') IS NOT NULL")
        return bool(cursor.fetchone()[0])
