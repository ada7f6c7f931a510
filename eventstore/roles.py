"""What can be allowed, and which role allows it."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Permission(StrEnum):
    """One thing that a principal may do in one tenant."""

    #: See events without their payloads: types, ids, times, metadata.
    VIEW_EVENT = "view_event"
    #: See payloads, snapshots and states, but for what is declared personal.
    VIEW_PAYLOAD = "view_payload"
    #: See what is declared personal, and the address that a request came from.
    VIEW_PII = "view_pii"
    #: Append events.
    APPEND = "append"
    #: Append events that name somebody else as their actor; for machines between users
    #: and the log. Who sent them is kept beside.
    APPEND_AS = "append_as"
    #: Redact at once, without a second person; for hosts with a workflow of their own.
    REDACT = "redact"
    #: Take events out in bulk, as far as they may be seen.
    EXPORT = "export"
    #: Take out personal data in bulk.
    EXPORT_PII = "export_pii"
    #: Take out personal data, and very many events, without a second person, and be the
    #: second of others.
    APPROVE_EXPORT = "approve_export"
    #: Open the audit console.
    ACCESS_CONSOLE = "access_console"
    #: Search for everything about a person.
    SEARCH_SUBJECT = "search_subject"
    #: Draft a redaction and ask for its approval.
    REQUEST_REDACTION = "request_redaction"
    #: Approve or refuse the redactions that others request.
    APPROVE_REDACTION = "approve_redaction"
    #: Place holds, and ask for their release.
    MANAGE_HOLD = "manage_hold"
    #: Release holds.
    RELEASE_HOLD = "release_hold"
    #: See what oneself has looked at.
    VIEW_ACCESS_LOG = "view_access_log"
    #: See what everybody has looked at.
    VIEW_ALL_ACCESS_LOG = "view_all_access_log"
    #: Have the log's integrity verified, and see the outcome.
    VERIFY_INTEGRITY = "verify_integrity"
    #: See subscriptions, failures and metrics.
    VIEW_OPERATIONS = "view_operations"


class Role(TextChoices):
    """What a grant gives; :data:`PERMISSIONS` says what that means."""

    READER = "reader", _("Reader")
    PII_READER = "pii_reader", _("Reader of personal data")
    WRITER = "writer", _("Writer")
    GATEWAY = "gateway", _("Writer on behalf of others")
    REDACTOR = "redactor", _("Redactor")
    AUDITOR = "auditor", _("Auditor")
    LEAD_AUDITOR = "lead_auditor", _("Lead auditor")
    PRIVACY_OFFICER = "privacy_officer", _("Privacy officer")
    DPO = "dpo", _("Data protection officer")
    SECURITY = "security", _("Security")
    PLATFORM_ADMIN = "platform_admin", _("Platform administrator")


_READING = frozenset(
    {Permission.VIEW_EVENT, Permission.VIEW_PAYLOAD, Permission.EXPORT}
)
_CONSOLE = frozenset(
    {
        Permission.ACCESS_CONSOLE,
        Permission.VIEW_EVENT,
        Permission.VIEW_ACCESS_LOG,
        Permission.VERIFY_INTEGRITY,
    }
)
_AUDITING = _CONSOLE | _READING

#: Roles add up; none takes anything away. Whoever asks for a redaction or a hold does
#: not also approve it: no role has both, and the workflow checks the persons too.
PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.READER: _READING,
        Role.PII_READER: _READING | {Permission.VIEW_PII, Permission.EXPORT_PII},
        Role.WRITER: _READING | {Permission.APPEND},
        Role.GATEWAY: _READING | {Permission.APPEND, Permission.APPEND_AS},
        Role.REDACTOR: _READING | {Permission.REDACT},
        Role.AUDITOR: _AUDITING,
        Role.LEAD_AUDITOR: _AUDITING
        | {Permission.SEARCH_SUBJECT, Permission.VIEW_ALL_ACCESS_LOG},
        Role.PRIVACY_OFFICER: _AUDITING
        | {
            Permission.VIEW_PII,
            Permission.EXPORT_PII,
            Permission.SEARCH_SUBJECT,
            Permission.REQUEST_REDACTION,
            Permission.MANAGE_HOLD,
        },
        Role.DPO: _AUDITING
        | {
            Permission.VIEW_PII,
            Permission.EXPORT_PII,
            Permission.APPROVE_EXPORT,
            Permission.SEARCH_SUBJECT,
            Permission.APPROVE_REDACTION,
            Permission.RELEASE_HOLD,
            Permission.VIEW_ALL_ACCESS_LOG,
        },
        Role.SECURITY: _CONSOLE
        | {
            Permission.EXPORT,
            Permission.VIEW_ALL_ACCESS_LOG,
            Permission.VIEW_OPERATIONS,
        },
        Role.PLATFORM_ADMIN: _CONSOLE | {Permission.VIEW_OPERATIONS},
    }
)


def permissions_of_roles(roles: Iterable[str]) -> frozenset[Permission]:
    """Return what ``roles`` allow together; unknown ones allow nothing."""
    given = set(roles)
    return frozenset().union(
        *(allowed for role, allowed in PERMISSIONS.items() if role in given)
    )


def roles_with(permission: Permission | str) -> frozenset[Role]:
    """Return the roles that allow ``permission``.

    Raises:
        ValueError: there is no such permission.
    """
    wanted = Permission(permission)
    return frozenset(role for role, allowed in PERMISSIONS.items() if wanted in allowed)
