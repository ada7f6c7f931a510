from __future__ import annotations

import copy
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore import (
    EventMigrationHandler,
    EventStorePublisher,
    EventStoreService,
    MigrationError,
    MigrationRegistryError,
    StoredDomainEvent,
    store,
)
from eventstore.upcasting import REDACTED
from tests.factories import new_event

KIND = "RequirementApproved"


def stored(version="v1", data=None, **fields):
    from datetime import UTC, datetime

    now = datetime.now(UTC)
    given = {
        "position": 7,
        "event_id": "e-7",
        "tenant_id": "acme",
        "aggregate_type": "Requirement",
        "aggregate_id": "R-1",
        "aggregate_version": 1,
        "event_type": KIND,
        "event_version": version,
        "occurred_at": now,
        "stored_at": now,
        "data": {} if data is None else data,
        "metadata": {},
    }
    return StoredDomainEvent(**(given | fields))


def step(number):
    return lambda data: {**data, "steps": [*data.get("steps", []), number]}


def chain_of(length, order=None):
    handler = EventMigrationHandler()
    for number in order if order is not None else range(1, length + 1):
        handler.register_migration(KIND, f"v{number}", f"v{number + 1}", step(number))
    return handler


@given(length=st.integers(1, 40), data=st.data())
def test_a_chain_applies_each_step_once_in_order_however_it_was_registered(
    length, data
):
    order = data.draw(st.permutations(range(1, length + 1)))
    start = data.draw(st.integers(1, length + 1))
    handler = chain_of(length, order)
    lifted = handler.migrate_if_needed(stored(f"v{start}", {"kept": "é"}))
    assert lifted.data.get("steps", []) == [*range(start, length + 1)]
    assert lifted.data["kept"] == "é"
    assert lifted.event_version == f"v{length + 1}"
    assert lifted.upcast_from == (f"v{start}" if start <= length else None)
    assert handler.newest_version(KIND, f"v{start}") == f"v{length + 1}"
    assert handler.find_faults() == []


@given(length=st.integers(1, 12), data=st.data())
def test_a_step_that_would_close_a_cycle_is_refused(length, data):
    order = data.draw(st.permutations(range(1, length + 1)))
    handler = chain_of(length, order)
    back = data.draw(st.integers(1, length + 1))
    with pytest.raises(MigrationRegistryError, match="lead back"):
        handler.register_migration(KIND, f"v{length + 1}", f"v{back}", step(0))
    # what was refused left nothing behind
    assert handler.newest_version(KIND, "v1") == f"v{length + 1}"


@given(length=st.integers(1, 12), data=st.data())
def test_duplicates_and_forks_are_refused(length, data):
    handler = chain_of(length)
    taken = data.draw(st.integers(1, length))
    target = data.draw(st.sampled_from([f"v{taken + 1}", "elsewhere"]))
    with pytest.raises(MigrationRegistryError, match="already migrates"):
        handler.register_migration(KIND, f"v{taken}", target, step(0))
    assert len(handler.chains()[KIND]) == length


@given(length=st.integers(3, 12), data=st.data())
def test_a_gap_is_found_and_named(length, data):
    missing = data.draw(st.integers(2, length - 1))
    order = [number for number in range(1, length + 1) if number != missing]
    random.shuffle(order)
    [fault] = chain_of(length, order).find_faults()
    assert KIND in fault
    assert f"v{missing}" in fault
    assert f"v{length + 1}" in fault


def test_two_old_versions_may_lead_to_one():
    handler = EventMigrationHandler()
    handler.register_migration(KIND, "v1", "v3", step(1))
    handler.register_migration(KIND, "v2", "v3", step(2))
    assert handler.find_faults() == []
    assert handler.migrate_if_needed(stored("v1")).data == {"steps": [1]}
    assert handler.migrate_if_needed(stored("v2")).data == {"steps": [2]}


def test_a_version_that_migrates_to_itself_is_refused():
    with pytest.raises(MigrationRegistryError):
        EventMigrationHandler().register_migration(KIND, "v1", "v1", step(1))


def test_types_without_steps_and_newest_versions_come_back_as_they_are():
    handler = chain_of(2)
    for event in (stored("v3"), stored("v1", event_type="Other"), stored("v9")):
        assert handler.migrate_if_needed(event) is event


def test_a_decorator_registers_and_returns_the_function():
    handler = EventMigrationHandler()

    @handler.migration(KIND, "v1", "v2")
    def add_role(data):
        return {**data, "role": "REVIEWER"}

    assert add_role({}) == {"role": "REVIEWER"}
    assert handler.migrate_if_needed(stored()).data == {"role": "REVIEWER"}
    assert handler.chains() == {KIND: [("v1", "v2")]}


def test_the_original_event_stays_as_it_was():
    event = stored(data={"deep": {"list": [1, 2]}})
    before = copy.deepcopy(event)
    lifted = chain_of(3).migrate_if_needed(event)
    assert event == before
    assert lifted is not event
    assert lifted.event_id == event.event_id


def test_lifting_twice_changes_nothing_more():
    handler = chain_of(3)
    lifted = handler.migrate_if_needed(stored("v2"))
    assert handler.migrate_if_needed(lifted) == lifted
    assert lifted.upcast_from == "v2"


def test_a_failing_step_says_which_event_and_step_and_why():
    handler = chain_of(1)

    def needs_role(data):
        return {**data, "role": data["role"].upper()}

    handler.register_migration(KIND, "v2", "v3", needs_role)
    with pytest.raises(MigrationError) as refusal:
        handler.migrate_if_needed(stored(data={"title": "secret"}))
    found = refusal.value
    assert (found.event_id, found.event_type) == ("e-7", KIND)
    assert (found.from_version, found.to_version) == ("v2", "v3")
    assert isinstance(found.__cause__, KeyError)
    for fact in ("e-7", KIND, "position 7", "v2", "v3", "KeyError", "role"):
        assert fact in str(found)
    assert "secret" not in str(found)


