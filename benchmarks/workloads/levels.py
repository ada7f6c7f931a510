"""The guide's service levels, at many stored events."""

from __future__ import annotations

import statistics
from collections.abc import Callable

from benchmarks import filling, sample, sides
from benchmarks.clients import Clients
from benchmarks.figures import Section, Table, number, spread
from benchmarks.harness import in_turn, seconds_of
from benchmarks.stage import Stage
from benchmarks.workloads.replay import two_migrations
from eventstore import EventStoreService

TENANT, TYPE, KIND = filling.TENANT, filling.EVENT_TYPE, filling.AGGREGATE_TYPE


def measure(stage: Stage) -> Section:
    """Measure each operation of the guide's table, and both throughputs."""
    stage.filled(stage.plan.stored)
    filling.fill_aggregate("replayed", 1000)
    store = EventStoreService(two_migrations())
    ids = sides.aggregate_ids("levels", sides.Client())
    history = store.get_events_for_aggregate("replayed", TENANT, KIND)

    def append_ten() -> object:
        key = ids()
        return store.append_events([sample.new_event(key) for _ in range(10)], TENANT)

    def read() -> object:
        return store.get_events_for_aggregate("replayed", TENANT, KIND)

    operations: list[tuple[str, Callable[[], object], float, int]] = [
        (
            "append a single event",
            lambda: store.append_event(sample.new_event(ids()), TENANT),
            100,
            1,
        ),
        ("append a batch of 10", append_ten, 200, 1),
        ("retrieve an aggregate's 1,000 events", read, 500, 1),
        (
            "query by type, a page of 1,000",
            lambda: store.get_events_by_type(TENANT, TYPE, limit=1000),
            500,
            1,
        ),
        (
            "migration, an event",
            lambda: [store.migrations.migrate_if_needed(event) for event in history],
            10,
            1000,
        ),
    ]
    rows = [_latency(stage, *operation) for operation in operations]
    return Section(
        "The guide's service levels",
        f"At {stage.plan.stored:,} stored events.",
        [
            Table(("operation", "level", "median", "99 of 100 within"), rows),
            Table(("throughput, events/s", "level", "median"), _throughput(stage)),
        ],
    )


def _latency(
    stage: Stage, name: str, call: Callable[[], object], level: float, per: int
) -> tuple[str, ...]:
    seconds_of(call, 3)
    taken = seconds_of(call, max(5, stage.plan.rounds * (2 if per > 1 else 20)))
    each = sorted(1000 * seconds / per for seconds in taken)
    worst = each[min(len(each) - 1, len(each) * 99 // 100)]
    return (
        name,
        f"< {level:g} ms",
        f"{statistics.median(each):.3g} ms",
        f"{worst:.3g} ms",
    )


def _throughput(stage: Stage) -> list[tuple[str, ...]]:
    plan = stage.plan
    single = in_turn(
        {sides.SERVICE: sides.make(sides.SERVICE, sides.Client())},
        rounds=plan.client_rounds,
        seconds=plan.client_seconds,
    )[sides.SERVICE]
    clients = Clients([sides.SERVICE], plan.clients)
    try:
        pooled = clients.in_turn(
            rounds=plan.client_rounds, seconds=plan.client_seconds
        )[sides.SERVICE]
    finally:
        clients.close()
    tens = in_turn(
        {sides.SERVICE: sides.make(sides.SERVICE, sides.Client(batch=10))},
        rounds=plan.client_rounds,
        seconds=plan.client_seconds,
        factor=10,
    )[sides.SERVICE]
    return [
        ("one client, single events", "1,000", number(spread(single).median)),
        ("one client, batches of 10", "1,000", number(spread(tens).median)),
        (
            f"{plan.clients} clients, single events",
            "5,000",
            number(spread(pooled).median),
        ),
    ]
