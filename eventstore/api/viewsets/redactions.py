"""The redactions of an event: their records, and one more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.response import Response

from eventstore.api.appending.actors import actor_of
from eventstore.api.appending.faults import Faults, at
from eventstore.api.parsers import Body, ExactJSONParser, body_of
from eventstore.api.refusals import InvalidBody, allow_parameters
from eventstore.api.serializers import written
from eventstore.api.viewsets import rows
from eventstore.api.viewsets.scope import ScopedViewSet
from eventstore.event_publisher import publisher
from eventstore.roles import Permission

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

    from eventstore.models import StoredEvent
    from eventstore.types import Redaction

_FIELDS = frozenset({"fields", "reason"})


class EventRedactionViewSet(ScopedViewSet):
    """What was removed from an event; never what it was."""

    parser_classes = (ExactJSONParser,)
    identity = ("event_id",)
    needs = {"list": Permission.VIEW_EVENT, "create": Permission.REDACT}

    def get_queryset(self) -> QuerySet[StoredEvent]:
        """Return the events."""
        return rows.events()

    def list(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        """Return the records of one event, the newest first."""
        allow_parameters(request, "tenant")
        event = self.get_object()
        found = publisher.store.get_redactions(event.event_id, event.tenant_id)
        return Response({"results": [_record(redaction) for redaction in found]})

    def create(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        """Remove the whole payload, or the values that ``fields`` point to.

        What is gone already stays gone, and its record is the answer.
        """
        allow_parameters(request, "tenant")
        event = self.get_object()
        fields, reason = _read(body_of(request))
        redaction = publisher.redact_event(
            event.event_id,
            event.tenant_id,
            fields,
            reason=reason,
            actor=actor_of(request.user),
        )
        return Response(_record(redaction), status.HTTP_201_CREATED)


def _read(body: Body) -> tuple[list[str] | None, str]:
    """Return the pointers, ``None`` for the whole payload, and the reason."""
    faults = Faults()
    document = body.document
    if not isinstance(document, dict):
        faults.add(at()(()), _("must be a JSON object."))
        faults.raise_any(InvalidBody)
    for name in document.keys() - _FIELDS:
        faults.add(at(name)(()), _("is unknown; known are fields, reason."))
    reason = document.get("reason")
    if not isinstance(reason, str) or not reason.strip():
        faults.add(at("reason")(()), _("must say why, for the record."))
    fields = document.get("fields")
    # An empty list would be the whole payload to the store, and to nobody else.
    if "fields" in document and not (isinstance(fields, list) and fields):
        faults.add(
            at("fields")(()),
            _("must be a list of JSON pointers; leave it out for the whole payload."),
        )
    faults.raise_any(InvalidBody)
    return fields, str(reason)


def _record(redaction: Redaction) -> dict[str, Any]:
    return {
        "redaction_id": redaction.redaction_id,
        "event_id": redaction.event_id,
        "tenant_id": redaction.tenant_id,
        "position": redaction.position,
        "fields": list(redaction.fields),
        "reason": redaction.reason,
        "actor": redaction.actor,
        "request_id": redaction.request_id,
        "kind": redaction.kind,
        "recorded_at": written(redaction.recorded_at),
    }
