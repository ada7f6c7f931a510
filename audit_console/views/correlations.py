"""Causes and effects as a tree: of a conversation, an event, an aggregate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _

from audit_console.access import Act
from audit_console.presenters import causation, documents
from audit_console.presenters.causation import Node
from audit_console.presenters.documents import Hidden
from audit_console.queries import aggregates
from audit_console.queries import correlations as asked
from audit_console.queries import event as asked_of_events
from audit_console.queries.correlations import Conversation
from audit_console.queries.log_events import LogEvent
from audit_console.views.objects import AggregateObjectPage, ObjectPage

#: How many events of an aggregate have their causes and effects on one page.
_OWN = 50


class CorrelationPage(ObjectPage):
    """``?tenant=&id=``: a conversation; ``?tenant=&event=``: an event's effects."""

    act = Act.VIEW_CORRELATION
    template_name = "audit_console/correlations/page.html"

    def context(self) -> dict[str, Any]:
        """Return the tree.

        Raises:
            Http404: nothing in the tenant has that id.
        """
        tenant = self.tenant()
        root = self._root(tenant)
        found = (
            asked.caused_by(self.reading, root)
            if root is not None
            else self._conversation(tenant)
        )
        if not found.events:
            raise Http404
        self.seen.tenants = [tenant]
        self.seen.count = len(found.events)
        self.seen.objects = [f"event:{event.position}" for event in found.events]
        return {
            "tenant": tenant,
            "root": root,
            "correlation_id": self.text("id"),
            "nodes": _tree(found.events, found),
            "marked": {root.position} if root else (),
            "known_causes": found.known_causes,
            "found": found,
            "actors": _counted(event.actor_name for event in found.events),
            "first": found.events[0],
            "last": found.events[-1],
            "after": self.number("after") or 0,
        }

    def _root(self, tenant: str) -> LogEvent | None:
        event_id = self.text("event")
        if not event_id:
            return None
        position = asked_of_events.position_of(self.reading, tenant, event_id)
        root = position and asked_of_events.at(self.reading, position, [tenant])
        if not root:
            raise Http404
        self.title = _("What event %(position)s caused") % {"position": root.position}
        return root

    def _conversation(self, tenant: str) -> Conversation:
        correlation_id = self.text("id")
        if not correlation_id:
            raise Http404
        self.title = _("Conversation %(id)s") % {
            "id": documents.visible(correlation_id)
        }
        return asked.conversation(
            self.reading, tenant, correlation_id, after=self.number("after") or 0
        )


def _counted(names: Any) -> int:
    return len({name for name in names if name})


class CausesPage(AggregateObjectPage):
    """What the events of an aggregate go back to, and what they led to elsewhere."""

    act = Act.VIEW_CORRELATION
    template_name = "audit_console/aggregates/causes.html"

    def context(self) -> dict[str, Any]:
        """Return the trees of the newest events, or of a page of older ones."""
        self.find()
        name = f"{self.key.aggregate_type} {self.key.aggregate_id}"
        self.title = _("Causes and effects of %(aggregate)s") % {
            "aggregate": documents.visible(name)
        }
        page = aggregates.history(
            self.reading,
            self.key,
            limit=_OWN,
            with_payload=False,
            before=self.number("before"),
            after=self.number("after"),
        )
        found = asked.around(self.reading, self.key.tenant_id, page.events)
        linked = _linked(found.events)
        shown = {event.position for event in linked}
        self.seen.count = len(linked)
        self.seen.objects += [f"event:{event.position}" for event in linked]
        return {
            "key": self.key,
            "ends": self.ends,
            "page_of": page,
            "steps": [{"event": event} for event in reversed(page.events)],
            "found": found,
            "known_causes": found.known_causes,
            "nodes": _tree(linked, found),
            "marked": {
                event.position
                for event in linked
                if aggregates.key_of(event) == self.key
            },
            "alone": sum(event.position not in shown for event in page.events),
            "conversations": self._conversations(page.events),
        }

    def _conversations(self, events: Sequence[LogEvent]) -> list[tuple[str, int]]:
        """Return which conversations these events belong to, and how many to each."""
        mask = self.sight(self.key.tenant_id).mask
        if isinstance(mask.apply("", "/metadata/correlation_id"), Hidden):
            return []
        ids = (event.correlation_id for event in reversed(events))
        return list(Counter(each for each in ids if each).items())


def _tree(events: Sequence[LogEvent], found: Conversation) -> list[Node[LogEvent]]:
    return causation.arrange(
        events,
        event_id=lambda event: event.event_id,
        causation_id=lambda event: event.causation_id,
        known=frozenset(found.known_causes),
    )


def _linked(events: Sequence[LogEvent]) -> list[LogEvent]:
    """Return those that name a cause, or are named as one."""
    causes = {event.causation_id for event in events}
    return [event for event in events if event.causation_id or event.event_id in causes]
