"""What happens by itself: the demo's subscribers, found by autodiscovery."""

from __future__ import annotations

import logging

from eventstore import DomainEventSubscriber, StoredDomainEvent, publisher
from eventstore_project.demo.cast import TENANT_IDS
from eventstore_project.demo.release import Release

logger = logging.getLogger(__name__)


class RequirementVerifiedSubscriber(DomainEventSubscriber):
    """A verified requirement is done in its release; the last one makes it ready."""

    def handle(self, event: StoredDomainEvent) -> None:
        """Complete the requirement in the release that it was verified for."""
        release = Release.load(event.data["release"], event.tenant_id)
        # One that came too late for its release was postponed, and changes nothing.
        release.complete_requirement(event.aggregate_id)
        release.save(event.tenant_id)

    def is_subscribed_to(self, event: StoredDomainEvent) -> bool:
        """Only the demo's tenants: the store may hold others."""
        return (
            event.event_type == "RequirementVerified"
            and event.tenant_id in TENANT_IDS
            and bool(event.data.get("release"))
        )


class ReleaseReadinessAchievedSubscriber(DomainEventSubscriber):
    """A release that is ready may go to production: the guide's example."""

    def handle(self, event: StoredDomainEvent) -> None:
        """Open the deployment pipeline; the store marks what caused that."""
        release = Release.load(event.aggregate_id, event.tenant_id)
        release.enable_deployment(pipeline=f"{event.tenant_id}/production")
        release.save(event.tenant_id)
        logger.debug("Deployment enabled.", extra={"release": event.aggregate_id})

    def is_subscribed_to(self, event: StoredDomainEvent) -> bool:
        """Only the demo's tenants: the store may hold others."""
        return (
            event.event_type == "ReleaseReadinessAchieved"
            and event.tenant_id in TENANT_IDS
        )


publisher.subscribe(RequirementVerifiedSubscriber())
publisher.subscribe(ReleaseReadinessAchievedSubscriber())
