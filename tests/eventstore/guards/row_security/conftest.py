"""A hardened database with row-level security on, and tenants of awkward names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from psycopg import sql
from pytest_django import DjangoDbBlocker

from eventstore import DomainEvent, store
from tests.eventstore.guards.conftest import World, server

#: What would break out of an array literal, a quoted text or a comparison.
AWKWARD = (
    "a,b",
    'say "hi"',
    "{x}",
    "o'hara",
    "back\\slash",
    "NULL",
    " spaced ",
    "%",
    "initech,globex",
    "ümlaut",
)
TENANTS = ("initech", "globex", *AWKWARD)


def role_of(world: World, kind: str) -> World:
    """The same database, seen by another role."""
    return replace(world, role=f"{world.role}{kind}")


def switch(world: World, *args: str, **options: Any) -> str:
    out = StringIO()
    with world.store(as_superuser=True):
        call_command("eventstore_rls", *args, stdout=out, **options)
    return out.getvalue()


def switch_on(world: World) -> str:
    return switch(
        world, "on", app_role=world.role, all_tenants_role=[f"{world.role}_worker"]
    )


@pytest.fixture(scope="session")
def _walled(
    worlds: dict[str, World], django_db_blocker: DjangoDbBlocker
) -> Iterator[World]:
    with django_db_blocker.unblock():
        hardened = worlds["hardened"]
        walled = replace(hardened, database=f"{hardened.database}_rls")
        worker = role_of(walled, "_worker")
        server(f'DROP DATABASE IF EXISTS "{walled.database}" WITH (FORCE)')
        server(f'DROP ROLE IF EXISTS "{worker.role}"')
        server(f'CREATE ROLE "{worker.role}" LOGIN')
        server(f'CREATE DATABASE "{walled.database}" TEMPLATE "{hardened.database}"')
        try:
            with walled.store(as_superuser=True):
                for login in (walled.role, worker.role):
                    call_command(
                        "eventstore_harden",
                        app_role=login,
                        apply=True,
                        stdout=StringIO(),
                    )
            _fill(walled)
            switch_on(walled)
            yield walled
        finally:
            server(f'DROP DATABASE "{walled.database}" WITH (FORCE)')
            server(f'DROP ROLE "{worker.role}"')


def _fill(world: World) -> None:
    with world.store():
        for tenant in TENANTS:
            event = store.append_event(
                DomainEvent(
                    event_type="Noted",
                    aggregate_type="Note",
                    aggregate_id="note-1",
                    data={"secret": f"secret of {tenant}"},
                ),
                tenant,
            )
            store.record_snapshot("note-1", tenant, f"s-{tenant}", event.event_id)


@pytest.fixture
def walled(_walled: World, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with django_db_blocker.unblock():
        yield _walled


@contextmanager
def in_scope(world: World, *tenants: str) -> Iterator[psycopg.Cursor[Any]]:
    """A session of the application whose transaction has a scope."""
    with world.session() as cursor:
        set_scope(cursor, *tenants)
        yield cursor


def set_scope(cursor: psycopg.Cursor[Any], *tenants: str) -> None:
    cursor.execute(
        "SELECT set_config('eventstore.tenants', %s::text[]::text, true)",
        [list(tenants)],
    )


@pytest.fixture
def inside(walled: World) -> Iterator[psycopg.Cursor[Any]]:
    """A session of the application in the scope of initech."""
    with in_scope(walled, "initech") as cursor:
        yield cursor


def tenants_seen(cursor: psycopg.Cursor[Any], query: str, *params: Any) -> set[str]:
    """The first column of what ``query`` returns."""
    cursor.execute(sql.SQL(query), params or None)
    return {row[0] for row in cursor.fetchall()}
