"""The records of redactions: who removed what, when and why; never the value."""

from __future__ import annotations

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.utils.translation import gettext_lazy as _

from eventstore.models.append_only import AppendOnlyModel


class EventRedaction(AppendOnlyModel):
    """One removal. The table also has ``recorded_xid``, for the guard alone."""

    id = models.BigAutoField(primary_key=True)
    redaction_id = models.TextField(_("redaction id"))
    tenant_id = models.TextField(_("tenant"))
    event_id = models.TextField(_("event id"))
    position = models.BigIntegerField(_("position"))
    aggregate_type = models.TextField(_("aggregate type"))
    aggregate_id = models.TextField(_("aggregate id"))
    aggregate_version = models.BigIntegerField(_("aggregate version"))
    fields = models.JSONField(_("fields"))
    reason = models.TextField(_("reason"))
    actor = models.JSONField(_("actor"))
    request_id = models.TextField(_("request"), null=True)  # noqa: DJ001 - none is not ""
    kind = models.TextField(_("kind"))
    recorded_at = models.DateTimeField(_("recorded at"), db_default=TransactionNow())

    class Meta(AppendOnlyModel.Meta):
        """Found by event, by aggregate (what may a snapshot hold?), newest first."""

        db_table = "event_redactions"
        verbose_name = _("redaction")
        verbose_name_plural = _("redactions")
        default_permissions = ("view",)
        constraints = (
            models.UniqueConstraint(
                fields=("tenant_id", "redaction_id"),
                name="eventstore_redaction_id",
            ),
        )
        indexes = (
            models.Index(
                fields=("tenant_id", "position", "id"),
                name="eventstore_redaction_event",
            ),
            models.Index(
                fields=("tenant_id", "aggregate_id", "aggregate_type", "id"),
                name="eventstore_redaction_aggregate",
            ),
            models.Index(
                fields=("tenant_id", "id"),
                name="eventstore_redaction_tenant",
            ),
        )

    def __str__(self) -> str:
        """Name the event."""
        return f"{self.redaction_id} ({self.event_id})"
