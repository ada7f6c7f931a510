"""Throughput over tenants and clients."""

from __future__ import annotations

from benchmarks import sides
from benchmarks.clients import Clients
from benchmarks.figures import Section, Table, number, of, ratio, spread
from benchmarks.stage import Stage


def measure(stage: Stage) -> Section:
    """Measure the curve: as many clients as tenants."""
    stage.empty()
    rows, first = [], 0.0
    for count in stage.plan.curve:
        clients = Clients([sides.RAW, sides.SERVICE], count, tenants=count)
        try:
            measured = clients.in_turn(
                rounds=stage.plan.client_rounds, seconds=stage.plan.client_seconds
            )
        finally:
            clients.close()
        rate = spread(measured[sides.SERVICE]).median
        first = first or rate
        rows.append(
            (
                f"{count}",
                number(spread(measured[sides.RAW]).median),
                number(rate),
                of(ratio(measured[sides.SERVICE], measured[sides.RAW])),
                f"{rate / first:.1f}",
            )
        )
    return Section(
        "Tenants and clients",
        "A process a tenant, each appending single events to its own log.",
        [
            Table(
                (
                    "tenants and clients",
                    f"{sides.RAW}, events/s",
                    f"{sides.SERVICE}, events/s",
                    f"of {sides.RAW}",
                    "times one tenant",
                ),
                rows,
            )
        ],
    )
