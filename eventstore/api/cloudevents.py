"""Events of the API given as CloudEvents 1.0, where ``Accept`` asks for them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotAcceptable
from rest_framework.permissions import SAFE_METHODS
from rest_framework.response import Response
from rest_framework.views import APIView

from eventstore import cloudevents
from eventstore.api.renderers import ExactJSONRenderer
from eventstore.exceptions import InvalidEvent
from eventstore.types import StoredDomainEvent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_framework.renderers import BaseRenderer
    from rest_framework.request import Request

_MOMENTS = ("occurred_at", "stored_at")


class CloudEventRenderer(ExactJSONRenderer):
    """One CloudEvent in structured mode."""

    media_type = cloudevents.MEDIA_TYPE
    format = "cloudevent"


class CloudEventBatchRenderer(ExactJSONRenderer):
    """A page of CloudEvents in batch mode; ``Link`` leads to the next one."""

    media_type = cloudevents.BATCH_MEDIA_TYPE
    format = "cloudevents"


class CloudEventsView(APIView):
    """A view some of whose actions answer with events.

    Attributes:
        gives_events: those actions, and how each writes CloudEvents.
    """

    gives_events: ClassVar[Mapping[str, type[ExactJSONRenderer]]] = {}

    def get_renderers(self) -> list[BaseRenderer]:
        """Offer CloudEvents where events are read; JSON comes first."""
        renderers = super().get_renderers()
        given = self.gives_events.get(getattr(self, "action", None) or "")
        request: Request | None = getattr(self, "request", None)
        if given and (request is None or request.method in SAFE_METHODS):
            renderers.append(given())
        return renderers

    def as_asked(self, answer: Response, request: Request) -> Response:
        """Return ``answer``, with its events as CloudEvents if they are to be.

        Raises:
            NotAcceptable: one of them cannot be a CloudEvent.
        """
        patch_vary_headers(answer, ["Accept"])
        match request.accepted_renderer:
            case CloudEventRenderer():
                answer.data = _written(answer.data)
            case CloudEventBatchRenderer():
                if answer.data["next"]:
                    answer["Link"] = f'<{answer.data["next"]}>; rel="next"'
                answer.data = [_written(row) for row in answer.data["results"]]
        return answer


def _written(row: Mapping[str, Any]) -> dict[str, Any]:
    values = {**row, "snapshot_id": row.get("snapshot_id"), "upcast_from": None}
    hidden = [
        pointer for pointer in row.get("hidden", ()) if pointer.startswith("/data")
    ]
    try:
        values |= {name: datetime.fromisoformat(row[name]) for name in _MOMENTS}
        document = cloudevents.to_cloudevent(StoredDomainEvent.from_fields(values))
    except InvalidEvent as fault:
        raise NotAcceptable(
            _("Event %(id)s cannot be a CloudEvent: %(fault)s Read it as JSON.")
            % {"id": row.get("event_id"), "fault": fault}
        ) from None
    except (KeyError, AttributeError):
        raise NotAcceptable(
            _("A CloudEvent needs all fields: leave ?fields= out, or read JSON.")
        ) from None
    return {**document, **({"hidden": " ".join(hidden)} if hidden else {})}
