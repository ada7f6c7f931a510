"""Replay an aggregate of a thousand events, as stored and lifted to newer versions."""

from __future__ import annotations

from benchmarks import filling, raw
from benchmarks.connecting import connect
from benchmarks.figures import Comparison, Section, spread
from benchmarks.harness import Loop, in_turn
from benchmarks.stage import Stage
from eventstore import EventMigrationHandler, EventStoreService

EVENTS = 1000
RAW = "raw fetch"
STORED = "replay"
UPCAST = "replay, upcast v1 -> v3"


def measure(stage: Stage) -> Section:
    """Measure the replay beside a raw fetch of the same rows."""
    stage.filled(stage.plan.stored)
    filling.fill_aggregate("replayed", EVENTS)
    scope = ("replayed", filling.TENANT, filling.AGGREGATE_TYPE)
    store = EventStoreService(two_migrations())
    read = raw.statement(connect(), raw.READ_AGGREGATE)
    runners = {
        RAW: Loop(lambda: read(filling.TENANT, "replayed", filling.AGGREGATE_TYPE)),
        STORED: Loop(
            lambda: store.get_events_for_aggregate(*scope, after_snapshot=False)
        ),
        UPCAST: Loop(
            lambda: store.get_events_for_aggregate(
                *scope, after_snapshot=False, upcast=True
            )
        ),
    }
    measured = in_turn(
        runners,
        rounds=stage.plan.rounds,
        seconds=stage.plan.slice_seconds,
        factor=EVENTS,
    )
    section = Section(
        f"Replay an aggregate of {EVENTS:,} events",
        f"Among {stage.plan.stored:,} stored events. The limit fetches the same rows "
        "into tuples, with the payloads parsed.",
    )
    section.add_rates(measured, RAW, unit="events/s")
    section.compare(
        f"replay {EVENTS:,} events to stored events", measured, STORED, RAW, 0.6
    )
    more = [
        1e6 / lifted - 1e6 / plain
        for lifted, plain in zip(measured[UPCAST], measured[STORED], strict=True)
    ]
    section.comparisons.append(
        Comparison(
            work="the same, upcast v1 -> v3",
            against="the line above",
            value=spread(more),
            target=10,
            unit=" µs more an event",
            at_most=True,
        )
    )
    return section


def two_migrations() -> EventMigrationHandler:
    """Return a registry with the chain v1 -> v2 -> v3 of the type that is read."""
    migrations = EventMigrationHandler()
    for old, new in (("v1", "v2"), ("v2", "v3")):
        migrations.register_migration(
            filling.EVENT_TYPE, old, new, lambda data: {**data, "role": "reviewer"}
        )
    return migrations
