from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from audit_console.presenters.masking import Mask
from audit_console.queries import aggregates, correlations, event, states
from audit_console.queries.aggregates import Key
from audit_console.reading import look
from eventstore import (
    Aggregate,
    EventMigrationHandler,
    applies,
    register_aggregate,
    store,
)
from eventstore.context import caused_by, event_context
from tests.factories import new_event

pytestmark = pytest.mark.django_db

KEY = Key("acme", "Parcel", "P-1")
NOTHING = Mask()


@register_aggregate
class Crate(Aggregate):
    """A registered aggregate, with a fold that one event breaks."""

    aggregate_type = "Crate"

    def __init__(self, aggregate_id):
        super().__init__(aggregate_id)
        self.seals = []
        self.owner = None

    @applies("CrateSealed")
    def _sealed(self, event):
        self.seals.append(event.data["seal"])

    @applies("CrateSold")
    def _sold(self, event):
        self.owner = event.data["owner"]


def append(event_type="ParcelMoved", data=None, *, key=KEY, tenant=None, **fields):
    return store.append_event(
        new_event(
            event_type,
            aggregate_type=key.aggregate_type,
            aggregate_id=key.aggregate_id,
            data=data or {},
            **fields,
        ),
        tenant or key.tenant_id,
    )


@pytest.fixture
def read():
    """Look at the log as it is now, and return what a query gives."""

    def run(query, *args, **kwargs):
        with look() as opened:
            return query(opened, *args, **kwargs)

    return run


def test_an_event_is_found_by_position_only_within_the_tenants(read):
    stored = append()
    assert read(event.at, stored.position, ["acme"]).event_id == stored.event_id
    assert read(event.at, stored.position, ["other"]) is None
    assert read(event.at, 0, ["acme"]) is None


def test_the_payload_does_not_leave_the_database_unless_it_is_asked_for(read):
    stored = append(data={"n": 1.50})
    found = read(event.at, stored.position, ["acme"])
    assert found.data_text is None
    assert read(event.with_payload, found).data_text == '{"n": 1.5}'


def test_an_id_is_found_only_within_its_tenant(read):
    mine = append(event_id="e/1:ü")
    theirs = append(event_id="e/1:ü", tenant="other")
    assert read(event.position_of, "acme", "e/1:ü") == mine.position
    assert read(event.position_of, "other", "e/1:ü") == theirs.position
    assert read(event.position_of, "nobody", "e/1:ü") is None


def test_neighbours_are_those_of_the_aggregate(read):
    first = append()
    append(key=Key("acme", "Parcel", "P-2"))
    second = append()
    seen = read(event.at, first.position, ["acme"])
    assert read(event.neighbours, seen) == event.Neighbours(None, second.position)
    seen = read(event.at, second.position, ["acme"])
    assert read(event.neighbours, seen) == event.Neighbours(first.position, None)


def test_related_events_are_listed_and_counted_beyond_the_list(read):
    with event_context(correlation_id="c-1"):
        cause = append()
        for _ in range(25):
            append(metadata={"causation_id": cause.event_id})
    append(tenant="other", metadata={"correlation_id": "c-1"})
    seen = read(event.at, cause.position, ["acme"])
    conversation = read(event.of_conversation, seen)
    assert (len(conversation.events), conversation.count) == (20, 26)
    assert conversation.is_cut
    effects = read(event.effects, seen)
    assert (len(effects.events), effects.count) == (20, 25)
    effect = read(event.at, effects.events[0].position, ["acme"])
    assert read(event.cause, effect).position == cause.position


def test_the_cause_of_another_tenant_is_no_cause(read):
    foreign = append(tenant="other")
    effect = append(metadata={"causation_id": foreign.event_id})
    seen = read(event.at, effect.position, ["acme"])
    assert read(event.cause, seen) is None


def test_redactions_are_told_with_places_and_reason(read):
    stored = append(data={"a": 1, "b": 2})
    store.redact_event(
        stored.event_id, "acme", fields=["/data/a"], reason="asked", actor="dpo"
    )
    seen = read(event.at, stored.position, ["acme"])
    (note,) = read(event.redactions, seen)
    assert (note.pointers, note.reason) == (("/data/a",), "asked")


