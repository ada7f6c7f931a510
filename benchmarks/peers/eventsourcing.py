"""The PostgreSQL recorder of ``eventsourcing``: its storage alone, without its mapper.

The state is handed over as bytes, encoded beforehand: the library's own mapping of
events to bytes would cost more. It is measured with and without its database functions.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from uuid import UUID, uuid4

from benchmarks import sample
from benchmarks.connecting import conninfo

NAME = "eventsourcing"
WITH_FUNCTIONS = "eventsourcing, database functions"
INSTALLED = importlib.util.find_spec("eventsourcing") is not None


def sides() -> list[str]:
    """Return the names of its sides, if it is installed."""
    return [NAME, WITH_FUNCTIONS] if INSTALLED else []


def absent() -> list[str]:
    """Return its name, if it is not installed."""
    return [] if INSTALLED else [NAME]


def prepare() -> None:
    """Make its tables; once a database, before its clients start."""
    if INSTALLED:
        _recorder(functions=False).create_table()
        _recorder(functions=True).create_table()


def appender(size: int, *, functions: bool = False) -> Callable[[], object]:
    """Return a function that appends ``size`` events to one of 100 aggregates."""
    from eventsourcing.persistence import StoredEvent  # noqa: PLC0415 - optional

    recorder = _recorder(functions=functions)
    state = (sample.DATA_TEXT + sample.METADATA_TEXT).encode()
    versions: dict[UUID, int] = {uuid4(): 0 for _ in range(100)}
    keys = list(versions)
    calls = 0

    def append() -> object:
        nonlocal calls
        calls += 1
        key = keys[calls % 100]
        first = versions[key] + 1
        versions[key] += size
        return recorder.insert_events(
            [
                StoredEvent(key, first + number, sample.EVENT_TYPE, state)
                for number in range(size)
            ]
        )

    return append


def _recorder(*, functions: bool):  # type: ignore[no-untyped-def]  # noqa: ANN202 - the class is optional
    from eventsourcing.postgres import (  # noqa: PLC0415 - optional
        PostgresApplicationRecorder,
        PostgresDatastore,
    )

    given = conninfo()
    datastore = PostgresDatastore(
        given["dbname"],
        given.get("host", ""),
        given.get("port", ""),
        given["user"],
        given.get("password", ""),
        enable_db_functions=functions,
    )
    return PostgresApplicationRecorder(datastore)
