"""Hot reads walk an index, in order, also when one tenant has nearly all the events."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from eventstore import sql as store_sql
from eventstore import store
from eventstore.models import StoredEvent
from eventstore.models.event import metadata_text

pytestmark = pytest.mark.django_db

FILL = """
    INSERT INTO stored_domain_events
           (event_id, tenant_id, aggregate_type, aggregate_id, aggregate_version,
            event_type, event_version, occurred_at, stored_at, event_data, metadata)
    SELECT 'e-' || n,
           CASE WHEN n % 50 = 0 THEN 'small-' || n % 7 ELSE 'large' END,
           CASE WHEN n % 100 = 0 THEN 'Release' ELSE 'Requirement' END,
           'A-' || n % 500, n,
           CASE WHEN n % 1000 = 1 THEN 'Rare' ELSE 'Common' END,
           'v1', now() - n * interval '1 minute', now(), '{"filler": true}',
           jsonb_build_object('correlation_id', 'c-' || n / 5,
                              'causation_id', 'e-' || n,
                              'actor', jsonb_build_object('id', 'u-' || n % 900))
      FROM generate_series(1, 30000) AS n
"""


@pytest.fixture(scope="module")
def skewed(django_db_setup, django_db_blocker):
    """30,000 events, analysed; taken back after the module."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(FILL)
            cursor.execute("ANALYZE stored_domain_events")
        yield
        transaction.set_rollback(True)


def nodes(plan):
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def outer_nodes(plan):
    """Leave out the look-up of each row's snapshot: it may sort the few it finds."""
    if plan.get("Parent Relationship") == "SubPlan":
        return
    yield plan
    for child in plan.get("Plans", ()):
        yield from outer_nodes(child)


def plan_of(statement, params, mode="force_custom_plan"):
    """Explain a statement as it is sent: prepared, with its parameters beside it.

    After some executions PostgreSQL may take a plan that knows no parameter; such a
    plan must be as good.
    """
    if isinstance(params, dict):
        for place, name in enumerate(params, start=1):
            statement = statement.replace(f"%({name})s", f"${place}")
        params = params.values()
    else:
        for place in range(1, len(params) + 1):
            statement = statement.replace("%s", f"${place}", 1)
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL plan_cache_mode = {mode}")
        cursor.execute(f"PREPARE hot AS {statement}")
        try:
            marks = ", ".join("%s" for _ in params)
            cursor.execute(
                f"EXPLAIN (FORMAT JSON) EXECUTE hot ({marks})", tuple(params)
            )
            return cursor.fetchone()[0][0]["Plan"]
        finally:
            cursor.execute("DEALLOCATE hot")


def plan_of_queryset(rows):
    """Explain what Django sends: its parameters are part of the text."""
    statement, params = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (FORMAT JSON) " + statement, params)
        return cursor.fetchone()[0][0]["Plan"]


def assert_walks(plan, *indexes):
    on_events = [
        node for node in nodes(plan) if node.get("Relation Name", "") == EVENTS
    ]
    assert len(on_events) == 1, plan
    assert on_events[0]["Node Type"] == "Index Scan", plan
    assert on_events[0]["Index Name"] in indexes, plan
    kinds = {node["Node Type"] for node in outer_nodes(plan)}
    assert not kinds & {"Sort", "Incremental Sort"}, plan


EVENTS = "stored_domain_events"
NOW = datetime.now(UTC)
LATE = 1 << 60
HOT = {
    "read_after": ((0, LATE, 101), "eventstore_ev_position"),
    "read_by_type": (("Rare", 0, LATE, 101), "eventstore_ev_type"),
    "read_by_aggregate_type": (("Release", 0, LATE, 101), "eventstore_ev_aggregate"),
    "read_since": ((NOW, -1, LATE, 101), "eventstore_ev_occurred"),
    "read_event": (("e-17",), "eventstore_ev_id"),
}
CALLS = {
    "read_after": lambda tenant: store.get_events_after(tenant, 0),
    "read_by_type": lambda tenant: store.get_events_by_type(tenant, "Rare"),
    "read_by_aggregate_type": lambda tenant: store.get_events_by_aggregate_type(
        tenant, "Release"
    ),
    "read_since": lambda tenant: store.get_events_since(tenant, NOW),
    "read_event": lambda _: store.get_event("e-17", "large"),
}
#: Where nearly all events belong to the read, their key is as good an index.
KEY = "stored_domain_events_pkey"


