"""One request under its lock, and the lines of its timeline."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from eventstore.conf import store_settings
from eventstore.exceptions import RedactionRefused
from eventstore.models import RedactionRequest, RedactionStep
from eventstore.models.redaction_request import RedactionStatus
from eventstore.tenancy import scoped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventstore.redaction.people import Person


def alias() -> str:
    """Return the alias of the store's database."""
    return store_settings().DATABASE


@contextlib.contextmanager
def locked(request: RedactionRequest) -> Iterator[RedactionRequest]:
    """Open a transaction in which nobody else changes the request; give it as it is.

    Raises:
        RedactionRefused: there is no such request.
    """
    with scoped((request.tenant_id,)):
        current = (
            RedactionRequest.objects.using(alias())
            .select_for_update()
            .filter(pk=request.pk, tenant_id=request.tenant_id)
            .first()
        )
        if current is None:
            raise RedactionRefused(_("There is no such request."))
        yield current


def move(request: RedactionRequest, to: RedactionStatus, *changed: str) -> None:
    """Give a locked request its new status, with the fields that change along."""
    request.status = to
    request.save(using=alias(), update_fields=["status", *changed])


def note(
    request: RedactionRequest, act: RedactionStep.Act, who: Person, text: str = ""
) -> None:
    """Add a line to the timeline, in the transaction of what it tells of."""
    RedactionStep.objects.using(alias()).create(
        request=request,
        tenant_id=request.tenant_id,
        act=act,
        actor_id=who.id,
        actor_name=who.name,
        note=text,
    )


def refuse_unless(request: RedactionRequest, *allowed: RedactionStatus) -> None:
    """Refuse what the status does not allow.

    Raises:
        RedactionRefused: it is none of ``allowed``.
    """
    if request.status not in allowed:
        raise RedactionRefused(
            _("%(number)s is no longer open for this; its status: %(status)s.")
            % {"number": request, "status": request.get_status_display()}
        )
