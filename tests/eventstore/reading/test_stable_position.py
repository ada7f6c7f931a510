from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from eventstore import IsolationLevelError, PositionNotReached, store
from tests.factories import new_event

pytestmark = pytest.mark.django_db(transaction=True)


def append(**fields):
    return store.append_event(new_event(**fields), "acme")


def test_one_sees_what_one_has_appended_inside_an_open_transaction(session):
    with transaction.atomic():
        mine = append()
        assert list(store.get_events_after("acme", 0)) == [mine]
        assert store.stable_position() == mine.position
        assert store.stable_position(strict=True) < mine.position
        assert session.run(store.stable_position) < mine.position
        assert list(session.run(store.get_events_after, "acme", 0)) == []
    assert store.stable_position(strict=True) == mine.position


def test_reads_end_before_the_first_position_that_is_still_open(session):
    first = append()
    session.begin()
    pending = session.run(append, aggregate_id="R-2")
    later = append(aggregate_id="R-3")
    assert first.position < pending.position < later.position
    reads = [
        lambda: store.get_events_after("acme", 0),
        lambda: store.get_events_by_type("acme", "RequirementCreated"),
        lambda: store.get_events_by_aggregate_type("acme", "Requirement"),
        lambda: store.get_events_since("acme", datetime(2026, 1, 1, tzinfo=UTC)),
        lambda: [*store.iter_events_after("acme", 0)],
    ]
    for read in reads:
        assert list(read()) == [first]
    # reads of one aggregate see what is committed, at once
    assert list(store.get_events_for_aggregate("R-3", "acme")) == [later]
    assert store.get_event(later.event_id, "acme") == later
    session.commit()
    for read in reads:
        assert [event.position for event in read()] == [
            first.position,
            pending.position,
            later.position,
        ]


def test_a_roll_back_lets_the_reads_go_on(session):
    session.begin()
    session.run(append, aggregate_id="R-2")
    later = append()
    assert list(store.get_events_after("acme", 0)) == []
    session.roll_back()
    assert list(store.get_events_after("acme", 0)) == [later]


def test_a_connection_that_dies_lets_the_reads_go_on(session, sql):
    session.begin()
    session.run(append, aggregate_id="R-2")
    later = append()
    pid = session.run(lambda: connection.connection.info.backend_pid)
    sql("SELECT pg_terminate_backend(%s)", pid)
    store.wait_for(later.position)
    assert list(store.get_events_after("acme", 0)) == [later]


def test_a_long_transaction_that_has_not_appended_holds_nothing_back(session):
    session.begin()
    session.run(store.get_events_after, "acme", 0)
    session.run(connection.ensure_connection)
    later = append()
    assert store.stable_position(strict=True) == later.position


def test_a_transaction_of_many_appends_holds_one_lock(session, sql):
    session.begin()
    for number in range(5):
        session.run(append, aggregate_id=f"R-{number}")
    held = sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
    assert held == [(1,)]
    session.commit()
    assert sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == [(0,)]


def test_so_does_one_of_manual_transaction_management(session, sql):
    session.run(transaction.set_autocommit, False)
    try:
        for aggregate_id in "abc":
            session.run(append, aggregate_id=aggregate_id)
        held = sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
        assert held == [(1,)]
    finally:
        session.run(transaction.rollback)
        session.run(transaction.set_autocommit, True)


def test_a_savepoint_that_is_rolled_back_takes_its_lock_along_and_no_other(session):
    def append_and_take_back():
        block = transaction.atomic()
        block.__enter__()
        append(aggregate_id="R-2")
        transaction.set_rollback(True)
        block.__exit__(None, None, None)

    session.begin()
    session.run(append_and_take_back)
    first = append()
    assert list(store.get_events_after("acme", 0)) == [first]
    # appended again, after the roll-back: it counts once more
    pending = session.run(append, aggregate_id="R-2")
    later = append()
    assert list(store.get_events_after("acme", 0)) == [first]
    session.commit()
    assert [event.position for event in store.get_events_after("acme", 0)] == [
        first.position,
        pending.position,
        later.position,
    ]


