"""The guide's own test examples: unit and end to end."""

from __future__ import annotations

import pytest

from tests.factories import new_event

pytestmark = pytest.mark.django_db


def test_should_append_events_atomically(event_store):
    events = [new_event() for _ in range(3)]
    event_store.append_events(events, "acme")
    assert len(event_store.get_events_for_aggregate("R-1", "acme")) == len(events)


def test_should_maintain_event_order(event_store):
    events = [new_event() for _ in range(3)]
    event_store.append_events(events, "acme")
    retrieved = event_store.get_events_for_aggregate("R-1", "acme")
    assert [event.event_id for event in retrieved] == [
        event.event_id for event in events
    ]


def test_should_reconstruct_aggregate_from_events(
    event_store_publisher, requirement, aggregate_class
):
    original = requirement("R-1", "Log in with a passkey")
    original.approve()
    original.analyze()
    event_store_publisher.publish_all(original.get_domain_events(), "acme")

    events = event_store_publisher.replay_events("R-1", "acme")
    reconstructed = aggregate_class("R-1")
    for event in events:
        reconstructed.apply_event(event)
    assert reconstructed.status == original.status
    assert reconstructed.score == original.score
    loaded = aggregate_class.load("R-1", "acme", publisher=event_store_publisher)
    assert loaded.get_state() == original.get_state()
