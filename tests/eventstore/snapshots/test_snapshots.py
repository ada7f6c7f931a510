from __future__ import annotations

from datetime import UTC, datetime

import pytest

from eventstore import (
    Aggregate,
    ConcurrencyError,
    DuplicateEventError,
    EventMigrationHandler,
    EventNotFound,
    EventStorePublisher,
    EventStoreService,
    InvalidEvent,
    SnapshotOutdated,
    applies,
    store,
)
from tests.factories import new_event

pytestmark = pytest.mark.django_db


class Account(Aggregate):
    """Sums up what was paid in; remembers the notes."""

    aggregate_type = "Account"
    snapshot_every = 5

    def __init__(self, aggregate_id):
        super().__init__(aggregate_id)
        self.total = 0
        self.notes = []

    def pay(self, amount, note=""):
        self.record("Paid", {"amount": amount, "note": note})

    @applies("Paid")
    def _paid(self, event):
        if event.data != {"redacted": True}:
            self.total += event.data["amount"]
            self.notes.append(event.data["note"])


class Renewed(Account):
    fold_version = "2"


class Unsnapped(Account):
    snapshot_every = 0


def account_of(*amounts, kind=Account, account_id="A-1"):
    for amount in amounts:
        account = kind.load(account_id, "acme")
        account.pay(amount, f"note {amount}")
        account.save("acme")
    return kind.load(account_id, "acme")


def history(account_id="A-1"):
    return store.get_events_for_aggregate(account_id, "acme", after_snapshot=False)


def versions():
    return [found.aggregate_version for found in store.get_snapshots("A-1", "acme")]


@pytest.fixture
def log():
    return store.append_events([new_event() for _ in range(6)], "acme")


def test_a_snapshot_is_recorded_and_listed_newest_first(log):
    one = store.record_snapshot("R-1", "acme", "s-1", log[1].event_id, {"a": [1, None]})
    two = store.record_snapshot("R-1", "acme", "s-2", log[4].event_id)
    assert (one.aggregate_version, two.aggregate_version) == (2, 5)
    assert (one.state, two.state) == ({"a": [1, None]}, None)
    assert (one.aggregate_type, one.aggregate_id) == ("Requirement", "R-1")
    assert store.get_snapshots("R-1", "acme") == [two, one]
    assert store.get_snapshots("R-1", "acme", limit=1) == [two]


def test_recording_it_again_is_harmless_and_anything_else_a_duplicate(log):
    def record(event=log[1], state=None, **more):
        return store.record_snapshot("R-1", "acme", "s", event.event_id, state, **more)

    first = record(state={"a": 1})
    assert record(state={"a": 1}) == first
    for other in (
        {"state": {"a": 2}},
        {"state": None},
        {"event": log[2], "state": {"a": 1}},
        {"state": {"a": 1}, "fold_version": "2"},
    ):
        with pytest.raises(DuplicateEventError):
            record(**other)
    assert store.get_snapshots("R-1", "acme") == [first]


@pytest.mark.parametrize("aggregate_id", ["R-1", "R-2", "R-9"])
def test_a_snapshot_ends_with_an_event_of_its_aggregate(aggregate_id, log):
    other = store.append_event(new_event(aggregate_id="R-2"), "acme")
    event_id = log[0].event_id if aggregate_id == "R-2" else other.event_id
    with pytest.raises(EventNotFound):
        store.record_snapshot(aggregate_id, "acme", "s", event_id)
    with pytest.raises(EventNotFound):
        store.record_snapshot("R-1", "globex", "s", log[0].event_id)


@pytest.mark.parametrize(
    "state",
    [
        {"when": datetime(2026, 1, 1, tzinfo=UTC)},
        {"ids": {1, 2}},
        {1: 2},
        {"x": float("nan")},
        {"x": "\x00"},
    ],
)
def test_a_state_that_is_no_json_is_refused_with_its_place(state, log):
    with pytest.raises(InvalidEvent) as refusal:
        store.record_snapshot("R-1", "acme", "s", log[0].event_id, state)
    assert refusal.value.where.startswith("state")
    assert store.get_snapshots("R-1", "acme") == []


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"snapshot_id": "x" * 201}, "snapshot_id"),
        ({"snapshot_id": ""}, "snapshot_id"),
        ({"snapshot_id": "a\x00"}, "snapshot_id"),
        ({"snapshot_id": 7}, "snapshot_id"),
        ({"fold_version": "x" * 201}, "fold_version"),
        ({"fold_version": 2}, "fold_version"),
    ],
)
def test_ids_that_do_not_fit_are_refused(given, where, log):
    call = {"snapshot_id": "s", "last_event_id": log[0].event_id} | given
    with pytest.raises(InvalidEvent) as refusal:
        store.record_snapshot("R-1", "acme", **call)
    assert refusal.value.where == where
    assert store.get_snapshots("R-1", "acme") == []