@pytest.mark.parametrize("name", HOT)
@pytest.mark.parametrize("tenant", ["large", "small-1"])
def test_a_read_walks_its_index(name, tenant, skewed):
    rest, index = HOT[name]
    also = [KEY] if (name, tenant) == ("read_after", "large") else []
    assert_walks(plan_of(store_sql.query(name), (tenant, *rest)), index, *also)


@pytest.mark.parametrize("name", ["read_by_type", "read_by_aggregate_type"])
@pytest.mark.parametrize("after", [0, 15_000, 29_000])
def test_types_that_nearly_all_events_have_are_walked_in_order_too(name, after, skewed):
    kind = "Common" if name == "read_by_type" else "Requirement"
    plan = plan_of(store_sql.query(name), ("large", kind, after, LATE, 101))
    assert_walks(plan, HOT[name][1], KEY)


def test_reads_across_aggregates_are_planned_for_their_tenant_each_time(skewed):
    """A prepared statement's general plan walks the key through all tenants."""
    for _ in range(8):
        for name in HOT:
            CALLS[name]("small-1")
        store.get_events_for_aggregate("A-7", "large", "Requirement")
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        prepared = {statement for (statement,) in cursor.fetchall()}
    shapes = {
        name: any(store_sql.query(name).split("\n")[0] in text for text in prepared)
        for name in [*HOT, "read_aggregate"]
    }
    assert shapes == {
        "read_after": False,
        "read_by_type": False,
        "read_by_aggregate_type": False,
        "read_since": False,
        "read_event": True,
        "read_aggregate": True,
    }


MODES = ["force_custom_plan", "force_generic_plan"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("limit", [None, 101])
def test_the_history_of_an_aggregate_walks_its_versions(limit, mode, skewed):
    params = {
        "tenant_id": "large",
        "aggregate_id": "A-7",
        "aggregate_type": "Requirement",
        "after_version": 0,
        "after_snapshot": False,
        "up_to_version": LATE,
        "stored_until": None,
        "occurred_until": None,
        "limit": limit,
    }
    plan = plan_of(store_sql.query("read_aggregate"), params, mode)
    assert_walks(plan, "eventstore_ev_version")


@pytest.mark.parametrize(
    ("keys", "value", "index"),
    [
        (("correlation_id",), "c-77", "eventstore_ev_correlation"),
        (("causation_id",), "e-77", "eventstore_ev_causation"),
        (("actor", "id"), "u-77", "eventstore_ev_actor"),
    ],
)
def test_queries_by_metadata_walk_their_index(keys, value, index, skewed):
    rows = (
        StoredEvent.objects.alias(found=metadata_text(*keys))
        .filter(tenant_id="large", found=value)
        .order_by("position")[:101]
    )
    assert_walks(plan_of_queryset(rows), index)


def test_a_retry_finds_its_events_by_their_ids(skewed):
    ids = [f"e-{number}" for number in range(1, 20)]
    plan = plan_of(store_sql.query("read_known"), ("large", ids))
    kinds = {
        node["Node Type"] for node in nodes(plan) if node.get("Relation Name") == EVENTS
    }
    assert "Seq Scan" not in kinds


def test_statements_that_are_hot_are_the_ones_that_are_explained(skewed):
    """The reads of the store send these texts and no others."""
    for name in HOT:
        with CaptureQueriesContext(connection) as sent:
            CALLS[name]("large")
        assert sent[-1]["sql"] == store_sql.query(name)


@pytest.mark.parametrize("mode", MODES)
def test_an_event_is_found_by_its_id_under_either_plan(mode, skewed):
    plan = plan_of(store_sql.query("read_event"), ("large", "e-17"), mode)
    assert_walks(plan, "eventstore_ev_id")


def test_no_payload_and_no_metadata_reach_the_statistics(skewed):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.staattnum FROM pg_statistic AS s"
            " JOIN pg_attribute AS a ON a.attrelid = s.starelid"
            " AND a.attnum = s.staattnum"
            " WHERE s.starelid = 'stored_domain_events'::regclass"
            " AND a.attname IN ('event_data', 'metadata')"
        )
        assert cursor.fetchall() == []
        cursor.execute(
            "SELECT c.relname FROM pg_statistic AS s"
            " JOIN pg_class AS c ON c.oid = s.starelid"
            " WHERE c.relname LIKE 'eventstore_ev_%'"
        )
        assert cursor.fetchall() == []