@pytest.mark.parametrize("result", [None, [], "text", 7, [("a", 1)]])
def test_a_step_that_returns_no_dictionary_fails(result):
    handler = EventMigrationHandler()
    handler.register_migration(KIND, "v1", "v2", lambda data: result)
    with pytest.raises(MigrationError, match=type(result).__name__) as refusal:
        handler.migrate_if_needed(stored())
    assert (refusal.value.from_version, refusal.value.to_version) == ("v1", "v2")


def test_the_steps_of_an_event_can_be_watched_one_by_one():
    first, second = chain_of(2).lifts(stored())
    assert (first.from_version, first.to_version) == ("v1", "v2")
    assert (first.data, second.data) == ({"steps": [1]}, {"steps": [1, 2]})
    assert first.name.startswith(f"{__name__}.step")


def test_a_failing_step_is_met_after_those_before_it():
    handler = EventMigrationHandler()
    handler.register_migration(KIND, "v1", "v2", step(1))
    handler.register_migration(KIND, "v2", "v3", lambda data: data["missing"])
    lifts = handler.lifts(stored())
    assert next(lifts).to_version == "v2"
    with pytest.raises(MigrationError):
        next(lifts)


def test_a_redacted_payload_is_never_given_to_a_step():
    handler = EventMigrationHandler()
    handler.register_migration(KIND, "v1", "v2", lambda data: data["gone"])
    lifted = handler.migrate_if_needed(stored(data=dict(REDACTED), is_redacted=True))
    assert lifted.data == REDACTED
    assert (lifted.event_version, lifted.upcast_from) == ("v2", "v1")


def test_a_payload_that_only_looks_redacted_is_given_to_its_step():
    lifted = chain_of(1).migrate_if_needed(stored(data=dict(REDACTED)))
    assert lifted.data == {"redacted": True, "steps": [1]}


def test_a_partly_redacted_payload_meets_the_marker_in_its_step():
    met = []
    handler = EventMigrationHandler()

    @handler.migration(KIND, "v1", "v2")
    def add_new(data):
        met.append(data)
        return {**data, "new": 1}

    data = {"email": dict(REDACTED), "sum": 7}
    lifted = handler.migrate_if_needed(stored(data=data, is_redacted=True))
    assert met == [data]
    assert lifted.data == {**data, "new": 1}


@pytest.mark.django_db
class TestOnReads:
    @pytest.fixture
    def service(self):
        return EventStoreService(migrations=chain_of(2))

    @pytest.fixture(autouse=True)
    def log(self):
        store.append_events(
            [
                new_event(KIND, event_version=f"v{number}", data={"number": number})
                for number in (1, 2, 3)
            ],
            "acme",
        )

    def test_every_read_lifts_on_request_and_only_then(self, service):
        from datetime import UTC, datetime

        start = datetime(2026, 1, 1, tzinfo=UTC)
        reads = [
            lambda **how: service.get_events_for_aggregate("R-1", "acme", **how),
            lambda **how: service.get_events_by_type("acme", KIND, **how),
            lambda **how: service.get_events_by_aggregate_type(
                "acme", "Requirement", **how
            ),
            lambda **how: service.get_events_since("acme", start, **how),
            lambda **how: service.get_events_after("acme", 0, **how),
            lambda **how: [*service.iter_events_for_aggregate("R-1", "acme", **how)],
            lambda **how: [*service.iter_events_by_type("acme", KIND, **how)],
            lambda **how: [
                *service.iter_events_by_aggregate_type("acme", "Requirement", **how)
            ],
            lambda **how: [*service.iter_events_since("acme", start, **how)],
            lambda **how: [*service.iter_events_after("acme", 0, **how)],
            lambda **how: [
                service.get_event(event.event_id, "acme", **how)
                for event in store.get_events_after("acme", 0)
            ],
        ]
        for read in reads:
            assert [event.event_version for event in read()] == ["v1", "v2", "v3"]
            lifted = read(upcast=True)
            assert [event.event_version for event in lifted] == ["v3"] * 3
            assert [event.data.get("steps") for event in lifted] == [[1, 2], [2], None]
            assert [event.upcast_from for event in lifted] == ["v1", "v2", None]

    def test_a_page_keeps_its_cursor(self, service):
        page = service.get_events_after("acme", 0, limit=2, upcast=True)
        rest = service.get_events_after(
            "acme", 0, limit=2, upcast=True, cursor=page.next_cursor
        )
        assert [event.data["number"] for event in [*page, *rest]] == [1, 2, 3]

    def test_a_replay_lifts_and_a_failing_migration_surfaces(self):
        publisher = EventStorePublisher(EventStoreService(EventMigrationHandler()))
        publisher.register_migration(KIND, "v1", "v2", lambda data: data["missing"])
        with pytest.raises(MigrationError):
            publisher.replay_events("R-1", "acme")
        assert len(publisher.store.get_events_for_aggregate("R-1", "acme")) == 3

    def test_a_wholly_redacted_event_is_replayed_blank(self, service):
        first = store.get_events_for_aggregate("R-1", "acme")[0]
        store.redact_event(first.event_id, "acme")
        found = EventStorePublisher(service).replay_events("R-1", "acme")
        assert found[0].data == REDACTED
        assert found[0].event_version == "v3"
