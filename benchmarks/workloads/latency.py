"""From the commit to the handler of a durable subscription in a worker process."""

from __future__ import annotations

import statistics
import time

from django.db import transaction

from benchmarks import sample, sides
from benchmarks.figures import Comparison, Section, Table, number, spread
from benchmarks.following import Subscriber
from benchmarks.stage import Stage
from benchmarks.tasks import Task
from eventstore import store

RATE = 500
CLIENTS = 2


class Pacer:
    """A client that appends at a steady rate."""

    def __init__(self, which: int) -> None:
        self.client = sides.Client(which)
        self.ids = sides.aggregate_ids("paced", self.client)

    def append(self, rate: float, seconds: float) -> dict[str, float]:
        """Append for ``seconds``; return the moment of each commit, by event id."""
        moments: list[float] = []
        event_ids = []
        begun = time.monotonic()
        for place in range(round(rate * seconds)):
            time.sleep(max(0.0, begun + place / rate - time.monotonic()))
            with transaction.atomic():
                # Before the store's own hook, which notifies.
                transaction.on_commit(lambda: moments.append(time.monotonic()))
                event = sample.new_event(self.ids())
                stored = store.append_event(event, self.client.tenant)
            event_ids.append(stored.event_id)
        return dict(zip(event_ids, moments, strict=True))


def measure(stage: Stage) -> Section:
    """Measure how long after its commit an event is handled, at a steady rate."""
    stage.empty()
    plan = stage.plan
    subscriber = Task(Subscriber)
    pacers = [Task(Pacer, which) for which in range(CLIENTS)]
    rounds: list[list[float]] = []
    rates = []
    try:
        subscriber.call("start")
        for counted in range(plan.follow_rounds + 1):
            committed = _append(pacers, plan.follow_seconds)
            handled = subscriber.call("handled", len(committed))
            if counted:
                rounds.append(_milliseconds(committed, handled))
                rates.append(_rate(committed))
        subscriber.call("stop")
    finally:
        for task in (subscriber, *pacers):
            task.close()
    return _section(rounds, rates)


def _append(pacers: list[Task], seconds: float) -> dict[str, float]:
    for pacer in pacers:
        pacer.begin("append", RATE / CLIENTS, seconds)
    committed: dict[str, float] = {}
    for pacer in pacers:
        committed |= pacer.result()
    return committed


def _milliseconds(
    committed: dict[str, float], handled: dict[str, float]
) -> list[float]:
    assert committed.keys() == handled.keys()
    return [
        (handled[event_id] - moment) * 1000 for event_id, moment in committed.items()
    ]


def _rate(committed: dict[str, float]) -> float:
    moments = committed.values()
    return (len(moments) - 1) / (max(moments) - min(moments))


def _section(rounds: list[list[float]], rates: list[float]) -> Section:
    section = Section(
        f"From the commit to the handler, {RATE} appends a second",
        f"{CLIENTS} processes append single events at a steady rate; a worker process "
        "has a durable subscription to all of them. Counted from when a client knows "
        "of its commit to the first line of the handler, by one clock; percentiles "
        "of a round.",
    )
    rows = []
    for name, percent, target in (("p50", 50, 15), ("p99", 99, 100)):
        value = spread([_percentile(taken, percent) for taken in rounds])
        rows.append((name, number(value.median)))
        section.comparisons.append(
            Comparison(
                work=f"commit to handler, {name}",
                against=f"{RATE} appends/s",
                value=value,
                target=target,
                unit=" ms",
                at_most=True,
            )
        )
    rows.append(("longest of all", number(max(map(max, rounds)))))
    section.tables.append(Table(("commit to handler", "milliseconds"), rows))
    section.notes.append(
        f"{sum(map(len, rounds)):,} events at {statistics.median(rates):.0f} a second; "
        "each was handled once."
    )
    return section


def _percentile(taken: list[float], percent: int) -> float:
    return statistics.quantiles(taken, n=100, method="inclusive")[percent - 1]
