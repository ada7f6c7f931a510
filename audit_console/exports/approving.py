"""Whether an export leaves with one person alone, or with a second one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audit_console.conf import console_settings
from audit_console.models import Export
from eventstore.grants import people_with
from eventstore.roles import Permission

if TYPE_CHECKING:
    from collections.abc import Sequence

    from audit_console.scope import Scope

Reason = Export.Reason


def reasons(scope: Scope, *, with_personal: bool, events: int) -> list[str]:
    """Return why an export of the scope's tenants waits for somebody else; if at all.

    Args:
        scope: of whoever takes it out.
        with_personal: whether personal data are to be in it.
        events: how many are; where nobody has counted them, how many there can be.
    """
    if scope.may(Permission.APPROVE_EXPORT):
        return []
    conf = console_settings()
    found: list[str] = []
    if with_personal and conf.EXPORT_SECOND_PERSON:
        found.append(Reason.PERSONAL)
    if events > conf.EXPORT_SECOND_PERSON_EVENTS:
        found.append(Reason.EVENTS)
    return found


def unapproved(export: Export, scope: Scope, *, events: int) -> list[str]:
    """Return what nobody has approved of an export, and somebody must by now.

    Args:
        export: with what its second person was asked about.
        scope: what its owner may do today.
        events: how many it has.
    """
    approved = export.approval_reasons if export.approver_key else []
    needed = reasons(scope, with_personal=export.with_personal, events=events)
    return [reason for reason in needed if reason not in approved]


def seconds(owner_key: str, tenants: Sequence[str]) -> list[Any]:
    """Return who could be the second person: somebody else, allowed in each tenant."""
    able = [
        {
            str(person.pk): person
            for person in people_with(Permission.APPROVE_EXPORT, tenant)
        }
        for tenant in tenants
    ]
    common = set.intersection(*map(set, able)) - {owner_key}
    return [able[0][key] for key in sorted(common)]


def may_decide(user_key: str, scope: Scope, export: Export) -> bool:
    """Return whether a reader is the second person of an export that waits for one."""
    return (
        export.state == Export.State.WAITING
        and export.owner_key != user_key
        and all(
            scope.may(Permission.APPROVE_EXPORT, tenant) for tenant in export.tenants
        )
    )