def test_a_setting_of_the_same_name_does_not_fool_the_store(session, sql):
    xid = session.run(sql, "SELECT pg_current_xact_id()::text")[0][0]
    for value in ("on", xid, str(int(xid) + 1), str(int(xid) + 2), str(int(xid) + 3)):
        session.run(sql, f"SET eventstore.appending = '{value}'")
        session.begin()
        session.run(append, aggregate_id="R-2")
        assert sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == [
            (1,)
        ]
        session.roll_back()


def test_waiting_ends_when_the_other_transaction_does(session):
    session.begin()
    session.run(append, aggregate_id="R-2")
    later = append()
    threading.Timer(0.3, session.commit).start()
    started = time.monotonic()
    assert store.wait_for(later.position, timeout=10) >= later.position
    assert 0.2 < time.monotonic() - started < 5
    assert len(store.get_events_after("acme", 0)) == 2


def test_waiting_gives_up_in_time_and_says_how_far_it_came(session):
    session.begin()
    pending = session.run(append, aggregate_id="R-2")
    later = append()
    with pytest.raises(PositionNotReached) as refusal:
        store.wait_for(later.position, timeout=0.2)
    assert refusal.value.position == later.position
    assert refusal.value.stable_position < pending.position


def test_waiting_for_what_is_stable_takes_no_time():
    mine = append()
    assert store.wait_for(mine.position, timeout=0) == mine.position
    with pytest.raises(PositionNotReached):
        store.wait_for(mine.position + 1, timeout=0)


def test_the_first_append_ever_on_a_fresh_sequence(session, sql):
    sql("ALTER SEQUENCE stored_domain_events_position_seq RESTART")
    assert store.stable_position() == 0
    session.begin()
    pending = session.run(append, aggregate_id="R-2")
    assert pending.position == 1
    assert store.stable_position() == 0
    later = append()
    assert list(store.get_events_after("acme", 0)) == []
    session.commit()
    assert [event.position for event in store.get_events_after("acme", 0)] == [1, 2]
    assert store.stable_position(strict=True) == later.position == 2


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
@pytest.mark.parametrize(
    "call",
    [
        append,
        lambda: store.append_events([new_event(), new_event()], "acme"),
        lambda: store.get_events_after("acme", 0),
        lambda: store.get_events_by_type("acme", "RequirementCreated"),
        lambda: store.get_events_by_aggregate_type("acme", "Requirement"),
        lambda: store.get_events_since("acme", datetime(2026, 1, 1, tzinfo=UTC)),
        lambda: list(store.iter_events_after("acme", 0)),
        store.stable_position,
        lambda: store.wait_for(0),
        lambda: store.redact_event("e-1", "acme"),
    ],
)
def test_other_isolation_levels_are_refused_and_the_transaction_lives(level, call, sql):
    append(event_id="e-1")
    with transaction.atomic():
        sql(f"SET TRANSACTION ISOLATION LEVEL {level}")
        with pytest.raises(IsolationLevelError, match="READ COMMITTED"):
            call()
        assert len(store.get_events_for_aggregate("R-1", "acme")) == 1
    assert len(store.get_events_after("acme", 0)) == 1
    assert not store.get_event("e-1", "acme").is_redacted


def test_stored_at_never_falls_within_an_aggregate(session, sql):
    """The clock is behind the aggregate's last: it was stored by a faster one."""
    append()
    sql("UPDATE event_aggregates SET last_stored_at = now() + interval '1 hour'")
    for size in (1, 2):
        store.append_events([new_event() for _ in range(size)], "acme")
    times = [event.stored_at for event in store.get_events_for_aggregate("R-1", "acme")]
    assert times == sorted(times)
    assert times[1] == times[2] == times[3]
    assert sql("SELECT max(last_stored_at) FROM event_aggregates") == [(times[-1],)]
