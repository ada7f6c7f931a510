"""Workers on a server of the test's own: stopped and started, behind a pooler."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from eventstore_project.embedded import accounts, places
from eventstore_project.embedded.server import Server
from tests.eventstore.projections import counters
from tests.eventstore.subscriptions.crew import ROOT, WorkerProcess, workers
from tests.not_run import not_run
from tests.waiting import eventually

PGBOUNCER = """
[databases]
* = host={sockets} port=5432 user=eventstore
[pgbouncer]
unix_socket_dir = {folder}
listen_addr =
listen_port = 6432
auth_type = any
pool_mode = transaction
default_pool_size = 10
ignore_startup_parameters = extra_float_digits,options
logfile = {folder}/log
pidfile = {folder}/pid
"""


class OwnServer:
    """A private PostgreSQL that a test may stop and start."""

    def __init__(self, folder: Path) -> None:
        self.places = places.of(folder / "checkout", state=folder)
        (folder / "checkout").mkdir()
        self.server = Server(self.places)
        self.server.start()
        self.settings = self.way_in(self.places.sockets, 5432)
        url = f"postgres://eventstore@/eventstore?host={self.places.sockets}"
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "-v0"],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": url},
            check=True,
        )
        self.run(counters.TABLE)

    @staticmethod
    def way_in(sockets: Path, port: int) -> dict[str, Any]:
        return {
            "NAME": "eventstore",
            "USER": "eventstore",
            "PASSWORD": "",
            "HOST": str(sockets),
            "PORT": str(port),
            "OPTIONS": {},
        }

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(
            host=str(self.places.sockets),
            user="eventstore",
            dbname="eventstore",
            autocommit=True,
        ) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def counted(self) -> tuple[int, bool]:
        ((events, in_order),) = self.run(
            "SELECT coalesce(sum(events), 0)::int, bool_and(in_order) "
            "FROM test_counters"
        )
        return events, in_order

    def workers(self) -> int:
        ((workers,),) = self.run("SELECT count(*) FROM event_workers")
        return int(workers)

    def restart(self) -> None:
        cluster = self.server._cluster
        assert cluster is not None
        cluster.halt()
        time.sleep(0.3)
        cluster.prepare()
        cluster.launch()


@pytest.fixture(scope="module")
def short_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture
def own_server(
    short_folder: Path, request: pytest.FixtureRequest
) -> Iterator[OwnServer]:
    folder = short_folder / request.node.name[:12]
    folder.mkdir()
    folder.chmod(0o755)
    server = OwnServer(folder)
    yield server
    server.server.stop()


def test_a_restarted_server_costs_nothing(own_server):
    with workers(2, "counters", database=own_server.settings):
        # A command that finds no server when it starts says so and ends.
        eventually(lambda: own_server.workers() == 2)
        writer = WorkerProcess("--append", "1500", database=own_server.settings)
        for _ in range(2):
            time.sleep(1)
            own_server.restart()
        assert writer.result() == "1500\n"
        eventually(lambda: own_server.counted()[0] >= 1500)
        assert own_server.counted() == (1500, True)


@pytest.fixture
def pooler(own_server: OwnServer, short_folder: Path) -> Iterator[dict[str, Any]]:
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        not_run("PgBouncer", "pgbouncer is not installed")
    owner = accounts.for_server(own_server.places.data)
    folder = short_folder / "pooler"
    folder.mkdir()
    folder.chmod(0o700)
    owner.own(folder)
    config = folder / "pgbouncer.ini"
    config.write_text(
        PGBOUNCER.format(sockets=own_server.places.sockets, folder=folder)
    )
    owner.own(config)
    as_owner = [] if owner.is_current else ["runuser", "-u", owner.name, "--"]
    process = subprocess.Popen([*as_owner, program, "-q", str(config)])
    eventually((folder / ".s.PGSQL.6432").exists)
    yield own_server.way_in(folder, 6432)
    process.terminate()
    process.wait()


def test_all_but_the_listener_goes_through_a_transaction_pooler(own_server, pooler):
    direct = json.dumps(own_server.settings)
    with workers(2, "counters", database=pooler, LISTEN_TO=direct) as crew:
        writers = [
            WorkerProcess("--append", "400", database=pooler, LISTEN_TO=direct)
            for _ in range(2)
        ]
        time.sleep(1)
        crew[0].kill()
        assert [writer.result() for writer in writers] == ["400\n", "400\n"]
        crew[0] = WorkerProcess("counters", database=pooler, LISTEN_TO=direct)
        eventually(lambda: own_server.counted()[0] >= 800)
        assert own_server.counted() == (800, True)
