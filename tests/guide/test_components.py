"""The guide's first pages: the components and the database schema."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tests.factories import new_event

pytestmark = pytest.mark.django_db


def test_event_store_service_persists_and_retrieves(event_store):
    event_store.append_event(new_event(), "acme")
    event_store.append_events(
        [new_event("RequirementApproved"), new_event(aggregate_id="R-2")], "acme"
    )
    events = event_store.get_events_for_aggregate("R-1", "acme")
    assert [event.event_type for event in events] == [
        "RequirementCreated",
        "RequirementApproved",
    ]
    approvals = event_store.get_events_by_type("acme", "RequirementApproved")
    assert len(approvals) == 1
    one_hour_ago = timezone.now() - timedelta(hours=1)
    assert len(event_store.get_events_since("acme", one_hour_ago)) == 3


def test_event_store_publisher_persists_delivers_and_replays(event_store_publisher):
    event_store_publisher.publish(new_event(), "acme")
    event_store_publisher.publish_all([new_event(), new_event()], "acme")
    assert len(event_store_publisher.replay_events("R-1", "acme")) == 3


def test_event_migration_handler_lifts_an_old_event(
    migration_handler, event_store, approved_v1
):
    migration_handler.register_migration(
        "RequirementApproved",
        "v1",
        "v2",
        lambda event: {
            **event,
            "approverRole": event.get("approverRole") or "REVIEWER",
        },
    )
    stored = event_store.append_event(approved_v1(approver="ada"), "acme")
    migrated = migration_handler.migrate_if_needed(stored)
    assert migrated.data == {"approver": "ada", "approverRole": "REVIEWER"}
    assert migrated.event_version == "v2"


def test_the_table_has_the_guides_columns_and_its_scoped_indexes():
    with connection.cursor() as cursor:
        table = connection.introspection.get_table_description(
            cursor, "stored_domain_events"
        )
        constraints = connection.introspection.get_constraints(
            cursor, "stored_domain_events"
        )
    # snapshot_id is offered on the event: a row never changes for a snapshot
    assert {column.name for column in table} >= {
        "event_id",
        "tenant_id",
        "aggregate_id",
        "aggregate_type",
        "event_type",
        "event_version",
        "occurred_at",
        "stored_at",
        "event_data",
        "metadata",
        "is_redacted",
    }
    indexed = {tuple(found["columns"] or ())[:2] for found in constraints.values()}
    assert indexed >= {
        ("tenant_id", "aggregate_id"),
        ("tenant_id", "event_type"),
        ("tenant_id", "occurred_at"),
        ("tenant_id", "aggregate_type"),
    }
