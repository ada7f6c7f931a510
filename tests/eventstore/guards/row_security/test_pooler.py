"""A scope behind PgBouncer in transaction mode: two clients, one connection."""

from __future__ import annotations

import copy
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections
from django.test import override_settings

from eventstore import store
from eventstore.tenancy import scoped
from eventstore_project.embedded import accounts
from tests.eventstore.guards.conftest import World, params
from tests.eventstore.guards.row_security.conftest import TENANTS
from tests.eventstore.guards.row_security.test_scopes import run, seen, setting
from tests.not_run import not_run
from tests.waiting import eventually

# One connection for all clients, which is the application's from the beginning.
PGBOUNCER = """
[databases]
* = {server} connect_query='SET ROLE "{role}"'
[pgbouncer]
unix_socket_dir = {folder}
listen_addr =
listen_port = 6432
auth_type = any
pool_mode = transaction
default_pool_size = 1
ignore_startup_parameters = extra_float_digits,options
logfile = {folder}/log
pidfile = {folder}/pid
"""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A path short enough for a socket, which the server's user may enter."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        yield Path(name)


@pytest.fixture
def pooler(walled: World, folder: Path) -> Iterator[Path]:
    """The folder of a PgBouncer's socket."""
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        not_run("PgBouncer", "pgbouncer is not installed")
    given = params(walled.database)
    host = Path(str(given.get("host", "")))
    owner = accounts.for_server(host if host.is_absolute() else folder / "none")
    known = ("host", "port", "user", "password")
    config = folder / "pgbouncer.ini"
    config.write_text(
        PGBOUNCER.format(
            server=" ".join(f"{key}={given[key]}" for key in known if given.get(key)),
            role=walled.role,
            folder=folder,
        )
    )
    switch: dict[str, Any] = {}
    if not owner.is_current:
        switch = {"user": owner.uid, "group": owner.gid, "extra_groups": []}
        owner.own(folder)
        owner.own(config)
    process = subprocess.Popen([program, "-q", str(config)], **switch)
    try:
        eventually((folder / ".s.PGSQL.6432").exists, seconds=10)
        yield folder
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def pooled(walled: World, pooler: Path) -> Iterator[str]:
    """The store works on the walled database through the pooler."""
    entry: dict[str, Any] = copy.deepcopy(connection.settings_dict)
    entry |= {"NAME": walled.database, "HOST": str(pooler), "PORT": "6432"}
    entry["DISABLE_SERVER_SIDE_CURSORS"] = True
    connections.settings["pooled"] = entry
    try:
        settings = {"DATABASE": "pooled", "PREPARE_STATEMENTS": False}
        with override_settings(EVENTSTORE=settings):
            yield "pooled"
    finally:
        connections["pooled"].close()
        del connections["pooled"]
        del connections.settings["pooled"]


@pytest.fixture
def other(pooled: str) -> Iterator[ThreadPoolExecutor]:
    """The next user of the pool's one connection."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        yield pool
        pool.submit(connections.close_all).result()


def server_process() -> int:
    with connections["pooled"].cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid: int = cursor.fetchone()[0]
    return pid


def test_the_next_user_of_a_connection_inherits_no_scope(
    other: ThreadPoolExecutor,
) -> None:
    with scoped({"initech"}):
        assert seen() == {"initech"}
        mine = server_process()
    assert other.submit(server_process).result() == mine
    assert not other.submit(setting).result()
    assert other.submit(seen).result() == set()


def test_after_a_failure_the_next_user_inherits_no_scope(
    other: ThreadPoolExecutor,
) -> None:
    with pytest.raises(DatabaseError), scoped({"initech"}):
        run("SELECT 1 / 0")
    assert other.submit(seen).result() == set()


def test_a_client_that_dies_in_its_scope_leaves_none_behind(
    other: ThreadPoolExecutor,
) -> None:
    with scoped({"initech"}):
        assert seen() == {"initech"}
        raw = connections["pooled"].connection
        assert raw is not None
        raw.pgconn.finish()
        assert other.submit(seen).result() == set()
        connections["pooled"].needs_rollback = True


def test_a_setting_of_the_session_that_leaked_widens_no_scope(
    other: ThreadPoolExecutor,
) -> None:
    """Somebody's committed ``SET``: what it leaves can only take away."""
    run("SET eventstore.tenants = '{globex}'")
    try:

        def look() -> set[str]:
            with scoped({"initech", "globex"}):
                return seen()

        assert other.submit(look).result() == {"globex"}
    finally:
        run("RESET eventstore.tenants")


@pytest.mark.usefixtures("pooled")
def test_many_clients_of_one_connection_see_their_own_tenant_each() -> None:
    def look(tenant: str) -> list[set[str]]:
        try:
            found = []
            for _ in range(10):
                with scoped({tenant}):
                    found += [
                        seen(),
                        {e.tenant_id for e in store.get_events_after(tenant, 0)},
                    ]
            return found
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=6) as pool:
        for tenant, found in zip(TENANTS, pool.map(look, TENANTS), strict=True):
            assert found == [{tenant}] * 20
