"""The six usage patterns of the guide."""

from __future__ import annotations

import pytest
from django.utils import timezone

from eventstore import DomainEventSubscriber, new_event_id
from tests.factories import new_event

pytestmark = pytest.mark.django_db


class RequirementsService:
    """Pattern 1, with a repository that saves after the events are published."""

    def __init__(self, event_store_publisher, repo):
        self.event_store_publisher = event_store_publisher
        self.repo = repo

    def approve_requirement(self, id_, tenant_id):
        requirement = self.repo[id_]
        requirement.approve()
        self.event_store_publisher.publish_all(
            requirement.get_domain_events(), tenant_id
        )
        requirement.clear_domain_events()


class ReleaseReadinessAchievedSubscriber(DomainEventSubscriber):
    """Pattern 3: a workflow that begins with an event and asks for related ones."""

    def __init__(self, event_store_publisher):
        self.event_store_publisher = event_store_publisher
        self.enabled = []

    def handle(self, event):
        approved = self.event_store_publisher.get_events_by_type(
            event.tenant_id, "RequirementApproved"
        )
        releases = self.event_store_publisher.get_events_by_aggregate_type(
            event.tenant_id, "Release"
        )
        self.enabled.append((event.aggregate_id, len(approved), len(releases)))

    def is_subscribed_to(self, event):
        return event.event_type == "ReleaseReadinessAchieved"


def test_pattern_1_publishing_persists_and_clears(
    event_store_publisher, event_store, requirement
):
    repo = {"R-1": requirement("R-1", "Log in with a passkey")}
    RequirementsService(event_store_publisher, repo).approve_requirement("R-1", "acme")
    stored = event_store.get_events_for_aggregate("R-1", "acme")
    assert [event.event_type for event in stored] == [
        "RequirementCreated",
        "RequirementApproved",
    ]
    assert repo["R-1"].get_domain_events() == []
    assert repo["R-1"].status == "approved"


def test_pattern_2_replay_reconstructs_the_aggregate(
    event_store_publisher, requirement, aggregate_class
):
    original = requirement("R-1", "Log in with a passkey")
    original.analyze(92)
    original.approve()
    event_store_publisher.publish_all(original.get_domain_events(), "acme")

    events = event_store_publisher.replay_events("R-1", "acme")
    found = aggregate_class.create("R-1", events[0].data["title"])
    for event in events[1:]:
        found.apply_event(event)
    assert (found.title, found.status, found.score) == (
        "Log in with a passkey",
        "approved",
        92,
    )


@pytest.mark.django_db(transaction=True)
def test_pattern_3_a_subscriber_starts_a_workflow(event_store_publisher):
    subscriber = ReleaseReadinessAchievedSubscriber(event_store_publisher)
    event_store_publisher.subscribe(subscriber)
    event_store_publisher.publish_all(
        [
            new_event("RequirementApproved"),
            new_event(
                "ReleasePlanned", aggregate_type="Release", aggregate_id="2026.1"
            ),
        ],
        "acme",
    )
    event_store_publisher.publish(
        new_event(
            "ReleaseReadinessAchieved", aggregate_type="Release", aggregate_id="2026.1"
        ),
        "acme",
    )
    assert subscriber.enabled == [("2026.1", 1, 2)]


def add_approver_role(event):
    return {**event, "approverRole": event.get("approverRole") or "REVIEWER"}


def add_approval_timestamp(event):
    moment = event.get("approvalTimestamp") or timezone.now().isoformat()
    return {**event, "approvalTimestamp": moment}


def test_pattern_4_old_events_are_lifted_during_replay(
    event_store_publisher, event_store, approved_v1
):
    event_store_publisher.register_migration(
        "RequirementApproved", "v1", "v2", add_approver_role
    )
    event_store.append_event(approved_v1(approver="ada"), "acme")
    event_store.append_event(approved_v1(approverRole="OWNER"), "acme")
    events = event_store_publisher.replay_events("R-1", "acme")
    assert [event.data["approverRole"] for event in events] == ["REVIEWER", "OWNER"]
    assert {event.event_version for event in events} == {"v2"}


def test_pattern_4_migrations_chain(event_store_publisher, event_store, approved_v1):
    event_store_publisher.register_migration(
        "RequirementApproved", "v1", "v2", add_approver_role
    )
    event_store_publisher.register_migration(
        "RequirementApproved", "v2", "v3", add_approval_timestamp
    )
    event_store.append_event(approved_v1(approver="ada"), "acme")
    [event] = event_store_publisher.replay_events("R-1", "acme")
    assert event.event_version == "v3"
    assert set(event.data) == {"approver", "approverRole", "approvalTimestamp"}


def test_pattern_5_after_a_snapshot_only_recent_events_are_loaded(event_store):
    stored = event_store.append_events([new_event() for _ in range(1000)], "acme")
    event_store.record_snapshot("R-1", "acme", new_event_id(), stored[-1].event_id)
    event_store.append_events([new_event() for _ in range(100)], "acme")
    recent = event_store.get_events_for_aggregate("R-1", "acme")
    assert len(recent) == 100
    assert recent[0].aggregate_version == 1001
    whole = event_store.get_events_for_aggregate("R-1", "acme", after_snapshot=False)
    assert len(whole) == 1100


def test_pattern_5_a_replay_is_whole_whatever_the_snapshots(
    event_store, event_store_publisher
):
    stored = event_store.append_events([new_event() for _ in range(5)], "acme")
    event_store.record_snapshot("R-1", "acme", "s-1", stored[3].event_id)
    assert len(event_store_publisher.replay_events("R-1", "acme")) == 5


def test_pattern_6_redaction_keeps_the_event_and_removes_the_data(event_store):
    stored = event_store.append_event(
        new_event(data={"email": "ada@example.org"}), "acme"
    )
    event_store.redact_event(stored.event_id, "acme")
    found = event_store.get_event(stored.event_id, "acme")
    assert found.data == {"redacted": True}
    assert found.is_redacted
    assert found.position == stored.position
