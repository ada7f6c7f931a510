"""The sides of the append: each makes a runner for one client, in any process."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.test import override_settings

from benchmarks import raw, sample
from benchmarks.connecting import connect
from benchmarks.harness import Loop, Runner
from benchmarks.peers import emmett, eventsourcing

RAW = "raw upsert + INSERT"
INSERT = "raw INSERT"
FUNCTION = "database function"
SERVICE = "EventStoreService"
QUIET = "EventStoreService, NOTIFY off"
ORM = "Django ORM create()"
COMMITS = "commits one by one"


@dataclass(frozen=True)
class Client:
    """Who appends: which of many, for whom, how much at once."""

    number: int = 0
    tenant: str = "tenant-0"
    batch: int = 1
    #: Whether all clients append to one and the same aggregate.
    is_hot: bool = False


def aggregate_ids(side: str, client: Client) -> Callable[[], str]:
    """Return what names the aggregate of the next call: 100 in turn, or the hot one."""
    if client.is_hot:
        return lambda: f"{side}-hot"
    names = [f"{side}-{client.number}-{number}" for number in range(100)]
    return itertools.cycle(names).__next__


def make(side: str, client: Client) -> Runner:
    """Return the runner of ``side`` for ``client``, with a connection of its own."""
    if side == eventsourcing.NAME:
        return Loop(eventsourcing.appender(client.batch))
    if side == eventsourcing.WITH_FUNCTIONS:
        return Loop(eventsourcing.appender(client.batch, functions=True))
    if side == emmett.NAME:
        return emmett.Emmett(client.batch, f"{client.number}")
    if side == QUIET:
        return Quiet(_caller(SERVICE, client))
    if side == COMMITS:
        return Commits()
    return Loop(_caller(side, client))


def _caller(side: str, client: Client) -> Callable[[], object]:
    ids, tenant, size = aggregate_ids(side, client), client.tenant, client.batch
    if side == SERVICE:
        return _service(tenant, ids, size)
    if side == ORM:
        return _orm(tenant, f"orm-{client.number}")
    if side == INSERT:
        return raw.inserter(connect(), tenant, f"bare-{client.number}")
    one, many = {
        RAW: (raw.appender, raw.batch_appender),
        FUNCTION: (raw.function_caller, raw.batch_function_caller),
    }[side]
    if size > 1:
        return many(connect(), tenant, ids, size)
    return one(connect(), tenant, ids)


def _service(tenant: str, ids: Callable[[], str], size: int) -> Callable[[], object]:
    from eventstore import store  # noqa: PLC0415 - Django must be ready

    if size == 1:
        return lambda: store.append_event(sample.new_event(ids()), tenant)

    def append() -> object:
        key = ids()
        return store.append_events([sample.new_event(key) for _ in range(size)], tenant)

    return append


def _orm(tenant: str, aggregate: str) -> Callable[[], object]:
    from benchmarks.models import EventRow  # noqa: PLC0415 - Django must be ready
    from eventstore import new_event_id  # noqa: PLC0415 - beside the above

    versions = itertools.count(1)

    def create() -> object:
        now = datetime.now(UTC)
        return EventRow._default_manager.create(  # noqa: SLF001 - its typed name
            event_id=new_event_id(),
            tenant_id=tenant,
            aggregate_type=sample.AGGREGATE_TYPE,
            aggregate_id=aggregate,
            aggregate_version=next(versions),
            event_type=sample.EVENT_TYPE,
            event_version="v1",
            occurred_at=now,
            stored_at=now,
            event_data=sample.DATA,
            metadata=sample.METADATA,
        )

    return create


class Quiet(Loop):
    """Appends of a deployment that wakes nobody."""

    def run_for(self, seconds: float) -> float:
        """Call it for ``seconds`` and return calls a second."""
        with override_settings(EVENTSTORE={**settings.EVENTSTORE, "NOTIFY": False}):
            return super().run_for(seconds)


class Commits:
    """One durable transaction after the other inside the server: the serial fsync rate.

    Each writes the smallest record there is; no client, no round trip, no row.
    """

    def __init__(self) -> None:
        self.raw = connect()
        self.raw.execute(
            """
            CREATE PROCEDURE pg_temp.commit_on(seconds float, INOUT commits bigint)
            LANGUAGE plpgsql AS $$
            DECLARE
                _end timestamptz := clock_timestamp() + seconds * interval '1 second';
            BEGIN
                WHILE clock_timestamp() < _end LOOP
                    PERFORM pg_logical_emit_message(true, 'benchmark', '');
                    COMMIT;
                    commits := commits + 1;
                END LOOP;
            END $$"""
        )

    def run_for(self, seconds: float) -> float:
        """Commit for ``seconds`` and return commits a second."""
        row = self.raw.execute(
            "CALL pg_temp.commit_on(%s::float, 0::bigint)", (seconds,)
        ).fetchone()
        assert row is not None
        return float(row[0]) / seconds
