"""All requests of the chosen tenants."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from audit_console.access import Act
from audit_console.queries import redactions
from audit_console.views.objects import ObjectPage
from eventstore.models import RedactionRequest
from eventstore.roles import Permission


class RedactionsPage(ObjectPage):
    """Requests, newest first, by status."""

    act = Act.LIST_REDACTIONS
    template_name = "audit_console/redactions/list.html"
    title = _("Redactions")
    room = "redactions"

    def context(self) -> dict[str, Any]:
        """Return one page of requests."""
        status = self.text("status")
        if status not in RedactionRequest.Status.values:
            status = ""
        found = redactions.listing(
            self.reading,
            self.scope.tenants,
            status=status,
            before=self.number("before"),
            after=self.number("after"),
        )
        self.seen.count = len(found.rows)
        self.seen.query = f"status:{status}" if status else ""
        return {
            "list": found,
            "status": status,
            "statuses": RedactionRequest.Status.choices,
            "may_request": self.scope.may(Permission.REQUEST_REDACTION),
        }
