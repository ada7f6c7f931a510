"""The ordinary admin's pages of the log lead to the console, and are on record there.

``eventstore`` knows nothing of the console: its ``ModelAdmin`` classes are registered
anew, each with a column of links, and events with an action that begins a draft. What
they show is written into the access log first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit_console import links
from audit_console.access import Act
from audit_console.on_record import OnRecord
from eventstore.admin import KeysetChangeList
from eventstore.models import EventRedaction, EventSnapshot, StoredEvent
from eventstore.redaction import MAX_EVENTS
from eventstore.roles import Permission

if TYPE_CHECKING:
    from django.contrib.admin.views.main import ChangeList
    from django.http import HttpRequest, HttpResponse
    from django.utils.safestring import SafeString


class _LinkedAdmin(OnRecord):
    """Rows that lead to their page in the console, and looks that are on record."""

    def get_list_display(self, request: HttpRequest) -> Any:
        """Add the column, for whoever may follow its links."""
        columns = super().get_list_display(request)
        if not self._may_somewhere(request, Permission.ACCESS_CONSOLE):
            return columns
        return (*columns, "in_console")

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> Any:
        """Keep the link of a row where it was."""
        return super().get_list_display_links(request, list_display)[:1]

    @admin.display(description=_("console"))
    def in_console(self, row: Any) -> SafeString | str:
        """Link to the row's page in the console."""
        try:
            address = self.console_address(row)
        except NoReverseMatch:  # installed, but not mounted
            return ""
        return format_html('<a href="{}">{}</a>', address, _("Open in the console"))

    def console_address(self, row: Any) -> str:
        """Return the address of the event at the row's position."""
        return links.event_url(row.position)

    def seen_of(self, row: Any) -> str:
        """Return what the access log calls the event at the row's position."""
        return f"event:{row.position}"

    def _may_somewhere(self, request: HttpRequest, permission: Permission) -> bool:
        return any(permission in allowed for allowed in self.grants(request).values())


class _SnapshotLinks(_LinkedAdmin):
    """Snapshots lead to the state that they hold."""

    acts = (Act.LIST_AGGREGATES, Act.VIEW_STATE)

    def seen_of(self, row: Any) -> str:
        """Return what the access log calls the aggregate."""
        return f"aggregate:{row.aggregate_type}:{row.aggregate_id}"

    def console_address(self, row: Any) -> str:
        """Return the address of the state at the snapshot's version."""
        return links.aggregate_url("state", row, v=row.aggregate_version)


class _SelectableChangeList(KeysetChangeList):
    """The list that keeps to its page, with the bar of actions."""

    def get_results(self, request: HttpRequest) -> None:
        """Read one page; each row has a box, and only those of the page are meant."""
        super().get_results(request)
        self.show_admin_actions = True


class _EventActions(_LinkedAdmin):
    """Events from which a draft is begun."""

    acts = (Act.LIST_EVENTS, Act.VIEW_EVENT)
    actions = ("draft_redaction",)  # type: ignore[assignment]  # LogAdmin has none

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return the list with boxes, where there is an action."""
        if self.get_actions(request):
            return _SelectableChangeList
        return super().get_changelist(request, **kwargs)

    def has_request_redaction_permission(self, request: HttpRequest) -> bool:
        """Return whether a grant lets the user request a redaction anywhere."""
        return self._may_somewhere(request, Permission.REQUEST_REDACTION)

    @admin.action(
        description=_("Draft a redaction of the selected events"),
        permissions=["request_redaction"],
    )
    def draft_redaction(
        self, request: HttpRequest, _queryset: Any
    ) -> HttpResponse | None:
        """Lead to the console's form with the ids that were ticked, and no others.

        The queryset is not asked: it may hold whatever the filters let through.
        """
        given = request.POST.getlist(ACTION_CHECKBOX_NAME)
        if len(given) > MAX_EVENTS:
            text = gettext("One request has %(most)d events at most.")
            messages.error(request, text % {"most": MAX_EVENTS})
            return None
        query = urlencode({"e": given}, doseq=True)
        address = reverse("audit_console:redaction_new")
        return HttpResponseRedirect(f"{address}?{query}")


class _RedactionLinks(_LinkedAdmin):
    """Records of redactions lead to what is left of their event."""

    acts = (Act.LIST_REDACTIONS, Act.VIEW_REDACTION)


for _model, _links in (
    (StoredEvent, _EventActions),
    (EventSnapshot, _SnapshotLinks),
    (EventRedaction, _RedactionLinks),
):
    # A host may have taken it away, or put its own class there.
    if admin.site.is_registered(_model):
        _given = type(admin.site.get_model_admin(_model))
        admin.site.unregister(_model)
        admin.site.register(
            _model, type(f"Console{_given.__name__}", (_links, _given), {})
        )
