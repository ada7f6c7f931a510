"""Histogram and facets: from rollups or counted, always the numbers of the list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from audit_console.projections import ActorCounts, EventCounts
from audit_console.queries import buckets, histogram, rollups
from audit_console.queries.overview import Overview
from eventstore import store
from tests.audit_console.queries.asking import Asking
from tests.factories import new_event

MARCH = datetime(2026, 3, 1, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def _hours(n: int) -> int:
    return 6 * n if n < 20 else 120 * (n - 19)


@pytest.fixture
def log() -> None:
    """Four events a day for five days, then one in five days; two types."""
    store.append_events(
        [
            new_event(
                "OrderPlaced" if n % 3 else "OrderPaid",
                aggregate_id=f"O-{n}",
                event_id=f"e-{n}",
                occurred_at=MARCH
                + timedelta(hours=6 * n if n < 20 else 120 * (n - 19)),
                metadata={"actor": {"type": "user", "id": f"u-{n % 2}"}},
            )
            for n in range(40)
        ],
        tenant_id="acme",
    )


@pytest.fixture
def counted(log: None) -> None:
    """The rollups have counted the first thirty of them."""
    events = store.get_events_after("acme", 0)
    EventCounts().project_batch(events[:30])
    ActorCounts().project_batch(events)
    with connection.cursor() as cursor:
        for name in (EventCounts.name, ActorCounts.name):
            cursor.execute(
                "INSERT INTO event_subscriptions"
                " (tenant_id, name, partition, partitions, position, handled, state,"
                "  last_error, moved_at, lease_owner)"
                " VALUES ('', %s, 0, 1, %s, 30, 'running', '', now(), '')",
                [name, events[29].position],
            )


@pytest.mark.parametrize(
    "filters",
    [
        "",
        "type=OrderPaid",
        "q=type:OrderPaid",
        "from=2026-03-02&to=2026-03-05",
        "from=2026-03-02T05Z&to=2026-03-05T13Z",
        "from=2026-03-02T05Z",
        "actor=u-1",
        "q=-type:OrderPaid",
        "from=2026-03-02T05Z&to=2026-03-02T20Z",
        "from=2026-03-02T05Z&to=2026-03-02T05:10Z",
    ],
)
def test_a_chart_has_as_many_events_as_the_list(
    make_ask: Callable[[], Asking], counted: None, filters: str
) -> None:
    query = make_ask()(f"{filters}&size=100")

    chart = query.histogram()

    assert chart is not None
    assert chart.total == len(query.page().rows) == query.capped_count()
    assert len(chart.buckets) <= buckets.MOST


def test_a_chart_comes_from_the_rollup_where_that_is_the_same(
    make_ask: Callable[[], Asking], counted: None
) -> None:
    ask = make_ask()
    newest = ask("basis=stored").newest()
    assert newest is not None

    for filters, source in (
        ("", "rollup"),
        ("type=OrderPaid", "rollup"),
        ("from=2026-01-01&to=2026-03-05", "rollup"),
        ("actor=u-1", "log"),
        (f"upto={newest.position - 1}", "log"),
    ):
        chart = ask(filters).histogram()
        assert chart is not None
        assert chart.source == source, filters


def test_a_chart_without_rollups_is_counted(
    make_ask: Callable[[], Asking], log: None
) -> None:
    chart = make_ask()("").histogram()

    assert chart is not None
    assert (chart.source, chart.total) == ("log", 40)


def test_what_is_too_much_by_the_hour_is_drawn_by_the_day(
    make_ask: Callable[[], Asking], counted: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(histogram, "COUNTED", 5)
    chart = make_ask()("from=2026-03-01&to=2026-03-05").histogram()

    assert chart is not None
    assert (chart.source, chart.total, len(chart.buckets)) == ("rollup", 20, 5)


def test_of_a_week_long_ago_days_are_drawn_rather_than_many_events_counted(
    make_ask: Callable[[], Asking], counted: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(histogram, "COUNTED_FOR_HOURS", 5)
    ask = make_ask()

    chart = ask("from=2026-03-01&to=2026-03-09").histogram()
    shorter = ask("from=2026-03-01&to=2026-03-03").histogram()

    assert chart is not None
    assert (chart.source, chart.step.is_days, chart.total) == ("rollup", True, 21)
    assert shorter is not None
    assert (shorter.source, shorter.step.is_days) == ("log", False)


def test_too_much_to_count_shows_all_events_and_says_so(
    make_ask: Callable[[], Asking], counted: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(histogram, "COUNTED", 5)
    chart = make_ask()("actor=u-1&from=2026-01-01&to=2026-07-20").histogram()

    assert chart is not None
    assert (chart.source, chart.total) == ("all", 40)
    assert "count all events" in chart.notes[0]


def test_charts_that_are_behind_say_how_to_catch_up(
    make_ask: Callable[[], Asking], counted: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rollups, "TAIL", 5)
    chart = make_ask()("").histogram()

    assert chart is not None
    assert chart.total == 30
    assert "more than 5 newer events" in chart.notes[0]
    assert "eventstore_worker" in chart.notes[0]


def test_types_are_counted_by_the_rollup_and_others_by_a_sample(
    make_ask: Callable[[], Asking], counted: None
) -> None:
    ask = make_ask()

    types = ask("type=OrderPaid").facet("type")
    actors = ask("type=OrderPaid").facet("actor")

    assert types is not None
    assert [(v.text, v.events) for v in types.values] == [
        ("OrderPlaced", 26),
        ("OrderPaid", 14),
    ]
    assert actors is not None
    assert sum(value.events for value in actors.values) == 14


@pytest.mark.parametrize(
    ("length", "pieces", "is_days"),
    [
        (timedelta(seconds=3), 3, False),
        (timedelta(minutes=15), 16, False),
        (timedelta(hours=1), 13, False),
        (timedelta(days=1), 25, False),
        (timedelta(days=7), 57, False),
        (timedelta(days=30), 31, True),
        (timedelta(days=365), 54, True),
        (timedelta(days=3650), 40, True),
        (timedelta(days=365 * 200), 20, True),
    ],
)
def test_steps_are_nice_and_pieces_few(
    length: timedelta, pieces: int, is_days: bool
) -> None:
    since = datetime(1950, 1, 1, 0, 0, 1, tzinfo=UTC)
    step, edges = buckets.cut(since, since + length)

    assert edges[0] <= since
    assert edges[-2] < since + length <= edges[-1]
    assert (len(edges) - 1, step.is_days) == (pieces, is_days)


@pytest.mark.parametrize(
    ("zone", "days"),
    [
        ("Europe/Berlin", 40),
        ("Europe/Berlin", 300),
        ("Europe/Berlin", 3000),
        ("Asia/Kathmandu", 40),
        ("Africa/Cairo", 50),
    ],
)
def test_days_are_those_of_a_zone_also_when_its_clock_changes(
    zone: str, days: int
) -> None:
    # In Cairo summer begins at midnight: that day begins at one.
    since = datetime(2026, 3, 10, 22, 50, tzinfo=UTC)
    until = since + timedelta(days=days)

    step, edges = buckets.cut(since, until, zone=ZoneInfo(zone))

    assert edges[0] <= since < edges[1]
    assert edges[-2] < until <= edges[-1]
    assert {edge.tzinfo for edge in edges} == {UTC}
    walls = [edge.astimezone(ZoneInfo(zone)) for edge in edges]
    skipped = [wall for wall in walls if wall.hour or wall.minute]
    assert {(wall.hour, wall.day) for wall in skipped} <= {(1, 24)}
    assert (zone == "Africa/Cairo") == bool(skipped)
    if step.months:
        assert {wall.day for wall in walls} == {1}
    if step.seconds == 7 * 86_400:
        assert {wall.weekday() for wall in walls} == {0}


def test_the_overview_is_full_of_rollups(
    make_ask: Callable[[], Asking], counted: None
) -> None:
    query = make_ask()("")
    newest = query.newest()
    assert newest is not None

    overview = Overview.of(query.reading, query.tenants, newest.occurred_at)

    assert overview.top_types(days=200) == [("OrderPlaced", 26), ("OrderPaid", 14)]
    assert sorted(overview.top_actors(days=200)) == [
        ("u-0", "user", 20),
        ("u-1", "user", 20),
    ]
