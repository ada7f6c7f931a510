"""The access log's page: viewing it is on record as well."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from audit_console.access import Act
from audit_console.forms import AccessFilterForm
from audit_console.queries.access_log import AccessPage, AccessQuery
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
            "tallies": self.reading.part(query.tallies) if query else None,
            "sees_all": bool(self._everybody_in()),
        }

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
            with_strangers=self._oversees_deployment,
        )
