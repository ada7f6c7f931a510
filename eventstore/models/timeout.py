"""The time-outs of process managers."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ProcessTimeout(models.Model):
    """When a process wants to be asked again, and under which name."""

    pk = models.CompositePrimaryKey("tenant_id", "process", "correlation_id", "name")
    tenant_id = models.TextField(_("tenant"))
    process = models.TextField(_("process"))
    correlation_id = models.TextField(_("correlation id"))
    name = models.TextField(_("name"))
    due_at = models.DateTimeField(_("due at"))

    class Meta:
        """Found by what is due of a process."""

        db_table = "event_process_timeouts"
        verbose_name = _("process time-out")
        verbose_name_plural = _("process time-outs")
        default_permissions = ("view",)
        indexes = (
            models.Index(fields=("process", "due_at"), name="eventstore_timeout_due"),
        )

    def __str__(self) -> str:
        """Name process and time-out."""
        return f"{self.process} {self.correlation_id}: {self.name}"