def test_nothing_beyond_the_horizon_is_shown(read):
    first, second = append(), append()

    def as_of_the_first(opened):
        old = dataclasses.replace(opened, horizon=first.position)
        assert event.at(old, second.position, ["acme"]) is None
        found = aggregates.ends(old, KEY)
        assert found is not None
        assert found.version == 1
        assert aggregates.types(old, ["acme"])[0].position == first.position
        assert states.at_version(old, KEY, 2, NOTHING).version == 1

    read(as_of_the_first)


def test_types_are_found_in_each_tenant_with_their_newest_event(read):
    append()
    last = append()
    append("CrateSealed", {"seal": 1}, key=Key("acme", "Crate", "C-1"))
    append(tenant="other")
    append(tenant="hidden")
    found = read(aggregates.types, ["acme", "other"])
    assert [(one.tenant_id, one.aggregate_type) for one in found] == [
        ("acme", "Crate"),
        ("acme", "Parcel"),
        ("other", "Parcel"),
    ]
    assert found[1].position == last.position


def test_recently_changed_aggregates_come_once_the_last_changed_first(read):
    append()
    append(key=Key("acme", "Parcel", "P-2"))
    append()
    append("CrateSealed", {"seal": 1}, key=Key("acme", "Crate", "C-1"))
    found = read(aggregates.recent, ["acme"])
    assert [(one.last.aggregate_id, one.changes) for one in found] == [
        ("C-1", 1),
        ("P-1", 2),
        ("P-2", 1),
    ]
    assert len(read(aggregates.recent, ["acme"], "Parcel")) == 2
    assert read(aggregates.recent, ["other"]) == []


def test_an_id_names_all_its_types(read):
    append()
    append(key=Key("acme", "Crate", "P-1"))
    append(tenant="hidden")
    found = read(aggregates.types_of_id, ["acme"], "P-1")
    assert [key.aggregate_type for key in found] == ["Crate", "Parcel"]


@pytest.mark.parametrize(
    ("where", "versions", "older", "newer"),
    [
        ({}, [5, 6, 7], True, False),
        ({"before": 5}, [2, 3, 4], True, True),
        ({"before": 2}, [1], False, True),
        ({"after": 0}, [1, 2, 3], False, True),
        ({"after": 4}, [5, 6, 7], True, False),
    ],
)
def test_histories_have_pages_in_both_directions(read, where, versions, older, newer):
    for number in range(7):
        append(data={"n": number})
    page = read(aggregates.history, KEY, limit=3, with_payload=True, **where)
    assert [one.aggregate_version for one in page.events] == versions
    assert (page.has_older, page.has_newer) == (older, newer)


def test_without_code_a_state_is_the_merged_payloads_with_every_digit(read):
    append(data={"place": "Oslo", "weight": {"kg": 2}})
    append(data={"weight": {"lb": 10**25}})
    append(data={"place": "Rome"})
    run = read(states.at_version, KEY, 2, NOTHING)
    assert (run.code, run.version, run.applied) == ("", 2, 2)
    assert run.fold.state() == {"place": "Oslo", "weight": {"kg": 2, "lb": 10**25}}
    read(states.advance, KEY, run, 3)
    assert run.fold.state()["place"] == "Rome"


CRATE = Key("acme", "Crate", "C-1")


def test_with_code_a_state_is_what_the_aggregate_folds(read):
    append("CrateSealed", {"seal": "s1"}, key=CRATE)
    append("CrateSold", {"owner": "Anna"}, key=CRATE)
    run = read(states.at_version, CRATE, 2, NOTHING)
    assert run.code.endswith("Crate")
    assert run.fold.state() == {"seals": ["s1"], "owner": "Anna"}


def test_a_state_that_was_taken_stays_as_it_is(read):
    append("CrateSealed", {"seal": "s1"}, key=CRATE)
    append("CrateSealed", {"seal": "s2"}, key=CRATE)
    run = read(states.at_version, CRATE, 1, NOTHING)
    before = run.fold.state()
    read(states.advance, CRATE, run, 2)
    assert before["seals"] == ["s1"]
    assert run.fold.state()["seals"] == ["s1", "s2"]


def test_an_event_that_cannot_be_folded_leaves_the_state_before_it(read):
    append("CrateSealed", {"seal": "s1"}, key=CRATE)
    append("CrateSealed", {"no seal": True}, key=CRATE)
    append("CrateSealed", {"seal": "s3"}, key=CRATE)
    run = read(states.at_version, CRATE, 3, NOTHING)
    assert run.fold.state()["seals"] == ["s1"]
    assert (run.version, run.applied) == (1, 1)
    assert run.fault.event.aggregate_version == 2
    assert run.fault.error == "KeyError: 'seal'"


