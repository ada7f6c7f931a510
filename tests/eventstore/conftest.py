"""A second session of the database, for what one connection cannot show."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from django.db import connection, connections, transaction

T = TypeVar("T")


class Session:
    """A thread with a connection of its own, which runs what it is given in turn."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._blocks: list[Any] = []

    def start(self, act: Callable[..., T], *args: Any, **kwargs: Any) -> Future[T]:
        """Begin ``act`` and do not wait for it."""
        return self._thread.submit(act, *args, **kwargs)

    def run(self, act: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        return self.start(act, *args, **kwargs).result(timeout=30)

    def begin(self) -> None:
        """Open a transaction that stays open between the calls."""
        block = transaction.atomic()
        self._blocks.append(block)
        self.run(block.__enter__)

    def commit(self) -> None:
        self.run(self._blocks.pop().__exit__, None, None, None)

    def roll_back(self) -> None:
        self.run(transaction.set_rollback, True)
        self.commit()

    def close(self) -> None:
        while self._blocks:
            self.roll_back()
        self.run(connections.close_all)
        self._thread.shutdown()


@pytest.fixture
def session(transactional_db: None) -> Iterator[Session]:
    opened = Session()
    yield opened
    opened.close()


@pytest.fixture
def waiting(transactional_db: None) -> Iterator[Session]:
    """One more, for the call that must wait for the first one's transaction."""
    opened = Session()
    yield opened
    opened.close()


@pytest.fixture
def sql() -> Callable[..., list[tuple[Any, ...]]]:
    """Ask the database itself, past the store."""

    def ask(statement: str, *params: Any) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, params)
            return list(cursor.fetchall()) if cursor.description else []

    return ask


@pytest.fixture
def footprint(sql: Callable[..., list[tuple[Any, ...]]]) -> Callable[[], Any]:
    """What a refused append must leave alone: heads, events, and the store's lock."""

    def take() -> Any:
        return (
            sql("SELECT * FROM event_aggregates ORDER BY 1, 2, 3"),
            sql("SELECT position FROM stored_domain_events ORDER BY 1"),
            sql(
                "SELECT classid, objid, mode FROM pg_locks WHERE locktype = 'advisory'"
                " AND pid = pg_backend_pid() ORDER BY 1, 2"
            ),
            sql("SELECT NULLIF(current_setting('eventstore.appending', true), '')"),
        )

    return take


@pytest.fixture
def counter_table(transactional_db: None) -> Iterator[None]:
    """The table of the projections that the tests run."""
    from tests.eventstore.projections import counters

    counters.make_table()
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE test_counters")
