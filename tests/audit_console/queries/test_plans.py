"""What a page reads over a log that misleads planners: 2,000 rows at most."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit_console.queries import ConsoleQuery
from tests.audit_console.queries.asking import Asking
from tests.eventstore.skewed_log import (
    Reads,
    reads_of_the_log,
    skewed_log,  # noqa: F401 - a fixture
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("skewed_log")]
BUDGET = 2_000
EVERYBODY = ("idle", "large", "small")


def _page(query: ConsoleQuery) -> tuple[list[Any], Reads]:
    with reads_of_the_log() as reads:
        page = query.page()
    assert "Seq Scan on stored_domain_events" not in reads.scans
    return list(page.rows), reads


@pytest.mark.parametrize("tenants", [("idle",), ("small",), ("large",), EVERYBODY])
@pytest.mark.parametrize("basis", ["occurred", "stored"])
@pytest.mark.parametrize(
    "filters",
    [
        "",
        "type=Moved",
        "type=Deleted",
        "type=Deleted&type=Moved",
        "type=Deleted&type=Moved&type=Edited",
        "q=type:Del*",
        "q=-type:Edited",
        "q=corr:c-16000",
        "q=agg:Page:p-70001",
        "q=id:e-70003",
        "q=redacted:yes",
        "actor=u-7",
        "agg=Page:hot",
        "from=2026-02-01&to=2026-02-02",
        "at=oldest",
        "jump=2026-02-03",
        "upto=30000",
        "e=5&e=70001&e=99000",
        "&".join(f"e={n * 400 + 7}" for n in range(200)),
    ],
)
def test_a_page_stays_within_its_budget(
    ask: Asking, tenants: tuple[str, ...], basis: str, filters: str
) -> None:
    # Sorted in memory first, up to a thousand; then walked.
    twice = {"actor=u-7", "agg=Page:hot", "from=2026-02-01&to=2026-02-02"}

    rows, reads = _page(ask(f"{filters}&basis={basis}", *tenants))

    positions = [row.position for row in rows]
    assert len(positions) == len(set(positions)) <= 50
    assert positions == sorted(positions, reverse=True)
    budget = BUDGET * len(tenants)
    if filters in twice:
        budget *= 2
    assert reads.rows <= budget


def test_the_buffers_of_a_page_are_few_too(ask: Asking) -> None:
    for filters in ("", "type=Moved", "type=Deleted", "basis=stored&type=Moved"):
        for tenant in EVERYBODY:
            assert _buffers(ask(filters, tenant)) <= 2_000, (filters, tenant)


def _buffers(query: ConsoleQuery) -> int:
    with CaptureQueriesContext(connection) as captured:
        query.page()
    total = 0
    for statement in captured.captured_queries:
        if "stored_domain_events" in statement["sql"]:
            with connection.cursor() as cursor:
                cursor.execute(
                    f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement['sql']}"
                )
                found = cursor.fetchone()[0]
            plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
            total += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return total


def test_a_window_of_stored_time_is_found_as_positions(ask: Asking) -> None:
    query = ask("basis=stored&from=2026-01-20T00:00Z&to=2026-01-20T00:59Z", "idle")

    rows, reads = _page(query)

    assert query.compiled.low == 27_350
    assert query.compiled.high == 27_429
    assert len(rows) == 50
    assert rows[0].position == 27_419
    assert reads.rows <= BUDGET


def test_the_count_stops_where_it_is_capped(ask: Asking) -> None:
    with reads_of_the_log() as reads:
        assert ask("", "large").capped_count() == 10_001
    assert reads.rows <= 10_001
    assert ask("type=Deleted", "idle", "large").capped_count() == 2


def test_a_count_behind_a_door_does_not_sort_all_that_is_behind_it(ask: Asking) -> None:
    with reads_of_the_log() as reads:
        assert ask("type=Edited", "large").capped_count() == 10_001
    assert reads.rows <= 10_001


def test_nothing_is_compiled_that_takes_less_than_compiling(ask: Asking) -> None:
    """Before version 18, a plan without sorting was priced beyond all limits."""
    with reads_of_the_log() as reads:
        for filters in ("", "type=Edited", "actor=u-7"):
            query = ask(filters, "large")
            assert query.page().rows
            assert query.capped_count()
            assert query.facet("actor")
            assert query.facet("type")
            assert query.histogram()
    assert reads.compiled == []


def test_types_are_found_by_hops(ask: Asking) -> None:

    with reads_of_the_log() as reads:
        assert ask("", *EVERYBODY).event_types() == [
            "Deleted",
            "Edited",
            "Moved",
        ]
    assert reads.rows <= 30
