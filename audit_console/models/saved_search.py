"""An address worth coming back to."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SavedSearch(models.Model):
    """A list of the console with its filters, under a name; kept, or shared."""

    id = models.BigAutoField(primary_key=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("owner"),
    )
    tenant_id = models.TextField(_("tenant"))
    name = models.CharField(_("name"), max_length=80)
    description = models.CharField(_("description"), max_length=300, blank=True)
    #: Below the console's prefix: what the host mounts elsewhere still works.
    address = models.TextField(_("address"))
    is_shared = models.BooleanField(_("shared"), default=False)
    is_pinned = models.BooleanField(_("on the overview"), default=False)
    created_at = models.DateTimeField(_("saved"), auto_now_add=True)

    class Meta:
        """A name is its owner's once in a tenant."""

        db_table = "audit_console_saved_searches"
        verbose_name = _("saved search")
        verbose_name_plural = _("saved searches")
        default_permissions = ()
        ordering = ("name", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("owner", "tenant_id", "name"),
                name="audit_console_saved_name",
                violation_error_message=_("You have saved something by this name."),
            ),
        )
        indexes = (models.Index(fields=("tenant_id",), name="audit_saved_tenant"),)

    def __str__(self) -> str:
        """Name it."""
        return self.name
