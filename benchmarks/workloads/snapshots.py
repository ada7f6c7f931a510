"""Load a long-lived aggregate with and without snapshots."""

from __future__ import annotations

import statistics
from typing import Any

from benchmarks import filling
from benchmarks.figures import Comparison, Section, Table, number, ratio
from benchmarks.harness import seconds_of
from benchmarks.stage import Stage
from eventstore import Aggregate, store

EVERY = 1000
#: With fewer events there is less to save.
TARGET_EVENTS = 100_000
ID = "long-lived"


class Requirement(Aggregate):
    """Counts its events and keeps the last title."""

    aggregate_type = filling.AGGREGATE_TYPE
    fold_version = "with"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.events = 0
        self.title = ""

    def apply_event(self, event: Any) -> None:
        """Fold one event."""
        self.events += 1
        self.title = event.data["title"]


class WithoutSnapshots(Requirement):
    """The same by a fold that no snapshot belongs to."""

    fold_version = "without"


def measure(stage: Stage) -> Section:
    """Measure the load of an aggregate that has a snapshot each thousand events."""
    events = stage.plan.snapshot_events
    stage.empty()
    filling.fill_aggregate(ID, events)
    for version in range(EVERY, events + 1, EVERY):
        store.record_snapshot(
            ID,
            filling.TENANT,
            f"s-{version}",
            f"{ID}-{version}",
            state={"events": version, "title": "Log in with a passkey"},
            aggregate_type=filling.AGGREGATE_TYPE,
            fold_version=Requirement.fold_version,
        )
    rounds = min(stage.plan.client_rounds, 3)
    slow, fast = [], []
    for _ in range(rounds):
        slow += seconds_of(lambda: _load(WithoutSnapshots, events), 1)
        fast.append(
            statistics.median(seconds_of(lambda: _load(Requirement, events), 5))
        )
    faster = ratio(slow, fast)
    section = Section(
        f"Load an aggregate of {events:,} events",
        f"A snapshot each {EVERY:,} events; the last is {events % EVERY:,} events old.",
        [
            Table(
                ("side", "milliseconds"),
                [
                    ("without snapshots", number(statistics.median(slow) * 1000)),
                    ("with snapshots", number(statistics.median(fast) * 1000)),
                ],
            )
        ],
    )
    if events < TARGET_EVENTS:
        return section
    section.comparisons.append(
        Comparison(
            work=f"Aggregate.load over {events:,} events, a snapshot each {EVERY:,}",
            against="without snapshots",
            value=faster,
            target=50,
            unit=" times faster",
        )
    )
    return section


def _load(kind: type[Requirement], events: int) -> None:
    assert kind.load(ID, filling.TENANT).events == events
