"""The go-to box: one text, resolved to the page that it means."""

from __future__ import annotations

import re
import uuid
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from audit_console.access import Act
from audit_console.links import aggregate_url, correlation_url, event_url
from audit_console.queries import aggregates, correlations, event
from audit_console.reading import look
from audit_console.scope import AT_ONCE
from audit_console.views.base import Page

_LARGEST = (1 << 63) - 1


class GoToPage(Page):
    """Lead on to an event, an aggregate or a conversation, or say what was tried.

    It takes a position, an event's id, ``Type:id``, an aggregate's id or a correlation
    id. What it finds, it only leads to: that page asks for its own permission.
    """

    act = Act.OPEN_PAGE
    template_name = "audit_console/goto/page.html"
    title = _("Nothing found")

    @property
    def wanted(self) -> str:
        """What was typed."""
        return self.request.GET.get("q", "").strip().replace("\0", "")

    def context(self) -> dict[str, Any]:
        """Return what was looked for, and where to look on."""
        self.seen.count = 0
        query = urlencode({"q": self.wanted})
        return {
            "wanted": self.wanted,
            "explorer": f"{reverse('audit_console:events')}?{query}",
        }

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Lead on, if there is something to lead to."""
        if not self.wanted:
            return HttpResponseRedirect(reverse("audit_console:index"))
        with look(self.scope.mine) as self.reading:
            address = self._resolve()
        if address is None:
            return self.show()
        # Not what was typed: that may be the name of a person.
        self.seen.query = f"go to {address}"
        self.done()
        return HttpResponseRedirect(address)

    def _resolve(self) -> str | None:
        attempts = (self._position, self._event, self._aggregate, self._conversation)
        for attempt in attempts:
            address = attempt()
            if address is not None:
                return address
        return None

    def _position(self) -> str | None:
        if not re.fullmatch(r"[0-9]{1,19}", self.wanted):
            return None
        position = int(self.wanted)
        if position > _LARGEST:
            return None
        found = event.at(self.reading, position, self.scope.mine)
        return None if found is None else event_url(position)

    def _event(self) -> str | None:
        try:
            wanted = str(uuid.UUID(self.wanted))
        except ValueError:
            wanted = self.wanted
        for tenant_id in self._tenants():
            position = event.position_of(self.reading, tenant_id, wanted)
            if position is not None:
                return event_url(position)
        return None

    def _aggregate(self) -> str | None:
        """Take ``Type:id``, at any colon, or the id alone."""
        parts = self.wanted.split(":")
        for count in range(1, len(parts)):
            kind, identity = ":".join(parts[:count]), ":".join(parts[count:])
            for tenant_id in self._tenants():
                key = aggregates.Key(tenant_id, kind, identity)
                if aggregates.ends(self.reading, key) is not None:
                    return aggregate_url("aggregate", key)
        keys = aggregates.types_of_id(self.reading, self.scope.mine, self.wanted)
        if len(keys) == 1:
            return aggregate_url("aggregate", keys[0])
        if keys:
            query = urlencode({"q": f'agg.id:"{self.wanted}"'})
            return f"{reverse('audit_console:events')}?{query}"
        return None

    def _conversation(self) -> str | None:
        for tenant_id in self._tenants():
            found = correlations.conversation(self.reading, tenant_id, self.wanted)
            if found.events:
                return correlation_url(tenant_id, id=self.wanted)
        return None

    def _tenants(self) -> list[str]:
        """Return the user's tenants, the chosen ones first."""
        chosen = list(self.scope.tenants)
        others = [each for each in self.scope.mine if each not in chosen]
        return (chosen + others)[:AT_ONCE]
