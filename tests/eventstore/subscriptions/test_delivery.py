from __future__ import annotations

import pytest
from django.db import connection

from eventstore import EventMigrationHandler, SubscriptionError, store
from eventstore.subscriptions import checkpoints, delivery, failures, leases, status
from eventstore.subscriptions.checkpoints import LostLease
from eventstore.subscriptions.declaration import (
    Subscription,
    SubscriptionRegistry,
    subscribe,
)
from eventstore.subscriptions.delivery import deliver
from tests.eventstore.subscriptions.bench import Bench, Collector, never
from tests.factories import new_event

pytestmark = pytest.mark.django_db(transaction=True)


def append(*aggregates: str, tenant: str = "acme", event_type: str = "Seen") -> None:
    for aggregate_id in aggregates:
        store.append_event(new_event(event_type, aggregate_id=aggregate_id), tenant)


def new(handle: Collector, **fields: object) -> Subscription:
    return Subscription(**({"name": "mails", "handle": handle} | fields))  # type: ignore[arg-type]


def test_every_event_is_handled_once_in_order():
    append("a", "b", "a")
    seen = Collector()
    bench = Bench(new(seen))
    bench.run()
    append("b")
    bench.run()
    assert seen.story == [("a", 1), ("b", 1), ("a", 2), ("b", 2)]
    assert bench.positions() == [store.stable_position()]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"event_types": frozenset({"Other"})}, ["y"]),
        ({"aggregate_types": frozenset({"Release"})}, []),
        ({"tenants": frozenset({"globex"})}, ["z"]),
        ({"start": "now"}, []),
    ],
)
def test_filters_and_start_leave_out_what_they_say(fields, expected):
    append("x")
    append("y", event_type="Other")
    append("z", tenant="globex")
    seen = Collector()
    Bench(new(seen, **fields)).run()
    assert [event.aggregate_id for event in seen.seen] == expected


def test_a_start_position_leaves_out_what_lies_up_to_it():
    append("x", "y")
    first = store.get_events_after("acme", 0)[0].position
    seen = Collector()
    Bench(new(seen, start=first)).run()
    assert seen.story == [("y", 1)]


def test_a_narrow_filter_moves_the_checkpoint_past_what_it_leaves_out(monkeypatch):
    monkeypatch.setattr(delivery, "STRIDE", 2)
    append("x", "x", "x", "x", "x")
    append("y", event_type="Other")
    seen = Collector()
    bench = Bench(new(seen, event_types=frozenset({"Other"})))
    bench.run()
    assert seen.story == [("y", 1)]
    assert bench.positions() == [store.stable_position()]


def test_a_failing_event_holds_its_aggregate_and_no_other():
    append("a", "b", "a", "b")
    seen = Collector()
    seen.fails = lambda event: event.aggregate_id == "a"
    bench = Bench(new(seen))
    bench.run()
    assert seen.story == [("b", 1), ("b", 2)]
    assert bench.failures() == [("a", "retrying", 1), ("a", "held", 0)]


def test_a_retry_that_works_lets_its_aggregate_go_on_in_order():
    append("a", "b", "a", "a")
    seen = Collector()
    seen.fails = lambda event: event.aggregate_id == "a"
    bench = Bench(new(seen))
    bench.run()
    seen.fails = lambda _: False
    bench.run()
    assert seen.story == [("b", 1)], "it is not due yet"
    bench.make_due()
    bench.run()
    assert seen.story == [("b", 1), ("a", 1), ("a", 2), ("a", 3)]
    assert bench.failures() == []


def test_an_event_is_given_up_after_its_attempts_and_waits_for_a_person():
    append("a", "a")
    seen = Collector()
    seen.fails = lambda event: event.aggregate_version == 1
    bench = Bench(new(seen, max_attempts=3))
    for _ in range(4):
        bench.run()
        bench.make_due()
    assert bench.failures() == [("a", "dead", 3), ("a", "held", 0)]
    assert [(row.retrying, row.dead) for row in status.read()] == [(1, 1)]


