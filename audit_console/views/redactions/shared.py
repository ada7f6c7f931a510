"""What the pages of one request share: its events, and acts that may be refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from audit_console.access import Act, Outcome
from audit_console.presenters.documents import Hidden
from audit_console.presenters.removals import Removal, removals
from audit_console.queries import redactions
from audit_console.queries.log_events import LogEvent
from audit_console.reading import look
from audit_console.sight import Sight
from audit_console.views.objects import LARGEST, ObjectPage
from eventstore.exceptions import InvalidEvent, RedactionRefused
from eventstore.models import EventRedaction, RedactionItem, RedactionRequest


@dataclass(frozen=True, slots=True)
class Line:
    """One event of a request, as a page shows it.

    Attributes:
        removals: what goes; empty once it is gone, for its record tells.
        record: of the removal.
    """

    item: RedactionItem
    event: LogEvent | None
    removals: list[Removal]
    record: EventRedaction | None = None


class RequestPage(ObjectPage):
    """A page of one request, ``redactions/<key>/...``."""

    act = Act.VIEW_REDACTION
    room: ClassVar[str] = "redactions"
    shows_payload: ClassVar[bool] = True

    def find(self) -> RedactionRequest:
        """Return the request that the address names.

        Raises:
            Http404: there is none, or not for this reader.
        """
        key = min(self.kwargs["key"], LARGEST)
        found = redactions.find(self.reading, key, self.scope.mine)
        if found is None:
            raise Http404
        self.seen.tenants = [found.tenant_id]
        self.seen.objects = [f"redaction:{found.pk}"]
        return found

    def find_first(self) -> RedactionRequest:
        """Return it for a ``post``, which reads before it writes."""
        with look(self.scope.mine) as self.reading:
            return self.find()

    def lines(
        self, request: RedactionRequest, items: Sequence[RedactionItem]
    ) -> list[Line]:
        """Return events of a request with what goes, as this reader may see it."""
        sight = self.sight(request.tenant_id)
        events = redactions.events_at(
            self.reading,
            (request.tenant_id,),
            [item.position for item in items],
            with_payload=sight.payloads,
        )
        self.seen.objects += [f"event:{position}" for position in events]
        records = redactions.records_of(self.reading, request, items)
        return [
            _line(item, events.get(item.position), records.get(item.position), sight)
            for item in items
        ]

    def attempt(self, act: Act, do: Callable[[], Any]) -> bool:
        """Do it, on record before; say why when it is refused."""
        self.done(act)
        try:
            do()
        except (RedactionRefused, InvalidEvent) as error:
            self.done(act, Outcome.DENIED)
            messages.error(self.request, str(error))
            return False
        return True


def documents_of(event: LogEvent, sight: Sight) -> dict[str, Any]:
    """Return the two documents of an event without what the reader may not see."""
    data = sight.mask.apply(event.data, "/data") if sight.payloads else Hidden()
    return {"data": data, "metadata": sight.mask.apply(event.metadata, "/metadata")}


def lead_to(request: RedactionRequest, page: str = "redaction") -> HttpResponse:
    """Redirect to a page of a request, with GET."""
    address = reverse(f"audit_console:{page}", args=(request.pk,))
    return HttpResponseRedirect(address)


def _line(
    item: RedactionItem,
    event: LogEvent | None,
    record: EventRedaction | None,
    sight: Sight,
) -> Line:
    if event is None or item.is_done:
        return Line(item, event, [], record)
    return Line(item, event, removals(documents_of(event, sight), item.fields))
