"""A dump, restored: guards, functions, sequence and stable position work on."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from eventstore import store
from eventstore.hardening import inspection
from eventstore_project import embedded
from tests.eventstore.guards.attacks import CHANGES
from tests.eventstore.guards.conftest import World, params, server
from tests.factories import new_event
from tests.not_run import not_run

_STATISTICS = """
SELECT attrelid::regclass::text, attname FROM pg_attribute
 WHERE attstattarget = 0 AND attrelid::regclass::text ~ '^(stored_|event_|eventstore_)'
 ORDER BY 1, 2
"""


def _program(name: str) -> str:
    """Return a program that is not older than the server."""
    with connection._nodb_cursor() as cursor:
        major = cursor.connection.info.server_version // 10000
    if not os.environ.get("DATABASE_URL"):
        return str(embedded.binaries() / name)
    debian = Path(f"/usr/lib/postgresql/{major}/bin/{name}")
    found = str(debian) if debian.exists() else shutil.which(name)
    return found or not_run(name, f"no client programs of PostgreSQL {major}")


def _run(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    given = params("")
    environment = {
        **os.environ,
        "PGHOST": str(given.get("host", "")),
        "PGPORT": str(given.get("port", "")),
        "PGUSER": str(given.get("user", "")),
        "PGPASSWORD": str(given.get("password", "")),
    }
    return subprocess.run(
        [_program(name), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def dump(world: World, tmp_path: Path) -> Path:
    file = tmp_path / "log.dump"
    done = _run("pg_dump", "--format=custom", f"--file={file}", world.database)
    assert (done.returncode, done.stderr) == (0, "")
    return file


@pytest.fixture
def restored(world: World, dump: Path) -> Iterator[World]:
    target = replace(world, database=f"{world.database}_restored")
    server(f'DROP DATABASE IF EXISTS "{target.database}" WITH (FORCE)')
    server(f'CREATE DATABASE "{target.database}" TEMPLATE template0')
    done = _run("pg_restore", f"--dbname={target.database}", str(dump))
    assert (done.returncode, done.stderr) == (0, "")
    yield target
    server(f'DROP DATABASE IF EXISTS "{target.database}" WITH (FORCE)')


def _ask(world: World, statement: str) -> list[tuple[Any, ...]]:
    with world.superuser() as cursor:
        return cursor.execute(statement).fetchall()


def test_a_restored_store_works_on(world: World, restored: World) -> None:
    copy = restored
    log = "SELECT e::text FROM stored_domain_events AS e ORDER BY position"
    assert _ask(copy, log) == _ask(world, log)
    statistics = _ask(copy, _STATISTICS)
    assert ("stored_domain_events", "event_data") in statistics
    assert statistics == _ask(world, _STATISTICS)
    with copy.store():
        assert inspection.guard_faults() == []
        assert inspection.function_faults() == []
        head = store.stable_position()
        event = store.append_event(new_event(), "acme", expected_version=0)
        assert event.position > head
        assert store.stable_position() == event.position
        again = store.append_event(
            new_event("PersonRegistered", event_id="Ada", **_ADA), "acme"
        )
        assert again.position == 1
        store.redact_event(event.event_id, "acme")


_ADA = {
    "aggregate_type": "Person",
    "aggregate_id": "Ada",
    "data": {"name": "Ada", "height": 1.5, "tags": ["a", "b"]},
}


def test_a_restored_store_refuses_as_before(restored: World) -> None:
    copy = restored
    for attack in CHANGES:
        with copy.session() as cursor:
            assert (attack.name, attack.run(cursor)) == (
                attack.name,
                attack.expected(copy.name),
            )


def test_a_restore_that_disabled_the_triggers_is_reported(
    restored: World, dump: Path
) -> None:
    copy = restored
    with copy.superuser(autocommit=True) as cursor:
        for table in inspection.GUARDED_TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(f"TRUNCATE {table}")
    done = _run(
        "pg_restore",
        f"--dbname={copy.database}",
        "--data-only",
        "--disable-triggers",
        *(f"--table={table}" for table in inspection.GUARDED_TABLES),
        str(dump),
    )
    assert (done.returncode, done.stderr) == (0, "")
    with copy.store():
        assert {
            (fault.guard.table, fault.guard.trigger, fault.what)
            for fault in inspection.guard_faults()
        } == {
            (
                guard.table,
                guard.trigger,
                "is not ENABLE ALWAYS, so that replication passes it",
            )
            for guard in inspection.GUARDS
        }
