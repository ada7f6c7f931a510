"""How cost grows with what is stored."""

from __future__ import annotations

import itertools
import random
import time

from benchmarks import filling, raw, sides
from benchmarks.connecting import connect
from benchmarks.figures import Comparison, Section, Spread, Table, spread
from benchmarks.harness import Loop, in_turn
from benchmarks.stage import Stage
from eventstore import store

PAGE = 100
#: What storing the events of one size may take.
FILLING_SECONDS = 270
_SEED = 4


def measure(stage: Stage) -> Section:
    """Measure the append, the aggregate read and the type page at each size."""
    section = Section(
        "How cost grows",
        f"Milliseconds a call, median. The aggregate has 100 events, {PAGE} events are "
        "a page; which aggregate and where in the log the page begins is random.",
    )
    rows, costs = [], []
    seconds_an_event = 0.0
    for events in stage.plan.growth:
        forecast = seconds_an_event * events
        if forecast > FILLING_SECONDS:
            section.notes.append(
                f"{events:,} stored events were left out: storing them would have "
                f"taken {forecast:.0f} s on this machine."
            )
            break
        begun = time.monotonic()
        stage.filled(events)
        seconds_an_event = (time.monotonic() - begun) / events
        cost = _costs(stage, events)
        costs.append(cost)
        rows.append((f"{events:,}", *(f"{value:.3f}" for value in cost.values())))
    section.tables.append(Table(("stored events", *costs[0]), rows))
    if len(costs) > 1:
        section.tables.append(_growth(costs))
        last, first = costs[-1], costs[0]
        for work in ("read aggregate", "type page"):
            grown = last[work] / first[work]
            section.comparisons.append(
                Comparison(
                    work=f"{work}: cost at {rows[-1][0]} events",
                    against=f"at {rows[0][0]}",
                    value=Spread(grown, grown, grown),
                    target=1.3,
                    at_most=True,
                )
            )
    return section


def _costs(stage: Stage, events: int) -> dict[str, float]:
    connection = connect()
    read = raw.statement(connection, raw.READ_AGGREGATE)
    page = raw.statement(connection, raw.READ_BY_TYPE)
    choose = random.Random(_SEED)

    def aggregate() -> str:
        # Even aggregates are those of the large tenant.
        return f"A-{choose.randrange(events // 200) * 2}"

    def start() -> int:
        return choose.randrange(max(1, events * 9 // 10))

    runners = {
        "append": sides.make(sides.SERVICE, sides.Client()),
        "raw append": sides.make(sides.RAW, sides.Client()),
        "read aggregate": Loop(
            lambda: store.get_events_for_aggregate(
                aggregate(), filling.TENANT, filling.AGGREGATE_TYPE
            )
        ),
        "raw read": Loop(
            lambda: read(filling.TENANT, aggregate(), filling.AGGREGATE_TYPE)
        ),
        "type page": Loop(
            lambda: store.get_events_by_type(
                filling.TENANT, filling.EVENT_TYPE, limit=PAGE, cursor=str(start())
            )
        ),
        "raw page": Loop(
            lambda: page(filling.TENANT, filling.EVENT_TYPE, start(), PAGE)
        ),
    }
    measured = in_turn(
        runners, rounds=stage.plan.rounds, seconds=stage.plan.slice_seconds
    )
    return {name: 1000 / spread(rates).median for name, rates in measured.items()}


def _growth(costs: list[dict[str, float]]) -> Table:
    """Return by how much each cost has grown from size to size."""
    heads = ("from one size to the next", *costs[0])
    return Table(
        heads,
        [
            ("x", *(f"{after[name] / before[name]:.2f}" for name in before))
            for before, after in itertools.pairwise(costs)
        ],
    )
