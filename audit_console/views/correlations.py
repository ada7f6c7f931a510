"""Causes and effects: a conversation, or what one event caused, as a tree."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _

from audit_console.access import Act
from audit_console.presenters import causation, documents
from audit_console.queries import correlations as asked
from audit_console.queries import event as asked_of_events
from audit_console.queries.correlations import Conversation
from audit_console.queries.log_events import LogEvent
from audit_console.views.objects import ObjectPage


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
            "nodes": causation.arrange(
                found.events,
                event_id=lambda event: event.event_id,
                causation_id=lambda event: event.causation_id,
                known=frozenset(found.known_causes),
            ),
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
