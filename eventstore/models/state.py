"""The rows of ``CurrentState`` projections."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class AggregateState(models.Model):
    """The state of an aggregate as a projection has folded it; disposable."""

    # No surrogate key: several projections share the table, and a rebuild of one brings
    # rows that were numbered elsewhere.
    pk = models.CompositePrimaryKey(
        "tenant_id", "projection", "aggregate_type", "aggregate_id"
    )
    tenant_id = models.TextField(_("tenant"))
    projection = models.TextField(_("projection"))
    aggregate_type = models.TextField(_("aggregate type"))
    aggregate_id = models.TextField(_("aggregate id"))
    version = models.BigIntegerField(_("aggregate version"))
    state = models.JSONField(_("state"))
    written_at = models.DateTimeField(_("written at"), db_default=Now())

    class Meta:
        """One row an aggregate and projection: the primary key."""

        db_table = "event_aggregate_states"
        verbose_name = _("aggregate state")
        verbose_name_plural = _("aggregate states")
        default_permissions = ("view",)

    def __str__(self) -> str:
        """Name the aggregate."""
        return f"{self.aggregate_type} {self.aggregate_id} @ {self.version}"
