"""One event: what it changed, what it holds, what led to it and what followed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from audit_console.access import Act
from audit_console.language import Clause, Exact
from audit_console.presenters import diff, documents, tree, versions
from audit_console.presenters.documents import Hidden
from audit_console.presenters.tree import Mark
from audit_console.presenters.versions import Column, Lifted
from audit_console.queries import event as asked
from audit_console.queries import states
from audit_console.queries.aggregates import key_of
from audit_console.queries.asked import begin_text, end_text
from audit_console.queries.event import RedactionNote
from audit_console.queries.log_events import LogEvent
from audit_console.queries.permitted import is_personal
from audit_console.reading import look
from audit_console.sight import Sight
from audit_console.views.objects import LARGEST, ObjectPage
from audit_console.views.results import in_results
from eventstore.exceptions import MigrationError
from eventstore.roles import Permission
from eventstore.upcasting import event_migrations

#: How much of the exact text of a document a page carries.
_CARRIED = 200_000
#: How far around an event its actor's other acts are listed.
_NEARBY = timedelta(minutes=5)


class OneEventPage(ObjectPage):
    """A page of the event at a position."""

    act = Act.VIEW_EVENT

    def find(self) -> LogEvent:
        """Return the event that the address names, with the payload if it may be seen.

        Raises:
            Http404: there is none up to the horizon, or not for this reader.
        """
        position = min(self.kwargs["position"], LARGEST)
        event = asked.at(self.reading, position, self.scope.mine)
        if event is None:
            raise Http404
        self.seen.tenants = [event.tenant_id]
        self.seen.objects = [f"event:{event.position}"]
        if self.sight(event.tenant_id).payloads:
            return asked.with_payload(self.reading, event)
        return event


class EventPage(OneEventPage):
    """Everything about one event."""

    template_name = "audit_console/events/page.html"
    fragments = {"unfolded": "audit_console/events/_unfolded.html"}
    shows_payload: ClassVar[bool] = True

    def context(self) -> dict[str, Any]:
        """Return the event, its documents and its relatives; unfolded in a list, less.

        What surrounds an event is what a list shows already.
        """
        event = self.find()
        sight = self.sight(event.tenant_id)
        holds = self._holds(event, sight)
        return holds if self.is_fragment else holds | self._surrounded(event, sight)

    def _holds(self, event: LogEvent, sight: Sight) -> dict[str, Any]:
        notes = asked.redactions(self.reading, event)
        context = {
            "event": event,
            "sight": sight,
            "notes": notes,
            "removal": asked.removal_by(self.reading, event),
            "metadata": document_of(event.metadata, "/metadata", notes, sight),
        }
        if sight.payloads:
            context |= {
                "payload": document_of(event.data, "/data", notes, sight),
                "change": change_of(self, event, sight),
                "versions": versions_of(event, notes, sight),
            }
        return context

    def _surrounded(self, event: LogEvent, sight: Sight) -> dict[str, Any]:
        results = in_results(self.request, self.scope, self.reading, event)
        self.seen.query = results.query if results else ""
        self.title = documents.visible(f"{event.event_type} · {event.position}")
        context = {
            "neighbours": asked.neighbours(self.reading, event),
            "may_request_redaction": self.scope.may(
                Permission.REQUEST_REDACTION, event.tenant_id
            ),
            "cause": asked.cause(self.reading, event),
            "effects": asked.effects(self.reading, event),
            "conversation": asked.of_conversation(self.reading, event),
            "results": results,
            "actor_id": _shown(event.actor_id, "/metadata/actor/id", sight),
            "correlation_id": _shown(
                event.correlation_id, "/metadata/correlation_id", sight
            ),
            "nearby": _nearby(event),
        }
        if self.scope.may(Permission.VIEW_ALL_ACCESS_LOG, event.tenant_id):
            context["viewers"] = asked.viewers(event)
        return context


def _shown(value: str | None, place: str, sight: Sight) -> str:
    is_hidden = isinstance(sight.mask.apply(value, place), Hidden)
    return "" if is_hidden or value is None else value


def _nearby(event: LogEvent) -> str:
    """Return the list of what the same actor did around then; "" for nobody."""
    if not event.actor_id or is_personal(Clause("actor", Exact(event.actor_id))):
        return ""
    query = {
        "tenant": event.tenant_id,
        "actor": event.actor_id,
        "from": begin_text(event.occurred_at - _NEARBY),
        "to": end_text(event.occurred_at + _NEARBY),
    }
    return f"{reverse('audit_console:events')}?{urlencode(query)}"


def document_of(
    document: dict[str, Any], base: str, notes: list[RedactionNote], sight: Sight
) -> dict[str, Any]:
    """Return a document as a tree and as its exact text."""
    shown = sight.mask.apply(document, base)
    exact = documents.visible(documents.dump(shown, indent=2))
    return {
        "tree": tree.build(shown, base=base, marks=marks_of(notes)),
        "exact": exact[:_CARRIED],
        "left_out": max(len(exact) - _CARRIED, 0),
    }


def marks_of(notes: list[RedactionNote]) -> dict[str, Mark]:
    """Return the marks for what was redacted, by pointer."""
    return {
        pointer: Mark("redacted", note.redaction_id, note.reason)
        for note in notes
        for pointer in note.pointers
    }


def change_of(page: ObjectPage, event: LogEvent, sight: Sight) -> dict[str, Any]:
    """Return what an event changed in the state of its aggregate."""
    key, version = key_of(event), event.aggregate_version
    most = page.most_folded
    run = states.at_version(page.reading, key, version - 1, sight.mask, limit=most)
    before = run.fold.state()
    if run.fault is None and not run.is_cut:
        run.put(event)
    return {
        "run": run,
        "may_fold_more": run.is_cut and most < states.MAX_FOLDED,
        "diff": diff.compare(
            before, run.fold.state(), base=run.fold.base, mask=run.fold.mask
        ),
    }


def versions_of(
    event: LogEvent, notes: list[RedactionNote], sight: Sight
) -> dict[str, Any] | None:
    """Return the payload in each version it is lifted through; nothing if in none."""
    met = states.as_code_may_meet(event, sight.mask)
    steps: list[Lifted] = []
    failure = ""
    try:
        # Lazily: the steps before one that fails are shown.
        steps.extend(
            Lifted(lift.to_version, lift.name, lift.data)
            for lift in event_migrations.lifts(met)
        )
    except MigrationError as error:
        failure = str(error)
    if not steps and not failure:
        return None
    columns: list[Column] = versions.columns(
        event.event_version,
        event.data,
        steps,
        met=met.data,
        is_complete=not failure,
        marks=marks_of(notes),
        mask=sight.mask,
    )
    return {"columns": columns, "failure": failure}


class EventDownload(OneEventPage):
    """The event as JSON, its documents exactly as they are stored."""

    act = Act.DOWNLOAD
    shows_payload: ClassVar[bool] = True

    def context(self) -> dict[str, Any]:
        """Return the text of the file.

        Raises:
            PermissionDenied: the reader may not see payloads.
        """
        event = self.find()
        sight = self.sight(event.tenant_id)
        if not sight.payloads:
            raise PermissionDenied(_("Your grants do not show payloads."))
        return {"text": documents.dump(_file_of(event, sight), indent=2)}

    def _render(self, context: Mapping[str, Any]) -> str:
        # No template: nothing of it is markup.
        return str(context["text"])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with a file."""
        response = self.show()
        response["Content-Type"] = "application/json; charset=utf-8"
        name = f"event-{self.kwargs['position']}.json"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


