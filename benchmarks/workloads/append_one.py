"""Append one event, one client."""

from __future__ import annotations

from benchmarks import sides
from benchmarks.figures import Section
from benchmarks.harness import in_turn
from benchmarks.peers import emmett, eventsourcing
from benchmarks.stage import Stage


def measure(stage: Stage) -> Section:
    """Measure the function, the service, the ORM and the peers beside the limit."""
    stage.empty()
    eventsourcing.prepare()
    names = [
        sides.RAW,
        sides.INSERT,
        sides.FUNCTION,
        sides.SERVICE,
        sides.ORM,
        *eventsourcing.sides(),
        *emmett.sides(),
    ]
    runners = {name: sides.make(name, sides.Client()) for name in names}
    measured = in_turn(
        runners, rounds=stage.plan.rounds, seconds=stage.plan.slice_seconds
    )
    section = Section(
        "Append one event, one client",
        "100 aggregates in turn. The limit bumps the aggregate's row and inserts the "
        "event in one prepared statement.",
    )
    absent = [*eventsourcing.absent(), *emmett.absent()]
    section.add_rates(measured, sides.RAW, unit="events/s", absent=absent)
    section.compare(
        "append 1 event, the database function alone",
        measured, sides.FUNCTION, sides.RAW, 0.87,
    )  # fmt: skip
    section.compare(
        "append 1 event, EventStoreService", measured, sides.SERVICE, sides.RAW, 0.80
    )
    for peer in eventsourcing.sides():
        section.compare(
            "append 1 event, EventStoreService", measured, sides.SERVICE, peer, 2.0
        )
    return section
