"""Where each aggregate stands: one row an aggregate, bumped by each append."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from eventstore.models.append_only import AppendOnlyModel


class AggregateHead(AppendOnlyModel):
    """The current version of an aggregate and when it last changed."""

    pk = models.CompositePrimaryKey("tenant_id", "aggregate_id", "aggregate_type")
    tenant_id = models.TextField(_("tenant"))
    aggregate_id = models.TextField(_("aggregate id"))
    aggregate_type = models.TextField(_("aggregate type"))
    current_version = models.BigIntegerField(_("current version"))
    last_stored_at = models.DateTimeField(_("last stored at"))
    archived_through = models.BigIntegerField(_("archived through"), db_default=0)

    class Meta(AppendOnlyModel.Meta):
        """The primary key serves both calls, with and without a type."""

        db_table = "event_aggregates"
        verbose_name = _("aggregate")
        verbose_name_plural = _("aggregates")
        default_permissions = ("view",)

    def __str__(self) -> str:
        """Name the aggregate."""
        return f"{self.aggregate_type} {self.aggregate_id}"
