"""Many appends in one transaction: the lock table must not fill."""

from __future__ import annotations

import pytest
from django.db import transaction

from eventstore import store
from tests.factories import new_event

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("singles", "batches", "size"),
    [(300, 20, 10), pytest.param(20_000, 80, 1_000, marks=pytest.mark.full)],
)
def test_appends_without_number_fit_into_one_transaction(singles, batches, size, sql):
    with transaction.atomic():
        for number in range(singles):
            store.append_event(new_event(aggregate_id=f"R-{number % 97}"), "acme")
        for number in range(batches):
            batch = [
                new_event(aggregate_id=f"R-{(number + one) % 97}")
                for one in range(size)
            ]
            store.append_events(batch, "acme")
        locks = sql(
            "SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid()"
            " AND locktype = 'advisory'"
        )
        assert locks == [(1,)]
    total = singles + batches * size
    assert sql(
        "SELECT count(*), count(DISTINCT position) FROM stored_domain_events"
    ) == [(total, total)]
    assert sql("SELECT sum(current_version) FROM event_aggregates") == [(total,)]
    assert (
        store.stable_position(strict=True)
        == sql("SELECT max(position) FROM stored_domain_events")[0][0]
    )


@pytest.mark.parametrize("size", [5_000, pytest.param(100_000, marks=pytest.mark.full)])
def test_a_single_batch_may_be_large(size, sql):
    stored = store.append_events(
        [new_event(aggregate_id=f"R-{number % 1000}") for number in range(size)], "acme"
    )
    assert [event.position for event in stored] == sorted(
        event.position for event in stored
    )
    assert sql("SELECT count(*) FROM stored_domain_events") == [(size,)]


@pytest.mark.parametrize("size", [1, 10])
def test_an_append_walks_no_history_where_the_statistics_know_nothing(
    size, session, sql
):
    """ANALYZE sees none of what an open transaction has written."""
    read = (
        "SELECT idx_tup_fetch + seq_tup_read FROM pg_stat_xact_user_tables"
        " WHERE relname = 'stored_domain_events'"
    )
    with transaction.atomic():
        # so many that the index of the ids is a level higher than the others
        store.append_events([new_event() for _ in range(30_000)], "acme")
        session.run(sql, "ANALYZE stored_domain_events")
        before = sql(read)[0][0]
        for _ in range(8):
            store.append_events([new_event() for _ in range(size)], "acme")
        assert sql(read)[0][0] - before < 100 * size
