"""Snapshots: disposable short cuts to an aggregate's state."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class EventSnapshot(models.Model):
    """The state of an aggregate after one of its events, as folded by one code."""

    id = models.BigAutoField(primary_key=True)
    snapshot_id = models.TextField(_("snapshot id"))
    tenant_id = models.TextField(_("tenant"))
    aggregate_type = models.TextField(_("aggregate type"))
    aggregate_id = models.TextField(_("aggregate id"))
    aggregate_version = models.BigIntegerField(_("aggregate version"))
    last_event_id = models.TextField(_("last event"))
    state = models.JSONField(_("state"), null=True)
    fold_version = models.TextField(_("fold version"), db_default="")
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        """Found by aggregate (its newest snapshot), and paged by tenant."""

        db_table = "event_snapshots"
        verbose_name = _("snapshot")
        verbose_name_plural = _("snapshots")
        default_permissions = ("view", "delete")
        constraints = (
            models.UniqueConstraint(
                fields=("tenant_id", "snapshot_id"),
                name="eventstore_snapshot_id",
            ),
        )
        indexes = (
            models.Index(
                fields=(
                    "tenant_id",
                    "aggregate_id",
                    "aggregate_type",
                    "aggregate_version",
                ),
                name="eventstore_snapshot_aggregate",
            ),
            models.Index(
                fields=("tenant_id", "id"),
                name="eventstore_snapshot_tenant",
            ),
        )

    def __str__(self) -> str:
        """Name the aggregate and the version."""
        return f"{self.aggregate_type} {self.aggregate_id} @ {self.aggregate_version}"
