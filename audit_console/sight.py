"""What a reader may see of the documents of an event."""

from __future__ import annotations

from dataclasses import dataclass, field

from audit_console.presenters.masking import Mask
from audit_console.scope import Scope
from eventstore.disclosure import personal_paths
from eventstore.roles import Permission


@dataclass(frozen=True, slots=True)
class Sight:
    """What one reader sees in one tenant.

    Attributes:
        payloads: whether payloads and states are shown at all.
        mask: what is hidden in documents that are shown.
    """

    payloads: bool
    mask: Mask = field(default_factory=Mask)


def sight_in(scope: Scope, tenant_id: str) -> Sight:
    """Return what the reader of a page sees in a tenant."""
    everything = scope.may(Permission.VIEW_PII, tenant_id)
    return Sight(
        scope.may(Permission.VIEW_PAYLOAD, tenant_id),
        Mask() if everything else Mask(personal_paths()),
    )
