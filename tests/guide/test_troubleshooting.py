"""The guide's troubleshooting page: each symptom, its cause and the way out."""

from __future__ import annotations

from typing import Any

import pytest

from eventstore import DomainEventPublisher, MigrationError
from tests.factories import new_event

pytestmark = pytest.mark.django_db


def test_events_do_not_appear_when_they_pass_the_store_by(
    event_store_publisher, event_store
):
    stored = event_store.append_event(new_event(), "acme")
    DomainEventPublisher().publish_all([stored, stored])
    assert len(event_store.get_events_after("acme", 0)) == 1
    event_store_publisher.publish_all([new_event(), new_event()], "acme")
    assert len(event_store.get_events_after("acme", 0)) == 3
    assert "not stored" in (DomainEventPublisher.__doc__ or "")


def test_a_migration_that_fails_on_an_unexpected_shape_gets_defaults(
    migration_handler, event_store_publisher, event_store, approved_v1
):
    event_store.append_events([approved_v1(role="owner"), approved_v1()], "acme")
    migration_handler.register_migration(
        "RequirementApproved", "v1", "v2", lambda e: {**e, "role": e["role"].upper()}
    )
    with pytest.raises(MigrationError, match="KeyError"):
        event_store_publisher.replay_events("R-1", "acme")
    migration_handler.clear()
    migration_handler.register_migration(
        "RequirementApproved",
        "v1",
        "v2",
        lambda e: {**e, "role": str(e.get("role") or "reviewer").upper()},
    )
    events = event_store_publisher.replay_events("R-1", "acme")
    assert [event.data["role"] for event in events] == ["OWNER", "REVIEWER"]


def test_a_slow_replay_is_bounded_by_snapshots(
    aggregate_class, event_store_publisher, django_assert_num_queries
):
    folded = []

    def fold(self, event):
        folded.append(event.event_type)
        aggregate_class.apply_event(self, event)

    fields = {"snapshot_every": 50, "apply_event": fold}
    snapped: Any = type("Snapped", (aggregate_class,), fields)
    requirement = snapped.create("R-1", "Log in")
    for score in range(120):
        requirement.analyze(score)
    requirement.save("acme", publisher=event_store_publisher)
    requirement.analyze(7)
    requirement.save("acme", publisher=event_store_publisher)
    folded.clear()
    with django_assert_num_queries(2):
        found = snapped.load("R-1", "acme", publisher=event_store_publisher)
    assert (found.score, found.version) == (7, 122)
    assert len(folded) == 1


def test_a_retry_with_the_same_event_id_makes_no_duplicate(event_store_publisher):
    event = new_event()
    first = event_store_publisher.publish(event, "acme")
    again = event_store_publisher.publish(event, "acme")
    assert again == first
    assert len(event_store_publisher.replay_events("R-1", "acme")) == 1
