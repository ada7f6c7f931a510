"""How the payload of ``RequirementApproved`` changed: v1 -> v2 -> v3.

Found by autodiscovery. Old events stay as they were written; they are lifted when
they are read.
"""

from __future__ import annotations

from typing import Any

from eventstore import event_migrations


@event_migrations.migration("RequirementApproved", "v1", "v2")
def add_approver_role(data: dict[str, Any]) -> dict[str, Any]:
    """Until v2 only reviewers could approve."""
    return {"approverRole": "REVIEWER", **data}


@event_migrations.migration("RequirementApproved", "v2", "v3")
def add_approval_timestamp(data: dict[str, Any]) -> dict[str, Any]:
    """Before v3 the moment was not written down.

    ``None`` and not the time of reading: a migration gives the same result always.
    """
    return {"approvalTimestamp": None, **data}
