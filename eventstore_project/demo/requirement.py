"""Requirement: what somebody wants, from the first wish to the passed test."""

from __future__ import annotations

from typing import Any

from eventstore import (
    Aggregate,
    DomainEvent,
    StoredDomainEvent,
    applies,
    register_aggregate,
)
from eventstore_project.demo import clock
from eventstore_project.demo.errors import NotPossibleNow


@register_aggregate
class Requirement(Aggregate):
    """Created, analysed, approved or rejected (and revised), verified."""

    aggregate_type = "Requirement"
    snapshot_every = 10

    def __init__(self, aggregate_id: str) -> None:
        """Begin as nothing."""
        super().__init__(aggregate_id)
        self.status = ""
        self.title: Any = ""
        self.score: int | None = None
        self.release = ""

    # Acts

    def create(self, *, title: str, requester: dict[str, str], **more: Any) -> None:
        """Write down what somebody wants; ``requester`` has a name and an e-mail."""
        self._must_be("", "create")
        self._happened(
            "RequirementCreated", {"title": title, "requester": requester, **more}
        )

    def comment(self, text: str) -> None:
        """Add to the discussion."""
        self._happened("RequirementCommented", {"text": text})

    def analyse(self, *, score: int, risk: str, affected: list[str]) -> None:
        """Judge worth and risk; ``score`` goes from 0 to 100."""
        self._must_be("draft", "analyse")
        self._happened(
            "RequirementAnalysed", {"score": score, "risk": risk, "affected": affected}
        )

    def approve(self, *, approver: str, role: str, comment: str) -> DomainEvent:
        """Decide that it will be built."""
        self._must_be("analysed", "approve")
        return self._happened(
            "RequirementApproved",
            {
                "approver": approver,
                "comment": comment,
                "approverRole": role,
                "approvalTimestamp": clock.now().isoformat(),
            },
            event_version="v3",
        )

    def reject(self, *, reason: str) -> None:
        """Decide that it will not be built like this."""
        self._must_be("analysed", "reject")
        self._happened("RequirementRejected", {"reason": reason})

    def revise(self, *, title: str, change: str) -> None:
        """Write it anew after a rejection."""
        self._must_be("rejected", "revise")
        self._happened("RequirementRevised", {"title": title, "change": change})

    def verify(self, *, release: str, tests: int, failures: list[str]) -> None:
        """Note the result of its acceptance tests."""
        self._must_be("approved", "verify")
        name = "RequirementVerificationFailed" if failures else "RequirementVerified"
        data: dict[str, Any] = {"release": release, "tests": tests}
        self._happened(name, {**data, "failures": failures} if failures else data)

    # Fold; a redacted value is a marker where the value was

    @applies("RequirementCreated")
    def _created(self, event: DomainEvent | StoredDomainEvent) -> None:
        self.status = "draft"
        self.title = event.data.get("title", "")

    @applies("RequirementAnalysed")
    def _analysed(self, event: DomainEvent | StoredDomainEvent) -> None:
        self.status = "analysed"
        self.score = event.data.get("score")

    @applies("RequirementApproved")
    def _approved(self, _event: DomainEvent | StoredDomainEvent) -> None:
        self.status = "approved"

    @applies("RequirementRejected")
    def _rejected(self, _event: DomainEvent | StoredDomainEvent) -> None:
        self.status = "rejected"

    @applies("RequirementRevised")
    def _revised(self, event: DomainEvent | StoredDomainEvent) -> None:
        self.status = "draft"
        self.title = event.data.get("title", self.title)

    @applies("RequirementVerified")
    def _verified(self, event: DomainEvent | StoredDomainEvent) -> None:
        self.status = "verified"
        self.release = event.data.get("release", "")

    def _must_be(self, status: str, act: str) -> None:
        if self.status != status:
            raise NotPossibleNow(
                f"Cannot {act} requirement {self.aggregate_id}: it is "
                f"{self.status or 'not created yet'}."
            )

    def _happened(
        self, event_type: str, data: dict[str, Any], *, event_version: str = "v1"
    ) -> DomainEvent:
        return self.record(
            event_type, data, event_version=event_version, occurred_at=clock.now()
        )
