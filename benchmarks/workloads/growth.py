"""How cost grows with what is stored."""

from __future__ import annotations

import random
import time

from benchmarks import filling, raw, sides
from benchmarks.connecting import Connection, connect
from benchmarks.figures import (
    Comparison,
    Measured,
    Section,
    Spread,
    Table,
    of,
    ratio,
    spread,
)
from benchmarks.harness import Loop, Runner, in_turn
from benchmarks.stage import Stage
from eventstore import store

PAGE = 100
_SEED = 4
APPEND, READ, PAGED = WORKS = ("append", "read aggregate", "type page")
RAW, SMALL = "raw ", "raw, small store: "


def measure(stage: Stage) -> Section:
    """Measure the append, the aggregate read and the type page at each size."""
    section = Section(
        "How cost grows",
        f"Milliseconds a call, median. The aggregate has 100 events, {PAGE} events are "
        "a page; which aggregate and where in the log the page begins is random. The "
        "sizes are measured one after the other, so each is held against a small store "
        "that takes its turn in the same rounds: growth is the growth of that ratio.",
    )
    smallest = stage.plan.growth[0]
    reference = stage.filled(smallest, "reference")
    found: dict[int, Measured] = {}
    seconds_an_event = 0.0
    for events in stage.plan.growth:
        forecast = seconds_an_event * events
        if forecast > stage.plan.filling_seconds:
            section.notes.append(
                f"{events:,} stored events were left out: storing them would have "
                f"taken {forecast:.0f} s on this machine. `--full --only growth` waits."
            )
            break
        begun = time.monotonic()
        stage.filled(events)
        seconds_an_event = (time.monotonic() - begun) / events
        found[events] = _measured(stage, events, reference)
    section.tables += [_costs(found), _growths(found)]
    if len(found) > 1:
        largest = max(found)
        section.comparisons += [
            Comparison(
                work=f"{work}: cost at {largest:,} events",
                against=f"at {smallest:,}",
                value=_growth(found, largest, work),
                target=1.3,
                at_most=True,
            )
            for work in (READ, PAGED)
        ]
    return section


def _measured(stage: Stage, events: int, reference: str) -> Measured:
    choose = random.Random(_SEED)

    def aggregate(stored: int) -> str:
        # Even aggregates are those of the large tenant.
        return f"A-{choose.randrange(stored // 200) * 2}"

    def start(stored: int) -> str:
        return str(choose.randrange(stored * 9 // 10))

    def raw_sides(connection: Connection, stored: int) -> dict[str, Runner]:
        read = raw.statement(connection, raw.READ_AGGREGATE)
        page = raw.statement(connection, raw.READ_BY_TYPE)
        ids = sides.aggregate_ids("growth", sides.Client())
        return {
            APPEND: Loop(raw.appender(connection, filling.TENANT, ids)),
            READ: Loop(
                lambda: read(filling.TENANT, aggregate(stored), filling.AGGREGATE_TYPE)
            ),
            PAGED: Loop(
                lambda: page(filling.TENANT, filling.EVENT_TYPE, start(stored), PAGE)
            ),
        }

    ours: dict[str, Runner] = {
        APPEND: sides.make(sides.SERVICE, sides.Client()),
        READ: Loop(
            lambda: store.get_events_for_aggregate(
                aggregate(events), filling.TENANT, filling.AGGREGATE_TYPE
            )
        ),
        PAGED: Loop(
            lambda: store.get_events_by_type(
                filling.TENANT, filling.EVENT_TYPE, limit=PAGE, cursor=start(events)
            )
        ),
    }
    beside = raw_sides(connect(), events)
    small = raw_sides(connect(reference), stage.plan.growth[0])
    runners = {
        name: side
        for work in WORKS
        for name, side in (
            (work, ours[work]),
            (RAW + work, beside[work]),
            (SMALL + work, small[work]),
        )
    }
    return in_turn(runners, rounds=stage.plan.rounds, seconds=stage.plan.slice_seconds)


def _costs(found: dict[int, Measured]) -> Table:
    names = [name for work in WORKS for name in (work, RAW + work, SMALL + work)]
    rows = [
        (
            f"{events:,}",
            *(f"{1000 / spread(measured[name]).median:.3f}" for name in names),
        )
        for events, measured in found.items()
    ]
    return Table(("stored events", *names), rows)


def _growths(found: dict[int, Measured]) -> Table:
    names = [name for work in WORKS for name in (work, RAW + work)]
    rows = [
        (f"{events:,}", *(of(_growth(found, events, name)) for name in names))
        for events in found
    ]
    return Table(("growth to", *names), rows)


def _growth(found: dict[int, Measured], events: int, name: str) -> Spread:
    """Return by how much a cost has grown since the smallest size."""
    small = SMALL + name.removeprefix(RAW)
    first, now = found[min(found)], found[events]
    before = ratio(first[small], first[name]).median
    after = ratio(now[small], now[name])
    return Spread(*(value / before for value in after))
