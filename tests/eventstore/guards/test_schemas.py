"""The store in schemas that are not public, two of them in one database."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from eventstore import NotInstalled, sql, store
from tests.eventstore.guards.conftest import OURS, server
from tests.factories import new_event

SCHEMAS = ("first", "Second store")


@contextmanager
def _store_in(schema: str) -> Iterator[str]:
    with override_settings(EVENTSTORE={"DATABASE": schema}):
        yield schema


@pytest.fixture(scope="module")
def schemas(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    database = f"schemas_{connection.settings_dict['NAME']}"
    with django_db_blocker.unblock():
        server(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        server(f'CREATE DATABASE "{database}"')
        for schema in SCHEMAS:
            entry = copy.deepcopy(connection.settings_dict)
            path = '"' + schema.replace(" ", "\\ ") + '"'
            entry["NAME"] = database
            entry["OPTIONS"] = {
                **entry["OPTIONS"],
                "options": f"-c search_path={path}",
            }
            connections.settings[schema] = entry
            with connections[schema].cursor() as cursor:
                cursor.execute(f'CREATE SCHEMA "{schema}"')
            call_command("migrate", "eventstore", database=schema, verbosity=0)
        yield
        for schema in SCHEMAS:
            connections[schema].close()
            del connections[schema]
            del connections.settings[schema]
        server(f'DROP DATABASE "{database}" WITH (FORCE)')


@pytest.fixture(autouse=True)
def _reachable(
    schemas: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


@pytest.mark.parametrize("schema", SCHEMAS)
def test_the_store_works_in_any_schema(schema: str) -> None:
    with _store_in(schema):
        event = store.append_event(new_event(), "acme")
        batch = [new_event(aggregate_id="A"), new_event(aggregate_id="B")]
        store.append_events(batch, "acme")
        store.record_snapshot("R-1", "acme", "s-1", event.event_id)
        store.redact_event(event.event_id, "acme")
        assert store.stable_position() == 4
        assert [e.position for e in store.get_events_after("acme", 0)] == [1, 2, 3, 4]
        with pytest.raises(DatabaseError, match="stored events are never deleted"):
            sql.run_script("DELETE FROM stored_domain_events")


@pytest.mark.parametrize("schema", SCHEMAS)
def test_the_checks_look_into_the_schema_of_the_store(schema: str) -> None:
    class Router:
        def db_for_write(self, *_: object, **__: object) -> str:
            return schema

    with _store_in(schema), override_settings(DATABASE_ROUTERS=[Router()]):
        assert [m.id for m in run_checks(databases=[schema])] == []


def test_one_store_does_not_hold_the_other_back() -> None:
    with _store_in(SCHEMAS[0]), transaction.atomic(using=SCHEMAS[0]):
        first = store.append_event(new_event(), "acme").position
        with _store_in(SCHEMAS[1]):
            second = store.append_event(new_event(), "acme").position
            [(stable,)] = sql.fetch_all("stable_position", [False])
            assert stable == second
        [(stable,)] = sql.fetch_all("stable_position", [False])
        assert stable < first


def test_without_a_schema_on_the_path_the_error_says_where_to_look() -> None:
    with _store_in(SCHEMAS[0]), transaction.atomic(using=SCHEMAS[0]):
        sql.run_script("SET LOCAL search_path = public")
        with pytest.raises(NotInstalled, match="search_path"):
            store.append_event(new_event(), "acme")
        transaction.set_rollback(True, using=SCHEMAS[0])


def test_reversing_the_migrations_leaves_nothing_behind() -> None:
    server_schema = "reversed"
    entry = copy.deepcopy(connections.settings[SCHEMAS[0]])
    entry["OPTIONS"]["options"] = f"-c search_path={server_schema}"
    connections.settings[server_schema] = entry
    try:
        with connections[server_schema].cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA {server_schema}")
            call_command("migrate", "eventstore", database=server_schema, verbosity=0)
            cursor.execute(OURS)
            assert cursor.fetchall() != []
            call_command(
                "migrate", "eventstore", "zero", database=server_schema, verbosity=0
            )
            cursor.execute(OURS)
            assert cursor.fetchall() == []
            for target in ((), ("0001",), ()):
                call_command(
                    "migrate",
                    "eventstore",
                    *target,
                    database=server_schema,
                    verbosity=0,
                )
    finally:
        connections[server_schema].close()
        del connections[server_schema]
        del connections.settings[server_schema]
