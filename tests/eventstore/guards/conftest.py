"""Two databases, one login: it owns all of the first, and is the app of the second."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.test import override_settings
from psycopg import sql
from pytest_django import DjangoDbBlocker

from eventstore import DomainEvent, store
from eventstore.hardening import inspection

#: Positions of what each database holds from the beginning.
PLAIN, REDACTED = 1, 2


@dataclass(frozen=True)
class World:
    """A database with a store, and the login that its application uses."""

    name: str
    database: str
    role: str

    @contextmanager
    def superuser(self, *, autocommit: bool = False) -> Iterator[psycopg.Cursor[Any]]:
        """A session of the server's superuser; what it does is rolled back."""
        with psycopg.connect(**params(self.database)) as session:
            session.autocommit = autocommit
            yield session.cursor()
            session.rollback()

    @contextmanager
    def session(self, *, autocommit: bool = False) -> Iterator[psycopg.Cursor[Any]]:
        """A session of the application's login; what it does is rolled back."""
        with self.superuser(autocommit=True) as cursor:
            login = sql.Identifier(self.role)
            cursor.execute(sql.SQL("SET SESSION AUTHORIZATION {}").format(login))
            cursor.connection.autocommit = autocommit
            yield cursor

    @contextmanager
    def store(self, *, as_superuser: bool = False) -> Iterator[None]:
        """The store and the checks work on this database as the application."""
        with (
            alias_of(self.database, None if as_superuser else self.role),
            override_settings(EVENTSTORE={"DATABASE": self.database}),
        ):
            yield


def params(database: str) -> dict[str, Any]:
    given = connection.get_connection_params()
    known = ("user", "password", "host", "port")
    return {**{key: given[key] for key in known if key in given}, "dbname": database}


@contextmanager
def alias_of(database: str, role: str | None = None) -> Iterator[str]:
    entry = copy.deepcopy(connection.settings_dict)
    entry["NAME"] = database
    if role:
        entry["OPTIONS"] = {**entry["OPTIONS"], "assume_role": role}
    connections.settings[database] = entry
    try:
        yield database
    finally:
        connections[database].close()
        del connections[database]
        del connections.settings[database]


def _fill(world: World) -> None:
    with world.store():
        for name in ("Ada", "Grace"):
            store.append_event(
                DomainEvent(
                    event_id=name,
                    event_type="PersonRegistered",
                    aggregate_type="Person",
                    aggregate_id=name,
                    data={"name": name, "height": 1.5, "tags": ["a", "b"]},
                ),
                "acme",
            )
        store.redact_event("Grace", "acme", ["/data/name"], reason="asked for")


@pytest.fixture(scope="session")
def worlds(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[dict[str, World]]:
    with django_db_blocker.unblock():
        yield from _worlds()


def _worlds() -> Iterator[dict[str, World]]:
    # No name of a test database: in those the plugin lifts the guard of TRUNCATE.
    base = f"guards_{connection.settings_dict['NAME']}"
    role = f"{base}_login"
    one = World("one role", f"{base}_one", role)
    hardened = World("hardened", f"{base}_hardened", role)
    _drop(f"{base}_")
    server(f'CREATE ROLE "{role}" LOGIN')
    server(f'CREATE DATABASE "{one.database}" OWNER "{role}"')
    try:
        with alias_of(one.database, role) as alias:
            call_command("migrate", database=alias, verbosity=0)
        _fill(one)
        server(f'CREATE DATABASE "{hardened.database}" TEMPLATE "{one.database}"')
        server(f'ALTER DATABASE "{hardened.database}" OWNER TO "{role}"')
        _harden(hardened)
        yield {one.name: one, hardened.name: hardened}
    finally:
        _drop(f"{base}_")


def _harden(world: World) -> None:
    with world.store(as_superuser=True):
        call_command(
            "eventstore_harden",
            app_role=world.role,
            owner_role=f"{world.role}_owner",
            apply=True,
            stdout=StringIO(),
        )


def server(statement: str, *params: str) -> list[str]:
    """Run a statement outside of any database; return its first column."""
    with connection._nodb_cursor() as cursor:
        cursor.execute(statement, params or None)
        return [row[0] for row in cursor] if cursor.description else []


def _drop(prefix: str) -> None:
    """Drop all that was made for these tests; also what a killed run has left."""
    named = "SELECT datname FROM pg_database WHERE datname ^@ %s"
    for database in server(named, prefix):
        server(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
    for role in server("SELECT rolname FROM pg_roles WHERE rolname ^@ %s", prefix):
        server(f'DROP ROLE IF EXISTS "{role}"')


@pytest.fixture(params=["one role", "hardened"])
def world(
    request: pytest.FixtureRequest,
    worlds: dict[str, World],
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[World]:
    with django_db_blocker.unblock():
        yield worlds[request.param]


@pytest.fixture
def one_role(
    worlds: dict[str, World], django_db_blocker: DjangoDbBlocker
) -> Iterator[World]:
    with django_db_blocker.unblock():
        yield worlds["one role"]


@pytest.fixture
def hardened(
    worlds: dict[str, World], django_db_blocker: DjangoDbBlocker
) -> Iterator[World]:
    with django_db_blocker.unblock():
        yield worlds["hardened"]


#: What of the store is in the schema.
OURS = """
SELECT relname FROM pg_class
 WHERE relnamespace = quote_ident(current_schema())::regnamespace
   AND relname ~ '^(event_|eventstore_|stored_)'
 UNION ALL
SELECT proname FROM pg_proc
 WHERE pronamespace = quote_ident(current_schema())::regnamespace
   AND proname ~ '^eventstore_'
"""


def empty(cursor: psycopg.Cursor[Any]) -> None:
    """Empty the log, as only a superuser or an owner can: past the guards."""
    for table in inspection.GUARDED_TABLES:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(f"TRUNCATE {table}")


@pytest.fixture
def copy_of() -> Iterator[Callable[[World], World]]:
    """Make a copy of a database for a test that changes it for good."""
    made: list[World] = []

    def copy_it(world: World) -> World:
        copied = replace(world, database=f"{world.database}_copy")
        server(f'DROP DATABASE IF EXISTS "{copied.database}" WITH (FORCE)')
        server(f'CREATE DATABASE "{copied.database}" TEMPLATE "{world.database}"')
        made.append(copied)
        return copied

    yield copy_it
    for world in made:
        server(f'DROP DATABASE "{world.database}" WITH (FORCE)')
