"""Keys in Django's admin: to be looked at and revoked; made on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from eventstore.keys import issuing
from eventstore.models import ApiKey

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

    _KeyAdmin = admin.ModelAdmin[ApiKey]
else:  # Django's classes take no parameters when they run.
    _KeyAdmin = admin.ModelAdmin


class ApiKeyAdmin(_KeyAdmin):
    """How each key stands. No secret is stored, so none is shown."""

    list_display = (
        "prefix",
        "name",
        "works",
        "created_at",
        "expires_at",
        "last_used_at",
        "revoked_at",
    )
    search_fields = ("prefix__exact", "name__icontains")
    ordering = ("-id",)
    show_facets = admin.ShowFacets.NEVER
    fields = (
        "prefix",
        "name",
        "created_by",
        "created_at",
        "expires_at",
        "revoked_at",
        "last_used_at",
        "former_expires_at",
        "former_used_at",
        "scopes",
        "networks",
        "rate",
    )
    readonly_fields = fields
    actions = ("revoke",)

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Refuse: a page in a browser is no place for a secret."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Refuse: events name the key."""
        return False

    @admin.display(description=_("works"), boolean=True)
    def works(self, key: ApiKey) -> bool:
        """Whether it opens anything now."""
        return key.is_active

    @admin.action(description=_("Revoke the selected keys"), permissions=("change",))
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        """End them at once."""
        done = [key for key in keys if issuing.revoke(key.prefix)]
        for key in done:
            self.log_change(request, key, str(_("Revoked.")))
        self.message_user(
            request,
            ngettext("%d key is revoked.", "%d keys are revoked.", len(done))
            % len(done),
            messages.SUCCESS,
        )
