"""Whether the demo may fill this database: never somebody's own log."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from enum import Enum

from django.db import connection

from eventstore.models import StoredEvent
from eventstore_project.demo import accounts, cast, filling
from eventstore_project.demo.errors import DemoRefusedError

#: The key of the lock under which one demo at a time prepares the database.
_LOCK = 0x44454D4F


class State(Enum):
    """What is in the database."""

    EMPTY = "empty"
    COMPLETE = "complete"
    INTERRUPTED = "interrupted"


def is_embedded() -> bool:
    """Return whether the database is the project's private one."""
    return not os.environ.get("DATABASE_URL")


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Keep a second demo waiting while this one prepares the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def state() -> State:
    """Return what the demo finds. It only looks, also at tables of an older version.

    Raises:
        DemoRefusedError: there are tables, events or users that the demo did not make.
    """
    tables = connection.introspection.table_names()
    if not tables:
        return State.EMPTY
    if StoredEvent._meta.db_table not in tables:  # noqa: SLF001 - Django's documented door
        raise _foreign("tables of something else")
    if filling.is_complete():
        return State.COMPLETE
    if StoredEvent.objects.exclude(tenant_id__in=cast.TENANT_IDS).exists():
        raise _foreign("events of other tenants")
    if StoredEvent.objects.exists():
        if not filling.is_begun():
            raise _foreign("events that the demo did not write")
        return State.INTERRUPTED
    if not is_embedded() and accounts.strangers_exist():
        raise _foreign("users of its own, whom the demo's known passwords would harm")
    return State.EMPTY


def recreate() -> None:
    """Drop the private database and create it anew, empty.

    Raises:
        DemoRefusedError: it is not the project's private one.
    """
    if not is_embedded():
        raise DemoRefusedError(
            "--reset is for the private database only, and DATABASE_URL names another "
            f"one, {_name()}. Drop and create that one yourself if it is the demo's."
        )
    name = connection.ops.quote_name(_name())
    connection.close()
    with connection._nodb_cursor() as cursor:  # noqa: SLF001 - as Django's test runner does
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name}")


def _foreign(what: str) -> DemoRefusedError:
    way_out = (
        "Begin afresh with --reset, which drops all that is in it, or let DATABASE_URL "
        "name an empty database."
        if is_embedded()
        else "Create an empty database, and let DATABASE_URL name it."
    )
    return DemoRefusedError(
        f"The database {_name()} has {what}. The demo does not add to it. {way_out}"
    )


def _name() -> str:
    return str(connection.settings_dict["NAME"])
