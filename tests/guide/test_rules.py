"""The rules of the guide, in one place: its do's, its don'ts, and what they promise."""

from __future__ import annotations

import dataclasses
import itertools

import pytest
from django.db import connection, transaction

from eventstore import (
    AppendOnlyViolation,
    DomainEventSubscriber,
    DuplicateEventError,
    MigrationError,
    event_context,
)
from eventstore.models import StoredEvent
from tests.factories import new_event

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_events_are_persisted_before_they_are_published(
    event_store_publisher, event_store
):
    found = []

    class Witness(DomainEventSubscriber):
        def is_subscribed_to(self, event):
            return True

        def handle(self, event):
            assert not connection.in_atomic_block
            found.append(event_store.get_event(event.event_id, "acme"))

    event_store_publisher.subscribe(Witness())
    stored = event_store_publisher.publish_all([new_event(), new_event()], "acme")
    assert found == stored


def test_events_are_immutable(event_store):
    event = new_event()
    with pytest.raises(dataclasses.FrozenInstanceError):
        event.event_type = "Other"  # type: ignore[misc]  # that is the fault
    stored = event_store.append_event(event, "acme")
    with pytest.raises(dataclasses.FrozenInstanceError):
        stored.position = 1
    row = StoredEvent.objects.get(pk=stored.position)
    row.event_type = "Other"
    with pytest.raises(AppendOnlyViolation):
        row.save()
    with pytest.raises(AppendOnlyViolation):
        StoredEvent.objects.update(event_type="Other")
    assert event_store.get_event(stored.event_id, "acme") == stored


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE stored_domain_events SET event_type = 'Other'",
        "UPDATE stored_domain_events SET event_data = '{\"forged\": true}'",
        "DELETE FROM stored_domain_events",
    ],
)
def test_events_are_never_changed_nor_deleted_by_statements_either(
    statement, event_store
):
    stored = event_store.append_event(new_event(), "acme")
    with (
        pytest.raises(Exception, match=r"never (change|deleted)"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert event_store.get_event(stored.event_id, "acme") == stored


def test_events_are_never_deleted_but_redacted(event_store):
    stored = event_store.append_event(new_event(), "acme")
    for act in (
        StoredEvent.objects.get(pk=stored.position).delete,
        StoredEvent.objects.all().delete,
    ):
        with pytest.raises(AppendOnlyViolation):
            act()
    event_store.redact_event(stored.event_id, "acme")
    assert len(event_store.get_events_for_aggregate("R-1", "acme")) == 1


def test_order_is_guaranteed_within_an_aggregate(event_store):
    for size in (1, 5, 1, 3):
        event_store.append_events([new_event() for _ in range(size)], "acme")
    history = event_store.get_events_for_aggregate("R-1", "acme")
    assert [event.aggregate_version for event in history] == [*range(1, 11)]
    for earlier, later in itertools.pairwise(history):
        assert earlier.position < later.position
        assert earlier.stored_at <= later.stored_at


def test_event_data_is_not_mutated_but_versioned(
    event_store_publisher, event_store, approved_v1
):
    event_store.append_event(approved_v1(approver="ada"), "acme")
    event_store_publisher.register_migration(
        "RequirementApproved", "v1", "v2", lambda event: {**event, "role": "REVIEWER"}
    )
    [lifted] = event_store_publisher.replay_events("R-1", "acme")
    [stored] = event_store.get_events_for_aggregate("R-1", "acme")
    assert (lifted.event_version, lifted.upcast_from) == ("v2", "v1")
    assert (stored.event_version, stored.data) == ("v1", {"approver": "ada"})


def test_migration_errors_surface(event_store_publisher, event_store, approved_v1):
    stored = event_store.append_event(approved_v1(approver="ada"), "acme")
    event_store_publisher.register_migration(
        "RequirementApproved", "v1", "v2", lambda event: {"role": event["role"]}
    )
    with pytest.raises(MigrationError) as refusal:
        event_store_publisher.replay_events("R-1", "acme")
    assert refusal.value.event_id == stored.event_id


def test_duplicates_are_impossible(event_store):
    event = new_event()
    first = event_store.append_event(event, "acme")
    assert event_store.append_event(event, "acme") == first
    with pytest.raises(DuplicateEventError):
        event_store.append_event(
            new_event(event_id=event.event_id, aggregate_id="R-2"), "acme"
        )
    assert len(event_store.get_events_after("acme", 0)) == 1


def test_metadata_say_who_from_where_and_in_which_conversation(event_store):
    with event_context(actor="ada", ip="2001:db8::7", correlation_id="c-1"):
        stored = event_store.append_event(new_event(), "acme")
    assert stored.metadata == {
        "actor": {"type": "user", "id": "ada"},
        "ip": "2001:db8::7",
        "correlation_id": "c-1",
    }
    with_user = event_store.append_event(new_event(metadata={"user_id": 7}), "acme")
    assert with_user.actor_id == "7"


def test_events_are_versioned_explicitly(event_store):
    assert event_store.append_event(new_event(), "acme").event_version == "v1"
    stored = event_store.append_event(new_event(event_version="v2"), "acme")
    assert event_store.get_event(stored.event_id, "acme").event_version == "v2"


def test_sensitive_data_can_be_removed_field_by_field(event_store):
    stored = event_store.append_event(
        new_event(data={"email": "ada@example.org", "sum": 7}), "acme"
    )
    event_store.redact_event(stored.event_id, "acme", ["/data/email"])
    assert event_store.get_event(stored.event_id, "acme").data == {
        "email": {"redacted": True},
        "sum": 7,
    }
