"""What one export may do today: grants are asked again whenever a worker begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth import get_user_model
from django.http import QueryDict
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from audit_console import queries
from audit_console.conf import console_settings
from audit_console.exports import approving, manifest
from audit_console.models import Export
from audit_console.queries import Asked
from audit_console.scope import Scope
from eventstore.grants import permissions_of
from eventstore.roles import Permission

#: What takes personal data out of the console.
PERSONAL = frozenset({Permission.VIEW_PII, Permission.EXPORT_PII})


class ExportRefusedError(Exception):
    """This export is not made; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done.

    Attributes:
        asked: the list, as the screen showed it.
        scope: what its owner may do today.
        permissions: what of the documents may leave, in all of the tenants.
        facts: what the file says about itself.
    """

    asked: Asked
    scope: Scope
    permissions: frozenset[Permission]
    facts: dict[str, Any]


def plan(export: Export) -> Plan:
    """Return what is to be done for ``export``.

    Raises:
        ExportRefusedError: its owner may no longer take this out, or it cannot be read.
    """
    owner = get_user_model().objects.filter(pk=export.owner_key, is_active=True).first()
    if owner is None:
        raise ExportRefusedError(_("Whoever asked for it has no account any more."))
    granted = permissions_of(owner)
    scope = Scope(owner, granted, tuple(granted), tuple(export.tenants))
    permissions = allowed(scope, with_personal=export.with_personal)
    refuse_unapproved(export, scope, events=export.events)
    asked = queries.read(
        QueryDict(export.parameters), scope, ZoneInfo(export.zone), kept=export.kept
    )
    if asked.faults:
        raise ExportRefusedError(" ".join(fault.message for fault in asked.faults))
    return Plan(asked, scope, permissions, manifest.facts(export, permissions))


def allowed(scope: Scope, *, with_personal: bool) -> frozenset[Permission]:
    """Return what an export of the scope's tenants may show of documents.

    Raises:
        ExportRefusedError: the grants do not include it.
    """
    if not scope.may(Permission.EXPORT):
        raise ExportRefusedError(_("The grants for this export were withdrawn."))
    if with_personal and not all(map(scope.may, PERSONAL)):
        raise ExportRefusedError(
            _("The grants to export personal data were withdrawn.")
        )
    found = {Permission.VIEW_PAYLOAD} if scope.may(Permission.VIEW_PAYLOAD) else set()
    return frozenset(found | ({Permission.VIEW_PII} if with_personal else set()))


def refuse_unapproved(export: Export, scope: Scope, *, events: int) -> None:
    """Refuse what needs a second person and has none: by now, or with so many events.

    Raises:
        ExportRefusedError: nobody has approved it.
    """
    missing = approving.unapproved(export, scope, events=events)
    if Export.Reason.PERSONAL in missing:
        raise ExportRefusedError(
            _(
                "Personal data leave when a second person has approved it, and nobody "
                "was asked: ask for it again."
            )
        )
    if Export.Reason.EVENTS in missing:
        limit = console_settings().EXPORT_SECOND_PERSON_EVENTS
        raise ExportRefusedError(
            _(
                "More than %(n)s events match. So many leave when a second person has "
                "approved it, and nobody was asked: ask for it again."
            )
            % {"n": number_format(limit, force_grouping=True)}
        )


def cap_of(kind: str) -> int:
    """Return how many events a file of this format may have."""
    conf = console_settings()
    if kind == Export.Format.HTML:
        return min(conf.EXPORT_MAX_EVENTS, conf.EXPORT_MAX_REPORT_EVENTS)
    return conf.EXPORT_MAX_EVENTS


def too_many(cap: int) -> str:
    """Return what to tell whoever asked for more than ``cap`` events."""
    return _(
        "More than %(cap)s events match, the most that one such file may have. Nothing "
        "was left out in silence, so nothing was written: take shorter ranges, one "
        "export each."
    ) % {"cap": number_format(cap, force_grouping=True)}
