"""Read events by type, page after page."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator

from benchmarks import filling, raw
from benchmarks.connecting import connect
from benchmarks.figures import Comparison, Section, Table, ratio
from benchmarks.harness import Loop, in_turn, seconds_of
from benchmarks.stage import Stage
from eventstore import store

EVENTS, PAGE = 10_000, 1_000
RAW = "raw pages"
STORE = "get_events_by_type"

Reader = Callable[[str | None], str | None]


def measure(stage: Stage) -> Section:
    """Measure pages beside raw pages, and the first beside the last."""
    stage.filled(stage.plan.stored)
    read = raw.statement(connect(), raw.READ_BY_TYPE)
    last = _last_page()

    def raw_page(cursor: str | None) -> str | None:
        rows = read(filling.TENANT, filling.EVENT_TYPE, int(cursor or 0), PAGE)
        return str(rows[-1][0]) if len(rows) == PAGE else None

    def page(cursor: str | None) -> str | None:
        return store.get_events_by_type(
            filling.TENANT, filling.EVENT_TYPE, limit=PAGE, cursor=cursor
        ).next_cursor

    measured = in_turn(
        {
            RAW: Loop(lambda: list(_pages(raw_page))),
            STORE: Loop(lambda: list(_pages(page))),
        },
        rounds=stage.plan.rounds,
        seconds=stage.plan.slice_seconds,
        factor=EVENTS,
    )
    section = Section(
        f"Read by type, {EVENTS:,} of {stage.plan.stored:,} stored events",
        f"Keyset pages of {PAGE:,}. The limit fetches the same pages into tuples, "
        "with the payloads parsed.",
    )
    section.add_rates(measured, RAW, unit="events/s")
    section.compare(
        f"read by type, {EVENTS:,} of {stage.plan.stored:,} events",
        measured, STORE, RAW, 0.6,
    )  # fmt: skip
    first_cost, last_cost = [], []
    for _ in range(stage.plan.rounds * 3):
        first_cost += seconds_of(lambda: page(None), 1)
        last_cost += seconds_of(lambda: page(last), 1)
    section.tables.append(
        Table(
            ("page", "milliseconds"),
            [
                ("first", f"{statistics.median(first_cost) * 1000:.2f}"),
                ("last", f"{statistics.median(last_cost) * 1000:.2f}"),
            ],
        )
    )
    section.comparisons.append(
        Comparison(
            work="read by type, the last page",
            against="the first page",
            value=ratio(last_cost, first_cost),
            target=1.15,
            unit=" x its cost",
            at_most=True,
        )
    )
    return section


def _pages(read: Reader) -> Iterator[str | None]:
    cursor = None
    for _ in range(EVENTS // PAGE):
        cursor = read(cursor)
        yield cursor


def _last_page() -> str:
    """Return the cursor behind which the last full page of the type lies."""
    row = (
        connect()
        .execute(
            """SELECT position FROM stored_domain_events
                WHERE tenant_id = %s AND event_type = %s
                ORDER BY position DESC OFFSET %s LIMIT 1""",
            (filling.TENANT, filling.EVENT_TYPE, PAGE),
        )
        .fetchone()
    )
    return str(row[0]) if row else "0"
