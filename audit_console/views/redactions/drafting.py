"""A new draft from chosen events, and what of each event goes."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from audit_console.access import Act
from audit_console.forms import NewRedactionForm
from audit_console.presenters.removals import choices, leads_somewhere
from audit_console.queries import redactions
from audit_console.queries.aggregates import Key
from audit_console.queries.log_events import LogEvent
from audit_console.reading import look
from audit_console.views.objects import LARGEST
from audit_console.views.redactions.shared import (
    RequestPage,
    documents_of,
    lead_to,
)
from eventstore import redaction
from eventstore.models import RedactionItem, RedactionRequest
from eventstore.redaction import MAX_EVENTS
from eventstore.roles import Permission
from eventstore.types import new_event_id


class NewRequestPage(RequestPage):
    """The events ``?e=<position>``, or those of an aggregate, and why."""

    http_method_names = ["get", "head", "options", "post"]
    permission = Permission.REQUEST_REDACTION
    act = Act.DRAFT_REDACTION
    template_name = "audit_console/redactions/new.html"
    title = _("Draft a redaction")
    shows_payload = False

    def context(self) -> dict[str, Any]:
        """Return the events that exist and may be asked for, by tenant."""
        positions = self._positions()
        wanted = positions[:MAX_EVENTS]
        found = redactions.events_at(self.reading, self.scope.mine, wanted)
        tenants: dict[str, list[LogEvent]] = defaultdict(list)
        for event in found.values():
            tenants[event.tenant_id].append(event)
        self.seen.tenants = sorted(tenants) or None
        self.seen.objects = [f"event:{position}" for position in found]
        return {
            "events": list(found.values()),
            "tenants": [
                (tenant_id, len(events), _address_of(events))
                for tenant_id, events in sorted(tenants.items())
            ],
            "missing": len(wanted) - len(found),
            "is_too_many": len(positions) > MAX_EVENTS,
            "limit": MAX_EVENTS,
            "form": NewRedactionForm(initial={"token": new_event_id()}),
        }

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make the draft."""
        form = NewRedactionForm(request.POST)
        if not form.is_valid():
            return self.show(form=form)
        made: list[RedactionRequest] = []
        self.seen.objects = [f"event:{position}" for position in self._sent]
        if not self.attempt(
            Act.DRAFT_REDACTION,
            lambda: made.append(
                redaction.draft(request.user, self._sent, **form.cleaned_data)
            ),
        ):
            return self.show(form=form)
        return lead_to(made[0])

    def _positions(self) -> list[int]:
        if self.request.method == "POST":
            return self._sent
        if "id" in self.request.GET:
            key = Key(self.tenant(), self.text("type"), self.text("id"))
            return redactions.positions_of(self.reading, key)
        return _numbers(self.request.GET.getlist("e"))

    @cached_property
    def _sent(self) -> list[int]:
        return _numbers(self.request.POST.getlist("e"))


class FieldsPage(RequestPage):
    """What of one event goes: its whole payload, or chosen places."""

    http_method_names = ["get", "head", "options", "post"]
    permission = Permission.REQUEST_REDACTION
    template_name = "audit_console/redactions/fields.html"
    title = _("Choose what goes")

    def context(self) -> dict[str, Any]:
        """Return the event and its places."""
        found = self.find()
        item, event = self._event(found)
        sight = self.sight(found.tenant_id)
        # What was ticked and is refused is shown again as it was ticked.
        is_sent = self.request.method == "POST"
        ticked = self.request.POST.getlist("field") if is_sent else item.fields
        offered, is_cut = choices(documents_of(event, sight), ticked)
        self.seen.objects += [f"event:{event.position}"]
        return {
            "request_shown": found,
            "item": item,
            "event": event,
            "sight": sight,
            "choices": offered,
            "is_cut": is_cut,
            "same": len(self._same(found, item)) - 1,
            "is_open": found.status == found.Status.DRAFT
            and found.requester_id == str(self.request.user.pk),
        }

    def post(self, request: HttpRequest, key: int, position: int) -> HttpResponse:
        """Keep the choice, for this event or for all of its type."""
        with look(self.scope.mine) as self.reading:
            found = self.find()
            item, event = self._event(found)
            contradicts = self._contradicts(item)
            chosen = self._chosen(found, item, event)
        if contradicts:
            messages.error(
                request,
                _("You ticked fields, and chose the whole payload: which is it?"),
            )
            return self.show()
        if chosen is None:
            messages.error(request, _("Choose at least one field."))
            return self._again(found, item)
        if not self.attempt(
            Act.DRAFT_REDACTION,
            lambda: redaction.choose_fields(request.user, found, chosen),
        ):
            return self._again(found, item)
        text = ngettext(
            "Chosen for %(n)d event.", "Chosen for %(n)d events.", len(chosen)
        )
        messages.success(request, text % {"n": len(chosen)})
        return lead_to(found)

    def _contradicts(self, item: RedactionItem) -> bool:
        """Return whether fields were ticked beside the choice of the whole payload.

        Those that were chosen before are ticked already when somebody thinks better.
        """
        post = self.request.POST
        ticked = set(post.getlist("field")) - set(item.fields)
        return post.get("what") != "fields" and bool(ticked)

    def _chosen(
        self, request: RedactionRequest, item: RedactionItem, event: LogEvent
    ) -> dict[int, list[str]] | None:
        """Return what goes by position; ``None`` when nothing is chosen.

        A place that the reader does not see cannot be chosen, for the answer would
        tell whether it exists.
        """
        post = self.request.POST
        wants_fields = post.get("what") == "fields"
        same = post.get("same") == "1"
        items = self._same(request, item) if same else [item]
        if not wants_fields:
            return {each.position: [] for each in items}
        sight = self.sight(request.tenant_id)
        events = {event.position: event}
        if same:
            events = redactions.events_at(
                self.reading,
                (request.tenant_id,),
                [each.position for each in items],
                with_payload=sight.payloads,
            )
        found = {}
        for position, each in events.items():
            documents = documents_of(each, sight)
            places = [
                pointer
                for pointer in post.getlist("field")
                if leads_somewhere(documents, pointer)
            ]
            if places:
                found[position] = places
        return found if item.position in found else None

    def _event(self, request: RedactionRequest) -> tuple[RedactionItem, LogEvent]:
        position = min(self.kwargs["position"], LARGEST)
        items = redactions.items_of(self.reading, request)
        events = redactions.events_at(
            self.reading,
            (request.tenant_id,),
            [position],
            with_payload=self.sight(request.tenant_id).payloads,
        )
        for item in items:
            if item.position == position and position in events:
                return item, events[position]
        raise Http404

    def _same(
        self, request: RedactionRequest, item: RedactionItem
    ) -> list[RedactionItem]:
        items = redactions.items_of(self.reading, request)
        return [each for each in items if each.event_type == item.event_type]

    def _again(self, request: RedactionRequest, item: RedactionItem) -> HttpResponse:
        response = lead_to(request)
        response["Location"] = reverse(
            "audit_console:redaction_fields", args=(request.pk, item.position)
        )
        return response


def _numbers(texts: list[str]) -> list[int]:
    """Return the positions among ``texts``, each once, in order."""
    found = (int(text[:19]) for text in texts if text.isascii() and text[:19].isdigit())
    return list(dict.fromkeys(min(position, LARGEST) for position in found))


def _address_of(events: list[LogEvent]) -> str:
    query = urlencode({"e": [event.position for event in events]}, doseq=True)
    return f"{reverse('audit_console:redaction_new')}?{query}"
