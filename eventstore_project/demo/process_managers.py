"""Release readiness: a process manager that waits, decides, and escalates.

It watches the releases that were planned with a ``due`` moment. Those of the ninety
days have none: they are told in seconds, with times in the past, and no worker ran
"then" that could have waited for a moment that is long gone. They notice their
readiness themselves, in the transaction that completes the last requirement, as the
tool did before it had a process manager. So each release is decided upon in one place,
and the story stays the same each time it is told; what is planned with ``due`` from now
on is watched here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from eventstore import (
    DomainEvent,
    ProcessManager,
    StoredDomainEvent,
    applies,
    handles,
)
from eventstore_project.demo.cast import TENANT_IDS

_ESCALATE = "escalate"


class ReleaseReadiness(ProcessManager):
    """One release, from its plan to its readiness; escalated when that is late."""

    aggregate_type = "ReleaseReadiness"
    tenants = TENANT_IDS
    # The story was told without it: it begins where that ends.
    start = "now"

    def __init__(self, aggregate_id: str) -> None:
        """Begin without knowing the release."""
        super().__init__(aggregate_id)
        self.status = ""
        self.due = ""
        self.is_frozen = False
        self.open: list[str] = []
        self.completed = 0

    @classmethod
    def correlate(cls, event: StoredDomainEvent) -> str | None:
        """One process a release, whoever's conversation its events belong to."""
        return event.aggregate_id if event.aggregate_type == "Release" else None

    # Decisions

    @handles("ReleasePlanned")
    def planned(self, event: StoredDomainEvent) -> None:
        """Wait until the release is due."""
        due = event.data.get("due")
        if isinstance(due, str):
            self.record("ReadinessAwaited", {"due": due})
            self.set_timeout(_ESCALATE, datetime.fromisoformat(due))

    @handles("ReleaseRequirementAdded")
    def added(self, event: StoredDomainEvent) -> None:
        """Wait for one more requirement."""
        self._remember("ReadinessRequirementAwaited", event)

    @handles("ReleaseRequirementCompleted")
    def completed_one(self, event: StoredDomainEvent) -> None:
        """Wait for one fewer; the last one makes the release ready."""
        self._remember("ReadinessRequirementCompleted", event)

    @handles("ReleaseRequirementPostponed")
    def postponed(self, event: StoredDomainEvent) -> None:
        """Do not wait for what was postponed."""
        self._remember("ReadinessRequirementDropped", event)

    @handles("ReleaseScopeFrozen")
    def frozen(self, event: StoredDomainEvent) -> None:
        """Know that no further requirement comes."""
        self._remember("ReadinessScopeKnown", event)

    def on_timeout(self, name: str) -> None:
        """Say aloud what the release still waits for."""
        if name == _ESCALATE and self.status == "waiting":
            self.record("ReadinessMissed", {"open": self.open})
            self._publish("ReleaseEscalated", {"due": self.due, "open": self.open})

    def _remember(self, event_type: str, event: StoredDomainEvent) -> None:
        if self.status not in ("waiting", "late"):
            return
        self.record(event_type, {"requirement": event.data.get("requirement", "")})
        if self.is_frozen and self.completed and not self.open:
            self.record("ReadinessReached", {"requirements": self.completed})
            self._publish("ReleaseReadinessAchieved", {"requirements": self.completed})
            self.cancel_timeout(_ESCALATE)

    def _publish(self, event_type: str, data: dict[str, Any]) -> None:
        self.publish(
            DomainEvent(
                event_type=event_type,
                aggregate_type="Release",
                aggregate_id=self.aggregate_id,
                data=data,
            )
        )

    # Fold

    @applies("ReadinessAwaited")
    def _awaited(self, event: DomainEvent | StoredDomainEvent) -> None:
        self.status = "waiting"
        self.due = event.data.get("due", "")

    @applies("ReadinessRequirementAwaited")
    def _one_more(self, event: DomainEvent | StoredDomainEvent) -> None:
        self.open.append(event.data.get("requirement", ""))

    @applies("ReadinessRequirementCompleted")
    def _one_done(self, event: DomainEvent | StoredDomainEvent) -> None:
        self.completed += 1
        self._one_fewer(event)

    @applies("ReadinessRequirementDropped")
    def _one_fewer(self, event: DomainEvent | StoredDomainEvent) -> None:
        requirement = event.data.get("requirement", "")
        self.open = [known for known in self.open if known != requirement]

    @applies("ReadinessScopeKnown")
    def _scope_known(self, _event: DomainEvent | StoredDomainEvent) -> None:
        self.is_frozen = True

    @applies("ReadinessMissed")
    def _missed(self, _event: DomainEvent | StoredDomainEvent) -> None:
        self.status = "late"

    @applies("ReadinessReached")
    def _reached(self, _event: DomainEvent | StoredDomainEvent) -> None:
        self.status = "ready"