def test_pruning_keeps_the_newest(log):
    for number, event in enumerate(log):
        store.record_snapshot("R-1", "acme", f"s-{number}", event.event_id)
    assert store.prune_snapshots("R-1", "acme", keep=2) == 4
    assert [found.snapshot_id for found in store.get_snapshots("R-1", "acme")] == [
        "s-5",
        "s-4",
    ]
    assert store.prune_snapshots("R-1", "acme", keep=2) == 0
    assert store.prune_snapshots("R-1", "globex", keep=0) == 0
    assert store.prune_snapshots("R-1", "acme", keep=0) == 2
    assert len(store.get_events_for_aggregate("R-1", "acme")) == 6


@pytest.mark.parametrize("keep", [-1, True, "1", 1.5])
def test_pruning_needs_a_number_to_keep(keep, log):
    store.record_snapshot("R-1", "acme", "s", log[0].event_id)
    with pytest.raises(ValueError, match="keep"):
        store.prune_snapshots("R-1", "acme", keep=keep)
    assert len(store.get_snapshots("R-1", "acme")) == 1


def test_an_aggregate_takes_a_snapshot_when_its_policy_says():
    account_of(*range(1, 13))
    assert versions() == [10, 5]


def test_a_save_that_passes_the_mark_takes_it_where_it_ends():
    account = Account("A-1")
    for amount in range(8):
        account.pay(amount)
    account.save("acme")
    assert versions() == [8]


def test_a_load_is_the_same_with_a_snapshot_and_without():
    found = account_of(*range(1, 13))
    bare = Unsnapped.load("A-1", "acme")
    replayed = Renewed.load("A-1", "acme")
    assert found.get_state() == bare.get_state() == replayed.get_state()
    assert found.version == bare.version == replayed.version == 12
    assert found.total == sum(range(1, 13))


def test_a_load_with_a_snapshot_reads_only_what_came_after(
    django_assert_num_queries,
):
    account_of(*range(1, 8))
    folded = []

    class Counting(Account):
        def apply_event(self, event):
            folded.append(event.aggregate_version)
            super().apply_event(event)

    with django_assert_num_queries(2):
        Counting.load("A-1", "acme")
    assert folded == [6, 7]


@pytest.mark.parametrize("version", range(13))
def test_a_load_as_of_a_version_equals_the_fold_up_to_it(version):
    account_of(*range(1, 13))
    found = Account.load("A-1", "acme", up_to_version=version)
    assert found.version == version
    assert found.total == sum(range(1, version + 1))


def test_a_snapshot_of_another_fold_is_ignored():
    account_of(*range(1, 7))
    [known] = store.get_snapshots("A-1", "acme")
    assert known.fold_version == "1"
    assert Renewed.load("A-1", "acme").total == 21
    assert account_of(7, 8, 9, 10, kind=Renewed).total == 55
    assert [found.fold_version for found in store.get_snapshots("A-1", "acme")] == [
        "2",
        "1",
    ]
    assert Account.load("A-1", "acme").total == 55


def test_a_mark_without_a_state_is_not_loaded_from():
    account_of(1, 2, 3)
    store.record_snapshot("A-1", "acme", "mark", history()[2].event_id)
    assert Account.load("A-1", "acme").total == 6
    assert list(store.get_events_for_aggregate("A-1", "acme")) == []


def test_a_stale_aggregate_cannot_be_saved():
    mine, other = Account.load("A-1", "acme"), Account.load("A-1", "acme")
    mine.pay(1)
    other.pay(2)
    mine.save("acme")
    with pytest.raises(ConcurrencyError):
        other.save("acme")
    assert [event.data["amount"] for event in other.get_domain_events()] == [2]
    assert Account.load("A-1", "acme").total == 1


def test_an_unknown_aggregate_is_loaded_at_version_0_and_saving_nothing_is_nothing():
    account = Account.load("nobody", "acme")
    assert (account.version, account.total) == (0, 0)
    assert account.save("acme") == []
    assert store.get_aggregate_version("nobody", "acme") == 0


def test_a_state_that_is_no_json_says_so_before_anything_is_stored():
    class Careless(Account):
        snapshot_every = 1

        @applies("Paid")
        def _paid(self, event):
            self.notes.append({event.data["amount"]})

    account = Careless("A-1")
    account.pay(1)
    with pytest.raises(InvalidEvent, match=r"state\.notes"):
        account.save("acme")
    assert list(history()) == []
    assert len(account.get_domain_events()) == 1


