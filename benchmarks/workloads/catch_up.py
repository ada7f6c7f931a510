"""A projection catches up with what is stored, and is built anew."""

from __future__ import annotations

import time

from benchmarks import filling
from benchmarks.connecting import Connection, connect
from benchmarks.figures import (
    Comparison,
    Section,
    Spread,
    Table,
    between,
    number,
    spread,
)
from benchmarks.following import Projector, Tallies, notify, wait_until_level
from benchmarks.stage import Stage
from benchmarks.tasks import Task
from eventstore.projections.rebuild import rebuild

WORKERS = 2


def measure(stage: Stage) -> Section:
    """Measure both over the same events."""
    stage.empty()
    events, rounds = stage.plan.catch_up_events, stage.plan.follow_rounds
    workers = [Task(Projector) for _ in range(WORKERS)]
    try:
        for worker in workers:
            worker.begin("start")
        for worker in workers:
            worker.result()
        with connect() as raw:
            rates = [
                _catch_up(raw, turn * events, events) for turn in range(rounds + 1)
            ]
            _check(raw, (rounds + 1) * events)
        for worker in workers:
            worker.call("stop")
    finally:
        for worker in workers:
            worker.close()
    return _section(events, spread(rates[1:]), _rebuild())


def _catch_up(raw: Connection, start: int, events: int) -> float:
    """Store events at once; return how many a second the workers then handle."""
    filling.add(start, start + events)
    begun = time.perf_counter()
    notify(raw)
    wait_until_level(raw)
    return events / (time.perf_counter() - begun)


def _check(raw: Connection, events: int) -> None:
    """Refuse to report a projection that did not count each event once."""
    row = raw.execute("SELECT sum(events) FROM benchmarks_tally").fetchone()
    assert row is not None
    assert row[0] == events


def _rebuild() -> float:
    begun = time.perf_counter()
    outcome = rebuild(Tallies)
    return outcome.handled / (time.perf_counter() - begun)


def _section(events: int, rate: Spread, rebuilt: float) -> Section:
    section = Section(
        f"A projection catches up with {events:,} events",
        "It counts the events of each aggregate in a table, a batch of "
        f"{Tallies.batch_size:,} in one transaction with its checkpoint. Its "
        f"{Tallies.partitions} partitions run on {WORKERS} worker processes that are "
        "ready and waiting when the events are committed; the time ends when both "
        "checkpoints have come to the last. A rebuild runs in one process.",
    )
    section.tables.append(
        Table(
            ("work", "events/s", "quartiles"),
            [
                ("catch up, two workers", number(rate.median), between(rate)),
                ("rebuild, one process", number(rebuilt), ""),
            ],
        )
    )
    section.comparisons.append(
        Comparison(
            work="bulk catch-up of a counter projection",
            against=f"{events:,} stored events",
            value=rate,
            target=10_000,
            unit=" events/s",
        )
    )
    return section
