"""Append ten events in one call, one client."""

from __future__ import annotations

from benchmarks import sides
from benchmarks.figures import Section
from benchmarks.harness import in_turn
from benchmarks.peers import emmett, eventsourcing
from benchmarks.stage import Stage

SIZE = 10


def measure(stage: Stage) -> Section:
    """Measure the function, the service and the peers beside the limit."""
    stage.empty()
    eventsourcing.prepare()
    names = [
        sides.RAW,
        sides.FUNCTION,
        sides.SERVICE,
        *eventsourcing.sides(),
        *emmett.sides(),
    ]
    client = sides.Client(batch=SIZE)
    runners = {name: sides.make(name, client) for name in names}
    measured = in_turn(
        runners,
        rounds=stage.plan.rounds,
        seconds=stage.plan.slice_seconds,
        factor=SIZE,
    )
    section = Section(
        f"Append {SIZE} events in one call, one client",
        "All to one aggregate. The limit is one statement: the upsert, and an "
        f"INSERT ... SELECT unnest of {SIZE} rows.",
    )
    absent = [*eventsourcing.absent(), *emmett.absent()]
    section.add_rates(measured, sides.RAW, unit="events/s", absent=absent)
    work = f"append {SIZE} events in one call"
    section.compare(work, measured, sides.SERVICE, sides.RAW, 0.85)
    for peer in eventsourcing.sides():
        section.compare(work, measured, sides.SERVICE, peer, 1.3)
    return section