def test_a_redaction_drops_the_snapshots_that_contain_the_event():
    account_of(*range(1, 12))
    assert versions() == [10, 5]
    store.redact_event(history()[6].event_id, "acme")
    assert versions() == [5]
    assert Account.load("A-1", "acme").total == 66 - 7
    store.redact_event(history()[0].event_id, "acme", ["/data/note"])
    assert versions() == []
    assert {"redacted": True} in Account.load("A-1", "acme").notes


def test_the_redaction_of_a_later_event_drops_nothing():
    account_of(*range(1, 8))
    store.redact_event(history()[6].event_id, "acme")
    assert versions() == [5]


def test_snapshots_of_other_aggregates_and_tenants_stay():
    account_of(*range(1, 6))
    account_of(*range(1, 6), account_id="A-2")
    other = store.append_event(
        new_event(aggregate_type="Account", aggregate_id="A-1"), "globex"
    )
    store.record_snapshot("A-1", "globex", "s", other.event_id)
    store.redact_event(history()[0].event_id, "acme")
    assert versions() == []
    assert len(store.get_snapshots("A-2", "acme")) == 1
    assert len(store.get_snapshots("A-1", "globex")) == 1


def test_snapshots_are_taken_again_after_a_redaction():
    account_of(*range(1, 6))
    store.redact_event(history()[0].event_id, "acme")
    assert account_of(*range(6, 12)).total == sum(range(2, 12))
    assert versions() == [10]
    assert "'note 1'" not in str(store.get_snapshots("A-1", "acme"))


def test_a_state_folded_before_a_redaction_is_refused_unless_it_has_seen_it():
    account_of(1, 2, 3)
    mark = store.redaction_mark("A-1", "acme", "Account")
    first, *_, last = history()
    store.redact_event(first.event_id, "acme")

    def record(**how):
        return store.record_snapshot("A-1", "acme", "s", last.event_id, {"a": 1}, **how)

    for how in ({}, {"redaction_mark": mark}, {"redaction_mark": 0}):
        with pytest.raises(SnapshotOutdated):
            record(**how)
    record(redaction_mark=store.redaction_mark("A-1", "acme", "Account"))
    # a mark without a state holds nothing that could have been removed
    store.record_snapshot("A-1", "acme", "mark", last.event_id)


@pytest.mark.django_db(transaction=True)
def test_a_process_that_did_not_see_a_redaction_saves_its_events_and_no_snapshot(
    session,
):
    account_of(1, 2, 3, 4)
    mine = Account.load("A-1", "acme")
    session.run(store.redact_event, history()[0].event_id, "acme")
    mine.pay(5)
    mine.save("acme")
    assert versions() == []
    assert len(history()) == 5
    assert Account.load("A-1", "acme").total == 14


@pytest.mark.django_db(transaction=True)
def test_a_snapshot_waits_for_a_redaction_that_is_under_way_and_is_refused(
    session, waiting
):
    account_of(1, 2, 3)
    first, *_, last = history()
    session.begin()
    session.run(store.redact_event, first.event_id, "acme")
    saving = waiting.start(
        store.record_snapshot, "A-1", "acme", "s", last.event_id, {"notes": ["note 1"]}
    )
    with pytest.raises(TimeoutError):
        saving.result(timeout=0.3)
    session.commit()
    with pytest.raises(SnapshotOutdated):
        saving.result(timeout=10)
    assert versions() == []


@pytest.mark.django_db(transaction=True)
def test_a_redaction_waits_for_a_snapshot_that_is_under_way_and_drops_it(
    session, waiting
):
    account_of(1, 2, 3)
    first, *_, last = history()
    session.begin()
    session.run(
        store.record_snapshot, "A-1", "acme", "s", last.event_id, {"notes": ["note 1"]}
    )
    removing = waiting.start(store.redact_event, first.event_id, "acme")
    with pytest.raises(TimeoutError):
        removing.result(timeout=0.3)
    session.commit()
    removing.result(timeout=10)
    assert versions() == []


def test_a_publisher_of_ones_own_is_used_for_loads_and_saves():
    mine = EventStorePublisher(EventStoreService(EventMigrationHandler()))
    mine.register_migration("Paid", "v1", "v2", lambda data: {**data, "amount": 100})
    account = Account.load("A-1", "acme", publisher=mine)
    account.pay(1)
    account.save("acme", publisher=mine)
    assert Account.load("A-1", "acme", publisher=mine).total == 100
    assert Account.load("A-1", "acme").total == 1
