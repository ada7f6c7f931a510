"""Release: which requirements ship together, and when they are ready."""

from __future__ import annotations

from typing import Any

from eventstore import (
    Aggregate,
    DomainEvent,
    StoredDomainEvent,
    applies,
    event_types,
    register_aggregate,
)
from eventstore_project.demo import clock
from eventstore_project.demo.errors import NotPossibleNow
from eventstore_project.demo.events import BuildTested


@register_aggregate
class Release(Aggregate):
    """Planned, filled with requirements, frozen, ready, shipped.

    Its history is long (each build is an event), so it has snapshots.
    """

    aggregate_type = "Release"
    snapshot_every = 50

    def __init__(self, aggregate_id: str) -> None:
        """Begin as nothing."""
        super().__init__(aggregate_id)
        self.status = ""
        self.is_frozen = False
        self.open: list[str] = []
        self.completed: list[str] = []
        self.builds = 0
        self.due: Any = None
        self.is_escalated = False

    # Acts

    def plan(self, *, goal: str, ship_date: str, due: str | None = None) -> None:
        """Begin a release.

        Args:
            goal: what for.
            ship_date: when users are to have it, ISO 8601.
            due: until when the process manager waits for its readiness, ISO 8601;
                without one the release notices that itself, as all did in the past.
        """
        if self.status:
            raise NotPossibleNow(f"Release {self.aggregate_id} is planned already.")
        data = {"goal": goal, "ship_date": ship_date}
        self._happened("ReleasePlanned", {**data, "due": due} if due else data)

    def add_requirement(self, requirement_id: str) -> None:
        """Take an approved requirement into the release."""
        self._must_be_planned("add a requirement")
        if self.is_frozen:
            raise NotPossibleNow(f"The scope of release {self.aggregate_id} is frozen.")
        self._happened("ReleaseRequirementAdded", {"requirement": requirement_id})

    def complete_requirement(self, requirement_id: str) -> None:
        """Note that a requirement passed; the last one makes the release ready."""
        if requirement_id in self.open:
            self._happened(
                "ReleaseRequirementCompleted", {"requirement": requirement_id}
            )
            self._notice_readiness()

    def postpone_requirement(self, requirement_id: str, *, reason: str) -> None:
        """Take a requirement that will not be done in time out of the release."""
        self._must_be_planned("postpone a requirement")
        self._happened(
            "ReleaseRequirementPostponed",
            {"requirement": requirement_id, "reason": reason},
        )
        self._notice_readiness()

    def freeze_scope(self) -> None:
        """Take no more requirements."""
        self._must_be_planned("freeze the scope")
        self._happened("ReleaseScopeFrozen", {"requirements": self._count()})
        self._notice_readiness()

    def test_build(self, result: BuildTested) -> None:
        """Note the result of a build."""
        event = event_types.to_event(
            result, aggregate_type=self.aggregate_type, aggregate_id=self.aggregate_id
        )
        self._happened(event.event_type, event.data)

    def enable_deployment(self, *, pipeline: str) -> None:
        """Open the way to production for a release that is ready."""
        if self.status != "ready":
            raise NotPossibleNow(f"Release {self.aggregate_id} is not ready.")
        self._happened("ReleaseDeploymentEnabled", {"pipeline": pipeline})

    def ship(self, *, notes: str) -> None:
        """Hand it to the users."""
        if self.status != "deployable":
            raise NotPossibleNow(f"Release {self.aggregate_id} cannot be deployed.")
        self._happened(
            "ReleaseShipped", {"notes": notes, "requirements": len(self.completed)}
        )

    # Fold

    @applies("ReleasePlanned")
    def _planned(self, event: DomainEvent | StoredDomainEvent) -> None:
        self.status = "planned"
        self.due = event.data.get("due")

    @applies("ReleaseEscalated")
    def _escalated(self, _event: DomainEvent | StoredDomainEvent) -> None:
        self.is_escalated = True

    @applies("ReleaseReadinessAchieved", "ReleaseDeploymentEnabled", "ReleaseShipped")
    def _moved_on(self, event: DomainEvent | StoredDomainEvent) -> None:
        self.status = {
            "ReleaseReadinessAchieved": "ready",
            "ReleaseDeploymentEnabled": "deployable",
            "ReleaseShipped": "shipped",
        }[event.event_type]

    @applies("ReleaseRequirementAdded")
    def _added(self, event: DomainEvent | StoredDomainEvent) -> None:
        self.open.append(event.data.get("requirement", ""))

    @applies("ReleaseRequirementCompleted")
    def _completed(self, event: DomainEvent | StoredDomainEvent) -> None:
        self.completed.append(event.data.get("requirement", ""))
        self._close(event)

    @applies("ReleaseRequirementPostponed")
    def _close(self, event: DomainEvent | StoredDomainEvent) -> None:
        requirement = event.data.get("requirement", "")
        self.open = [known for known in self.open if known != requirement]

    @applies("ReleaseScopeFrozen")
    def _frozen(self, _event: DomainEvent | StoredDomainEvent) -> None:
        self.is_frozen = True

    @applies("ReleaseBuildTested")
    def _tested(self, _event: DomainEvent | StoredDomainEvent) -> None:
        self.builds += 1

    def _notice_readiness(self) -> None:
        if self.due:
            return
        if self.is_frozen and self.completed and not self.open:
            self._happened(
                "ReleaseReadinessAchieved", {"requirements": len(self.completed)}
            )

    def _count(self) -> int:
        return len(self.open) + len(self.completed)

    def _must_be_planned(self, act: str) -> None:
        if self.status != "planned":
            raise NotPossibleNow(
                f"Cannot {act}: release {self.aggregate_id} is "
                f"{self.status or 'not planned yet'}."
            )

    def _happened(self, event_type: str, data: dict[str, Any]) -> None:
        self.record(event_type, data, occurred_at=clock.now())