def test_a_snapshot_saves_the_way_unless_something_is_hidden(read):
    append("CrateSealed", {"seal": "s1"}, key=CRATE)
    second = append("CrateSold", {"owner": "Anna"}, key=CRATE)
    append("CrateSealed", {"seal": "s3"}, key=CRATE)
    store.record_snapshot(
        "C-1",
        "acme",
        "snap",
        second.event_id,
        state={"seals": ["s1"], "owner": "Anna"},
        fold_version="1",
    )
    run = read(states.at_version, CRATE, 3, NOTHING)
    assert (run.snapshot_version, run.applied) == (2, 1)
    assert run.fold.state() == {"seals": ["s1", "s3"], "owner": "Anna"}
    run = read(states.at_version, CRATE, 3, Mask((("data", "owner"),)))
    assert (run.snapshot_version, run.applied) == (0, 3)
    assert "Anna" not in repr(run.fold.state())


def test_a_state_by_stored_time_is_a_version(read):
    append()
    between = timezone.now()
    append()
    assert read(aggregates.version_at, KEY, between) in {0, 1, 2}
    assert read(aggregates.version_at, KEY, datetime(2020, 1, 1, tzinfo=UTC)) == 0
    later = timezone.now() + timedelta(hours=1)
    assert read(aggregates.version_at, KEY, later) == 2


def test_a_state_by_occurred_time_leaves_out_what_happened_later(read):
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    append(data={"a": 1}, occurred_at=noon)
    append(data={"b": 1}, occurred_at=noon + timedelta(hours=2))
    append(data={"c": 1}, occurred_at=noon + timedelta(hours=1))
    run = read(states.occurred_by, KEY, noon + timedelta(hours=1), NOTHING)
    assert run.fold.state() == {"a": 1, "c": 1}
    assert (run.applied, run.version) == (2, 3)


def test_a_fold_stops_after_its_limit_and_says_so(read, monkeypatch):
    monkeypatch.setattr(states, "MAX_FOLDED", 3)
    for number in range(5):
        append(data={"n": number})
    run = read(states.at_version, KEY, 5, NOTHING)
    assert (run.version, run.is_cut) == (3, True)
    run = read(states.at_version, KEY, 3, NOTHING)
    assert not run.is_cut


def test_payloads_are_lifted_before_they_are_merged(read, monkeypatch):
    handler = EventMigrationHandler()
    handler.register_migration(
        "ParcelMoved", "v1", "v2", lambda data: {"city": data["place"]}
    )
    monkeypatch.setattr(states, "event_migrations", handler)
    append(data={"place": "Oslo"})
    assert read(states.at_version, KEY, 1, NOTHING).fold.state() == {"city": "Oslo"}


def test_a_conversation_has_pages_and_knows_causes_outside(read, monkeypatch):
    monkeypatch.setattr(correlations, "MAX_EVENTS", 2)
    outside = append()
    with caused_by(outside):
        first, second, third = append(), append(), append()
    page = read(correlations.conversation, "acme", outside.event_id)
    assert [one.position for one in page.events] == [first.position, second.position]
    assert not page.is_complete
    assert page.known_causes == {outside.event_id: outside.position}
    rest = read(
        correlations.conversation, "acme", outside.event_id, after=second.position
    )
    assert [one.position for one in rest.events] == [third.position]
    assert rest.is_complete


def test_effects_are_followed_through_generations_and_circles_end(read):
    root = append(event_id="a", metadata={"causation_id": "c"})
    append(event_id="b", metadata={"causation_id": "a"})
    append(event_id="c", metadata={"causation_id": "b"})
    append(event_id="x", tenant="other", metadata={"causation_id": "a"})
    seen = read(event.at, root.position, ["acme"])
    found = read(correlations.caused_by, seen)
    assert [one.event_id for one in found.events] == ["a", "b", "c"]
    assert found.is_complete


def test_too_many_effects_are_cut_and_it_is_said(read, monkeypatch):
    monkeypatch.setattr(correlations, "MAX_EVENTS", 3)
    root = append()
    for _ in range(4):
        append(metadata={"causation_id": root.event_id})
    seen = read(event.at, root.position, ["acme"])
    found = read(correlations.caused_by, seen)
    assert (len(found.events), found.is_complete) == (3, False)
