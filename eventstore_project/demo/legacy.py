"""What the demo's code of earlier months wrote: the old shapes that upcasting lifts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from eventstore import DomainEvent
from eventstore_project.demo import clock
from eventstore_project.demo.requirement import Requirement

#: For how long after the story's begin each version was written.
V1_ENDS = timedelta(days=30)
V2_ENDS = timedelta(days=60)


def approve(
    requirement: Requirement, begin: datetime, *, approver: str, role: str, comment: str
) -> DomainEvent:
    """Approve with the payload of the story's day: v1, v2 or today's v3."""
    age = clock.now() - begin
    if age >= V2_ENDS:
        return requirement.approve(approver=approver, role=role, comment=comment)
    data: dict[str, Any] = {"approver": approver, "comment": comment}
    if age >= V1_ENDS:
        data["approverRole"] = role
    return requirement.record(
        "RequirementApproved",
        data,
        event_version="v2" if age >= V1_ENDS else "v1",
        occurred_at=clock.now(),
    )
