"""What a reader may see of the documents of an event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from audit_console.presenters.documents import Hidden, visible
from audit_console.presenters.masking import Mask
from audit_console.scope import Scope
from eventstore.disclosure import personal_paths
from eventstore.roles import Permission

#: What stands for a name that is hidden.
HIDDEN = "••••"


@dataclass(frozen=True, slots=True)
class Sight:
    """What one reader sees in one tenant.

    Attributes:
        payloads: whether payloads and states are shown at all.
        mask: what is hidden in documents that are shown.
    """

    payloads: bool
    mask: Mask = field(default_factory=Mask)

    def actor(self, actor: Mapping[str, Any]) -> dict[str, Any]:
        """Return an actor as far as it may be seen: its texts and numbers."""
        shown = self.mask.apply(actor, "/metadata/actor")
        if isinstance(shown, Hidden):
            return {"name": _("•••• (personal)")}
        return {
            key: HIDDEN if isinstance(value, Hidden) else value
            for key, value in shown.items()
            if isinstance(value, Hidden) or not isinstance(value, dict | list)
        }

    def name_of(self, actor: Mapping[str, Any]) -> str:
        """Return what to call an actor, as far as it may be seen; "" for nobody."""
        shown = self.mask.apply(actor, "/metadata/actor")
        if isinstance(shown, Hidden):
            return HIDDEN
        name = shown.get("name") or shown.get("id")
        if isinstance(name, Hidden):
            return HIDDEN
        return visible(str(name)) if name else ""


def sight_in(scope: Scope, tenant_id: str) -> Sight:
    """Return what the reader of a page sees in a tenant."""
    everything = scope.may(Permission.VIEW_PII, tenant_id)
    return Sight(
        scope.may(Permission.VIEW_PAYLOAD, tenant_id),
        Mask() if everything else Mask(personal_paths()),
    )
