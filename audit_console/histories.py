"""From a page of the host's own admin to the history of what it shows.

::

    @admin.register(Order)
    class OrderAdmin(AuditHistoryMixin, admin.ModelAdmin):
        def get_audited(self, request, obj):
            return Audited(obj.customer_id, "Order", obj.number)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib import admin
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _

from audit_console import links
from eventstore.grants import may
from eventstore.roles import Permission

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

    _ModelAdmin = admin.ModelAdmin[Any]
else:  # Django's class takes no parameters when it runs.
    _ModelAdmin = admin.ModelAdmin


class Audited(NamedTuple):
    """The aggregate that a row of the host stands for."""

    tenant_id: str
    aggregate_type: str
    aggregate_id: str


class AuditHistoryMixin(_ModelAdmin):
    """A ``ModelAdmin`` whose objects lead to their timeline in the console.

    Attributes:
        audit_replaces_history: whether Django's "History", which knows only what was
            done in the admin, leads there as well.
    """

    change_form_template = "audit_console/admin/change_form.html"
    audit_replaces_history = False

    def get_audited(self, request: HttpRequest, obj: Any) -> Audited | None:
        """Return the aggregate that ``obj`` stands for, ``None`` if there is none."""
        raise NotImplementedError

    def get_urls(self) -> list[URLPattern]:
        """Add the way; before Django's own, for ``<path:object_id>/`` takes all."""
        view = self.admin_site.admin_view(self.audit_timeline_view)
        own = path("<path:object_id>/audit/", view, name=self._audit_url_name)
        return [own, *super().get_urls()]

    def audit_timeline_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Lead to the timeline; who may see it is asked there, and on record.

        Raises:
            Http404: there is no such object, or it has no history.
            PermissionDenied: the object is not the user's to see.
        """
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            raise Http404
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        audited = self.get_audited(request, obj)
        if audited is None:
            raise Http404(_("This object has no history in the event store."))
        return HttpResponseRedirect(links.aggregate_url("aggregate", audited))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Offer the timeline to whoever may open it."""
        address = self._audit_url(request, context.get("original"))
        return super().render_change_form(
            request, {"audit_timeline_url": address, **context}, *args, **kwargs
        )

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show Django's history, or lead to the timeline instead."""
        if self.audit_replaces_history:
            return self.audit_timeline_view(request, object_id)
        return super().history_view(request, object_id, extra_context)

    def _audit_url(self, request: HttpRequest, obj: Any) -> str:
        audited = None if obj is None else self.get_audited(request, obj)
        if audited is None or not may(
            request.user, Permission.ACCESS_CONSOLE, audited.tenant_id
        ):
            return ""
        return reverse(
            f"admin:{self._audit_url_name}",
            args=(quote(obj.pk),),
            current_app=self.admin_site.name,
        )

    @property
    def _audit_url_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_audit"