def test_requeued_events_are_tried_again():
    append("a", "a")
    seen = Collector()
    seen.fails = lambda _: True
    bench = Bench(new(seen, max_attempts=1))
    bench.run()
    seen.fails = lambda _: False
    assert failures.requeue("mails", actor="anna") == 1
    bench.run()
    assert seen.story == [("a", 1), ("a", 2)]


def test_discarded_events_are_recorded_and_let_the_others_go_on():
    append("a", "a", "a")
    seen = Collector()
    seen.fails = lambda event: event.aggregate_version == 1
    bench = Bench(new(seen, max_attempts=1))
    bench.run()
    assert failures.discard("mails", actor="anna") == 1
    bench.run()
    assert seen.story == [("a", 2), ("a", 3)]
    assert bench.failures() == [("a", "discarded", 1)]
    with pytest.raises(SubscriptionError, match="has given up no event"):
        failures.discard("mails")


def test_only_the_event_that_is_named_is_decided_upon():
    append("a", "b")
    seen = Collector()
    seen.fails = lambda _: True
    bench = Bench(new(seen, max_attempts=1))
    bench.run()
    first = store.get_events_after("acme", 0)[0]
    assert failures.discard("mails", event_id=first.event_id) == 1
    assert bench.failures() == [("a", "discarded", 1), ("b", "dead", 1)]


def test_errors_are_recorded_with_their_class_and_no_payload():
    append("a")
    seen = Collector()
    seen.fails = lambda _: True
    Bench(new(seen)).run()
    with connection.cursor() as cursor:
        cursor.execute("SELECT error FROM event_failures")
        assert cursor.fetchone() == ("ValueError: cannot handle a",)


def test_a_failing_migration_fails_its_event_alone(monkeypatch):
    migrations = EventMigrationHandler()
    migrations.register_migration("Old", "v1", "v2", lambda data: data["missing"])
    monkeypatch.setattr("eventstore.upcasting.event_migrations", migrations)
    append("a", event_type="Old")
    append("b")
    seen = Collector()
    bench = Bench(new(seen))
    bench.run()
    assert seen.story == [("b", 1)]
    assert bench.failures() == [("a", "retrying", 1)]


def test_backoff_doubles_up_to_its_limit_with_jitter():
    subscription = new(Collector(), backoff=1.0, max_backoff=8.0)
    for attempts, longest in ((1, 1.0), (2, 2.0), (4, 8.0), (9, 8.0)):
        delays = [subscription.delay(attempts) for _ in range(50)]
        assert longest / 2 <= min(delays) <= max(delays) <= longest
        assert len(set(delays)) > 1


def test_a_paused_subscription_rests_and_resumes_where_it_was():
    append("a")
    seen = Collector()
    bench = Bench(new(seen))
    checkpoints.set_state("mails", "paused")
    with pytest.raises(LostLease):
        bench.run()
    checkpoints.set_state("mails", "running")
    bench.run()
    assert seen.story == [("a", 1)]


def test_a_checkpoint_beyond_the_log_stops_the_subscription_with_an_alarm():
    append("a")
    bench = Bench(new(Collector()))
    bench.run()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE event_subscriptions SET position = 1000000")
    with pytest.raises(SubscriptionError, match="restored from an older copy"):
        bench.run()
    (row,) = status.read()
    assert (row.state, "beyond the newest position" in row.last_error) == (
        "stopped",
        True,
    )


def test_after_an_alarm_a_person_moves_the_checkpoint_and_resumes():
    append("a", "b")
    seen = Collector()
    bench = Bench(new(seen))
    with pytest.raises(SubscriptionError, match="mails runs: pause it"):
        checkpoints.move_all("mails", 0)
    checkpoints.set_state("mails", "paused")
    with pytest.raises(SubscriptionError, match="is no position of this log"):
        checkpoints.move_all("mails", 1 << 40)
    first = store.get_events_after("acme", 0)[0].position
    assert checkpoints.move_all("mails", first) == 1
    checkpoints.set_state("mails", "running")
    bench.run()
    assert seen.story == [("b", 1)]


