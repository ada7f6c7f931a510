"""Which values a person may ask for: a filter on a hidden value would reveal it."""

from __future__ import annotations

from typing import Protocol

from django.utils.translation import gettext as _

from audit_console.language import Clause
from eventstore import disclosure
from eventstore.roles import Permission

#: Fields that stand for a value of the metadata.
_METADATA = {
    "ip": ("ip",),
    "actor": ("actor", "id"),
    "actor.kind": ("actor", "type"),
    "corr": ("correlation_id",),
    "cause": ("causation_id",),
}


class Allowance(Protocol):
    """What answers who may do what: a ``Scope``."""

    def may(self, permission: Permission) -> bool:
        """Return whether ``permission`` is given in all tenants that are asked."""


def is_personal(clause: Clause) -> bool:
    """Return whether ``clause`` asks for a value that is declared personal."""
    if clause.field in _METADATA:
        return disclosure.is_personal(("metadata", *_METADATA[clause.field]))
    if not clause.path:
        return False
    base = "data" if str(clause.field).startswith("data.") else "metadata"
    return disclosure.is_personal((base, *clause.path))


def refusal(clause: Clause, allowed: Allowance) -> str:
    """Return why this person may not ask ``clause``; "" if they may."""
    if str(clause.field).startswith("data.") and not allowed.may(
        Permission.VIEW_PAYLOAD
    ):
        return _("your grants do not show payloads, so they cannot be searched.")
    if is_personal(clause) and not allowed.may(Permission.VIEW_PII):
        return _(
            "“%(field)s” is declared personal: only who may see personal data can ask."
        ) % {"field": clause.field}
    return ""
