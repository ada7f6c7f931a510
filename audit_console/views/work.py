"""What waits for somebody: the cards of the overview that are not about events."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit_console.exports import requests
from audit_console.models import Export
from audit_console.queries import redactions
from audit_console.reading import Reading
from audit_console.scope import Scope
from eventstore.models import RedactionRequest
from eventstore.roles import Permission


@dataclass(frozen=True, slots=True)
class Card:
    """A number, what it counts, and where that is.

    Attributes:
        is_for_reader: whether the reader is one of those who can move it on.
    """

    label: str
    number: int
    note: str
    url: str
    is_for_reader: bool = False


def cards(user: Any, scope: Scope, reading: Reading) -> list[Card]:
    """Return the cards of the rooms that the reader may enter."""
    found = [_redactions(user, scope, reading)]
    if scope.may(Permission.EXPORT):
        found.append(_exports(user, scope))
    return found


def _redactions(user: Any, scope: Scope, reading: Reading) -> Card:
    waiting = redactions.waiting(reading, scope.tenants)
    own = sum(
        scope.may(Permission.APPROVE_REDACTION, tenant) and requester != str(user.pk)
        for tenant, requester in waiting
    )
    if own:
        note = ngettext("%(n)s waits for you", "%(n)s wait for you", own) % {"n": own}
    else:
        note = _("for a second person") if waiting else _("nobody waits")
    query: dict[str, Any] = {"tenant": scope.values}
    if waiting:
        query["status"] = RedactionRequest.Status.SUBMITTED
    return Card(
        label=_("Redactions to approve"),
        number=len(waiting),
        note=note,
        url=f"{reverse('audit_console:redactions')}?{urlencode(query, doseq=True)}",
        is_for_reader=bool(own),
    )


def _exports(user: Any, scope: Scope) -> Card:
    rows = requests.visible(str(user.pk), scope)
    states = Counter(rows.values_list("state", flat=True))
    active = states[Export.State.QUEUED] + states[Export.State.RUNNING]
    return Card(
        label=_("Exports under way"),
        number=active,
        note=_("%(ready)s ready, %(failed)s failed")
        % {"ready": states[Export.State.READY], "failed": states[Export.State.FAILED]},
        url=reverse("audit_console:exports"),
    )
