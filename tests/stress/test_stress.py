"""Many processes at once: order, uniqueness and the stable position under load."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from django.db import connection

from eventstore import store
from tests.factories import new_tenant
from tests.stress.crew import run_crew

pytestmark = pytest.mark.django_db(transaction=True)


def rows(statement, *params):
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall()


def assert_versions_are_dense(tenant):
    """Each aggregate has the versions 1 to n, and its head says n."""
    assert not rows(
        "SELECT aggregate_id, count(*), min(aggregate_version), max(aggregate_version)"
        " FROM stored_domain_events AS e WHERE tenant_id = %s"
        " GROUP BY tenant_id, aggregate_type, aggregate_id"
        " HAVING min(aggregate_version) <> 1 OR max(aggregate_version) <> count(*)"
        " OR count(*) <> (SELECT current_version FROM event_aggregates AS a"
        "  WHERE (a.tenant_id, a.aggregate_id, a.aggregate_type)"
        "      = (e.tenant_id, e.aggregate_id, e.aggregate_type))",
        tenant,
    )
    assert not rows(
        "SELECT * FROM event_aggregates AS a WHERE tenant_id = %s AND NOT EXISTS ("
        " SELECT FROM stored_domain_events AS e"
        "  WHERE (a.tenant_id, a.aggregate_id, a.aggregate_type)"
        "      = (e.tenant_id, e.aggregate_id, e.aggregate_type))",
        tenant,
    )


@pytest.mark.parametrize(
    "tries", [5_000, pytest.param(100_000, marks=pytest.mark.full)]
)
def test_of_sixteen_appenders_to_one_aggregate_one_wins_each_version(tries):
    tenant = new_tenant()
    results, _ = run_crew(
        "contend", 16, tenant=tenant, tries=tries // 16 + 1, timeout=280
    )
    won = [
        (version, writer)
        for writer, one in enumerate(results)
        for version in one["won"]
    ]
    assert sorted(version for version, _ in won) == [*range(1, len(won) + 1)]
    assert sum(one["lost"] for one in results) + len(won) >= tries
    assert sum(one["lost"] for one in results) > tries // 20, "nobody contended"
    stored = rows(
        "SELECT aggregate_version, (event_data ->> 'writer')::int"
        " FROM stored_domain_events WHERE tenant_id = %s ORDER BY 1",
        tenant,
    )
    assert stored == sorted(won)
    assert_versions_are_dense(tenant)


@pytest.mark.parametrize("tries", [1_000, pytest.param(20_000, marks=pytest.mark.full)])
def test_batches_over_shared_aggregates_in_any_order_never_deadlock(tries):
    tenant = new_tenant()
    results, _ = run_crew(
        "append_batches", 16, tenant=tenant, tries=tries // 16 + 1, timeout=280
    )
    assert rows(
        "SELECT count(*) FROM stored_domain_events WHERE tenant_id = %s", tenant
    ) == [(sum(one["stored"] for one in results),)]
    assert sum(one["lost"] for one in results) > 0
    assert_versions_are_dense(tenant)


@pytest.mark.parametrize("seconds", [5, pytest.param(20, marks=pytest.mark.full)])
def test_readers_up_to_the_stable_position_miss_nothing_and_double_nothing(seconds):
    """Thirteen writers that delay, roll back, use savepoints, and die."""
    tenant = new_tenant()
    results, killed = run_crew(
        "stress", 15, tenant=tenant, until=time.time() + 1 + seconds, timeout=280
    )
    committed = [
        position
        for (position,) in rows(
            "SELECT position FROM stored_domain_events WHERE tenant_id = %s"
            " ORDER BY position",
            tenant,
        )
    ]
    strict, careless = results[0]["strict"], results[1]["careless"]
    assert len(committed) > 40 * seconds, "too weak: hardly anything was written"
    assert len(careless) < 0.95 * len(committed), "too weak: too little can be missed"
    assert killed > 0, "too weak: no process died"
    assert any(one.get("lost") for one in results), "too weak: no connection died"
    assert strict == committed
    assert_versions_are_dense(tenant)


@pytest.mark.parametrize("is_atomic", [False, True])
@pytest.mark.parametrize("aggregates", [1, 2])
def test_concurrent_retries_of_one_id_store_it_once(aggregates, is_atomic):
    tenant, rounds = new_tenant(), 60
    results, _ = run_crew(
        "retry_together",
        8,
        tenant=tenant,
        rounds=rounds,
        aggregates=aggregates,
        is_atomic=is_atomic,
        timeout=120,
    )
    stored = {
        event.event_id: event
        for event in store.iter_events_after(tenant, 0)
        if event.event_id.startswith("round-")
    }
    assert len(stored) == rounds
    for one in range(rounds):
        event = stored[f"round-{one}"]
        outcomes = Counter(
            tuple(result[one]) if result[one] else None for result in results
        )
        got_it = len(results) // aggregates
        assert outcomes.pop((event.position, 1)) == got_it
        assert outcomes == ({None: len(results) - got_it} if aggregates > 1 else {})
    assert_versions_are_dense(tenant)
    if is_atomic:
        own = rows(
            "SELECT count(*) FROM stored_domain_events"
            " WHERE tenant_id = %s AND aggregate_id LIKE 'own-%%'",
            tenant,
        )
        # what followed a refusal that ended its block was rolled back with it
        refused = [result.count(None) for result in results]
        assert own == [(rounds * len(results) - sum(refused),)]
