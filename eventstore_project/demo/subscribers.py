"""What happens by itself: the demo's subscribers, found by autodiscovery.

The first two are called in the process that published. What the process manager
publishes comes from a worker: a durable subscription takes it up. Importing
:mod:`.process_managers` here registers that one.
"""

from __future__ import annotations

import logging

from eventstore import (
    DomainEventSubscriber,
    StoredDomainEvent,
    publisher,
    subscribe,
)
from eventstore_project.demo import process_managers
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
        _open_pipeline(event)
        logger.debug("Deployment enabled.", extra={"release": event.aggregate_id})

    def is_subscribed_to(self, event: StoredDomainEvent) -> bool:
        """Only the demo's tenants: the store may hold others."""
        return (
            event.event_type == "ReleaseReadinessAchieved"
            and event.tenant_id in TENANT_IDS
        )


@subscribe(
    "demo-deployment",
    event_types=("ReleaseReadinessAchieved",),
    aggregate_types=("Release",),
    tenants=sorted(TENANT_IDS),
    start="now",
    is_transactional=True,
)
def open_pipeline_from_worker(event: StoredDomainEvent) -> None:
    """Open the pipeline for a release that the process manager found ready."""
    _open_pipeline(event)


def _open_pipeline(event: StoredDomainEvent) -> None:
    release = Release.load(event.aggregate_id, event.tenant_id)
    # One that noticed its readiness itself has it open by the time a worker comes.
    if release.status == "ready":
        release.enable_deployment(pipeline=f"{event.tenant_id}/production")
        release.save(event.tenant_id)


process_managers.ReleaseReadiness.register()
publisher.subscribe(RequirementVerifiedSubscriber())
publisher.subscribe(ReleaseReadinessAchievedSubscriber())
