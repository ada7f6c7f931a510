"""Append one event a call, many clients, each in a process of its own."""

from __future__ import annotations

from benchmarks import sides
from benchmarks.clients import Clients
from benchmarks.figures import Section
from benchmarks.peers import emmett, eventsourcing
from benchmarks.stage import Stage


def measure(stage: Stage) -> Section:
    """Measure the function, the service and the peers beside the limit."""
    stage.empty()
    eventsourcing.prepare()
    emmett.prepare()
    names = [
        sides.RAW,
        sides.FUNCTION,
        sides.SERVICE,
        *eventsourcing.sides(),
        *emmett.sides(),
    ]
    clients = Clients(names, stage.plan.clients)
    try:
        measured = clients.in_turn(
            rounds=stage.plan.client_rounds, seconds=stage.plan.client_seconds
        )
    finally:
        clients.close()
    section = Section(
        f"Append one event, {stage.plan.clients} processes",
        "Each process has a connection and 100 aggregates of its own.",
    )
    absent = [*eventsourcing.absent(), *emmett.absent()]
    section.add_rates(measured, sides.RAW, unit="events/s", absent=absent)
    work = f"append 1 event, {stage.plan.clients} processes"
    section.compare(work, measured, sides.SERVICE, sides.RAW, 0.85)
    for peer in eventsourcing.sides():
        section.compare(work, measured, sides.SERVICE, peer, 4.0)
    return section
