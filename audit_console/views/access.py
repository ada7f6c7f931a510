"""The access log's page: viewing it is on record as well."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from audit_console.access import Act
from audit_console.forms import AccessFilterForm
from audit_console.queries import access_chart
from audit_console.queries.access_log import AccessPage, AccessQuery
from audit_console.queries.asked import begin_text
from audit_console.views import bars_over_time
from audit_console.views.base import Page
from eventstore.roles import Permission


class AccessLogPage(Page):
    """One's own records; with ``view_all_access_log``, everybody's in the tenant."""

    permission = Permission.VIEW_ACCESS_LOG
    act = Act.VIEW_ACCESS_LOG
    template_name = "audit_console/access/page.html"
    fragments = {"results": "audit_console/access/_results.html"}
    title = _("Access log")
    room = "access"

    def context(self) -> dict[str, Any]:
        """Return one page of records."""
        form = AccessFilterForm(self.request.GET)
        query = self._query(form) if form.is_valid() else None
        page = query.page(**form.place) if query else AccessPage()
        self.seen.count = len(page.entries)
        self.seen.query = form.as_text()
        return {
            "form": form,
            "log": page,
            **(self._counted(query) if query else {}),
            "sees_all": bool(self._everybody_in()),
        }

    def _counted(self, query: AccessQuery) -> dict[str, Any]:
        """Return what the looks have in common and when they were, if in time."""
        tallies = self.reading.part(query.tallies)
        histogram = access_chart.draw(query, tallies) if tallies else None
        return {
            "tallies": tallies,
            "histogram": histogram,
            "chart": histogram
            and bars_over_time.draw(histogram, self._between, is_narrowed=True),
            "is_uncounted": tallies is None,
        }

    def _between(self, since: datetime, until: datetime) -> str:
        """Return the address of the same list between two moments."""
        given = self.request.GET.copy()
        for name in ("before", "after"):
            given.pop(name, None)
        given["since"], given["until"] = begin_text(since), begin_text(until)
        return f"?{given.urlencode()}"

    def _everybody_in(self) -> list[str]:
        return [
            tenant
            for tenant in self.scope.tenants
            if self.scope.may(Permission.VIEW_ALL_ACCESS_LOG, tenant)
        ]

    @property
    def _oversees_deployment(self) -> bool:
        """Whether the reader answers for more than the chosen tenants."""
        return self.scope.may(Permission.VIEW_OPERATIONS) and bool(self._everybody_in())

    def _query(self, form: AccessFilterForm) -> AccessQuery:
        given = form.cleaned_data
        return AccessQuery(
            own=str(self.request.user.pk),
            tenants=self._everybody_in(),
            known=frozenset(self.scope.mine),
            filters={
                name: given[name]
                for name in ("user_name", "act", "purpose", "outcome")
                if given[name]
            },
            object_seen=given["object"],
            since=given["since"],
            until=given["until"],
            is_off_hours=given["hours"] == "off",
            with_strangers=self._oversees_deployment,
        )
