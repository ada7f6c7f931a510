"""Whether personal data leave with one person alone, or with a second one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audit_console.conf import console_settings
from audit_console.models import Export
from eventstore.grants import people_with
from eventstore.roles import Permission

if TYPE_CHECKING:
    from collections.abc import Sequence

    from audit_console.scope import Scope


def needs_second(scope: Scope, *, with_personal: bool) -> bool:
    """Return whether an export of the scope's tenants waits for somebody else."""
    is_asked = with_personal and console_settings().EXPORT_SECOND_PERSON
    return is_asked and not scope.may(Permission.APPROVE_EXPORT)


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