def _file_of(event: LogEvent, sight: Sight) -> dict[str, Any]:
    return {
        "position": event.position,
        "event_id": event.event_id,
        "tenant_id": event.tenant_id,
        "aggregate_type": event.aggregate_type,
        "aggregate_id": event.aggregate_id,
        "aggregate_version": event.aggregate_version,
        "event_type": event.event_type,
        "event_version": event.event_version,
        "occurred_at": event.occurred_at.isoformat(),
        "stored_at": event.stored_at.isoformat(),
        "is_redacted": event.is_redacted,
        "hidden": ["/".join(("", *path)) for path in sight.mask.paths],
        "data": sight.mask.apply(event.data, "/data"),
        "metadata": sight.mask.apply(event.metadata, "/metadata"),
    }


class EventById(ObjectPage):
    """The way to an event by its id, which is unique only within its tenant."""

    act = Act.VIEW_EVENT
    template_name = ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Lead to the event's own page, on record: that it is there is an answer.

        Raises:
            Http404: the tenant has no such event, or the reader may not see it.
        """
        with look(self.scope.mine) as self.reading:
            position = asked.position_of(self.reading, self.tenant(), self.text("id"))
        if position is None:
            raise Http404
        self.seen.tenants = [self.tenant()]
        self.seen.objects = [f"event:{position}"]
        self.done(Act.OPEN_PAGE)
        return HttpResponseRedirect(reverse("audit_console:event", args=(position,)))
