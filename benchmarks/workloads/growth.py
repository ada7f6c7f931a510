"""How cost grows with what is stored."""

from __future__ import annotations

import contextlib
import random
import time
from typing import Any

from psycopg import errors

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
from benchmarks.workloads import plans
from eventstore import store
from eventstore.sql import query

PAGE = 100
_SEED = 4
#: How many calls are explained.
_LOOKS = 20
_TOUCHED = (
    "stored events",
    *(
        f"{read}: {what}"
        for read in ("read aggregate", "type page")
        for what in ("pages", "not in the cache", "ms for these")
    ),
)
_TOUCHED_NOTE = (
    f"The last table: pages that a call touches, of {_LOOKS} random calls the mean, "
    "from EXPLAIN (ANALYZE, BUFFERS); how many of them PostgreSQL did not have in its "
    "shared buffers, and how long it waited for those. The events of an aggregate lie "
    "on a page each, so what does not fit into memory is read from the disk, a page an "
    "event, by every reader."
)
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
    touched: list[tuple[str, ...]] = []
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
        touched.append((f"{events:,}", *_touched(events)))
    section.tables += [_costs(found), _growths(found), Table(_TOUCHED, touched)]
    section.notes.append(_TOUCHED_NOTE)
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
        return _any_aggregate(choose, stored)

    def start(stored: int) -> str:
        return str(_any_position(choose, stored))

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


def _any_aggregate(choose: random.Random, stored: int) -> str:
    # Even aggregates are those of the large tenant.
    return f"A-{choose.randrange(stored // 200) * 2}"


def _any_position(choose: random.Random, stored: int) -> int:
    return choose.randrange(stored * 9 // 10)


def _touched(events: int) -> list[str]:
    """Return, of each read, pages, those not in the cache, milliseconds for them."""
    connection = connect()
    with contextlib.suppress(errors.InsufficientPrivilege):
        connection.execute("SET track_io_timing = on")
    choose = random.Random(_SEED + 1)
    means = []
    for name in ("read_aggregate", "read_by_type"):
        looks = []
        for _ in range(_LOOKS):
            where = _any_aggregate(choose, events), _any_position(choose, events)
            params = plans.reads(*where, PAGE + 1)[name]
            looks.append(_explained(connection, name, params))
        means += [sum(column) / _LOOKS for column in zip(*looks, strict=True)]
    return [f"{mean:,.1f}" for mean in means]


def _explained(
    connection: Connection, name: str, params: Any
) -> tuple[int, int, float]:
    explain = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query(name)}"
    row = connection.execute(explain, params).fetchone()
    assert row is not None
    plan = row[0][0]["Plan"]
    read: int = plan["Shared Read Blocks"]
    # PostgreSQL 17 tells shared blocks from local ones.
    waited = plan.get("Shared I/O Read Time", plan.get("I/O Read Time", 0.0))
    return plan["Shared Hit Blocks"] + read, read, waited


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