def test_partitions_share_the_aggregates_and_keep_their_order():
    append(*[f"R-{number % 20}" for number in range(200)])
    seen = Collector()
    bench = Bench(new(seen, partitions=4))
    assert len(bench.partitions) == 4
    by_partition = []
    for partition in bench.partitions:
        before = len(seen.seen)
        while deliver(partition, never):
            pass
        by_partition.append({event.aggregate_id for event in seen.seen[before:]})
    assert sum(len(share) for share in by_partition) == 20
    assert all(by_partition)
    for number in range(20):
        versions = [v for key, v in seen.story if key == f"R-{number}"]
        assert versions == list(range(1, 11))


def test_another_number_of_partitions_is_refused():
    Bench(new(Collector(), partitions=2))
    with pytest.raises(SubscriptionError, match="exists with 2 partitions"):
        checkpoints.create(new(Collector(), partitions=3))


def test_whoever_lost_the_lease_moves_nothing():
    append("a")
    seen = Collector()
    bench = Bench(new(seen))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE event_subscriptions SET lease_owner = 'another'")
    with pytest.raises(LostLease):
        bench.run()
    assert (seen.story, bench.positions()) == ([], [0])


def test_a_live_lease_is_respected_and_a_lapsed_one_taken_over():
    bench = Bench(new(Collector()))
    assert leases.acquire("second", ["mails"], bench.registry) is None
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE event_subscriptions SET lease_until = now() - interval '1s'"
        )
    taken = leases.acquire("second", ["mails"], bench.registry)
    assert taken is not None
    assert taken.owner == "second"
    assert leases.held("bench") == set()


def test_stopping_finishes_the_event_in_hand_and_remembers_it():
    append("a", "b", "c")
    seen = Collector()
    bench = Bench(new(seen))
    while not seen.seen:  # the log may begin at any position, beyond the first stride
        deliver(bench.partitions[0], lambda: len(seen.seen) >= 2)
    assert seen.story == [("a", 1), ("b", 1)]
    bench.run()
    assert seen.story == [("a", 1), ("b", 1), ("c", 1)]


def test_what_a_handler_appends_names_its_cause():
    def answer(event):
        if event.event_type == "Asked":
            store.append_event(new_event("Answered"), event.tenant_id)

    append("a", event_type="Asked")
    Bench(Subscription(name="answers", handle=answer)).run()
    asked, answered = store.get_events_after("acme", 0)
    assert answered.metadata["causation_id"] == asked.event_id
    assert answered.metadata["correlation_id"] == asked.event_id


def test_async_functions_can_be_subscribed():
    registry = SubscriptionRegistry()
    seen = []

    @subscribe("later", registry=registry)
    async def later(event):
        seen.append(event.aggregate_id)

    append("a")
    Bench(registry.get("later")).run()
    assert seen == ["a"]


def test_two_subscriptions_cannot_share_a_name():
    registry = SubscriptionRegistry()
    registry.add(new(Collector()))
    with pytest.raises(SubscriptionError, match="Two subscriptions are called 'mails'"):
        registry.add(new(Collector()))
    with pytest.raises(SubscriptionError, match="declared are: mails"):
        registry.get("males")


def test_an_open_append_holds_back_and_is_named(session):
    append("a")
    session.begin()
    session.run(store.append_event, new_event(aggregate_id="slow"), "acme")
    append("b")
    seen = Collector()
    bench = Bench(new(seen))
    bench.run()
    assert seen.story == [("a", 1)]
    (held,) = status.open_appends()
    assert held.state == "idle in transaction"
    session.commit()
    bench.run()
    assert seen.story == [("a", 1), ("slow", 1), ("b", 1)]


def test_a_long_transaction_that_appends_nothing_holds_nothing_back(session):
    session.begin()
    session.run(store.get_events_after, "acme", 0)
    append("a")
    seen = Collector()
    Bench(new(seen)).run()
    assert seen.story == [("a", 1)]
