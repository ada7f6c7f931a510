"""The log itself: one row an event, written by the append function."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.lookups import IsNull
from django.utils.translation import gettext_lazy as _

from eventstore.models.append_only import AppendOnlyModel


def metadata_text(*keys: str) -> Any:
    """Return the expression for a text inside the metadata that its index matches.

    ``metadata__correlation_id=`` compares jsonb and never uses an index of texts.
    """
    *parents, last = keys
    place: Any = "metadata"
    for key in parents:
        place = KeyTransform(key, place)
    return KeyTextTransform(last, place)


def _text_index(name: str, *keys: str) -> models.Index:
    return models.Index(
        F("tenant_id"),
        metadata_text(*keys),
        F("position"),
        name=name,
        condition=Q(IsNull(metadata_text(*keys), False)),  # noqa: FBT003 - Django's way
    )


class StoredEvent(AppendOnlyModel):
    """One event of the log, for queries; ``eventstore.reading`` returns values."""

    position = models.BigAutoField(_("position"), primary_key=True)
    event_id = models.TextField(_("event id"))
    tenant_id = models.TextField(_("tenant"))
    aggregate_type = models.TextField(_("aggregate type"))
    aggregate_id = models.TextField(_("aggregate id"))
    aggregate_version = models.BigIntegerField(_("aggregate version"))
    event_type = models.TextField(_("event type"))
    event_version = models.TextField(_("event version"))
    occurred_at = models.DateTimeField(_("occurred at"))
    stored_at = models.DateTimeField(_("stored at"))
    event_data = models.JSONField(_("data"))
    metadata = models.JSONField(_("metadata"))
    is_redacted = models.BooleanField(_("redacted"), db_default=False)

    class Meta(AppendOnlyModel.Meta):
        """Each index names the read that walks it; all end with the position."""

        db_table = "stored_domain_events"
        verbose_name = _("stored event")
        verbose_name_plural = _("stored events")
        default_permissions = ("view",)
        permissions = (("redact_storedevent", _("Can redact stored events")),)
        constraints = (
            # One id, one event: idempotent retries.
            models.UniqueConstraint(
                fields=("tenant_id", "event_id"),
                name="eventstore_ev_id",
            ),
            # The history of an aggregate, in order, each version once.
            models.UniqueConstraint(
                fields=(
                    "tenant_id",
                    "aggregate_id",
                    "aggregate_type",
                    "aggregate_version",
                ),
                name="eventstore_ev_version",
            ),
        )
        indexes = (
            # get_events_by_type
            models.Index(
                fields=("tenant_id", "event_type", "position"),
                name="eventstore_ev_type",
            ),
            # get_events_since
            models.Index(
                fields=("tenant_id", "occurred_at", "position"),
                name="eventstore_ev_occurred",
            ),
            # get_events_by_aggregate_type
            models.Index(
                fields=("tenant_id", "aggregate_type", "position"),
                name="eventstore_ev_aggregate",
            ),
            # get_events_after
            models.Index(
                fields=("tenant_id", "position"),
                name="eventstore_ev_position",
            ),
            # a conversation, the effects of an event, the acts of an actor
            _text_index("eventstore_ev_correlation", "correlation_id"),
            _text_index("eventstore_ev_causation", "causation_id"),
            _text_index("eventstore_ev_actor", "actor", "id"),
        )

    def __str__(self) -> str:
        """Say what happened to what."""
        return f"{self.event_type} ({self.aggregate_type} {self.aggregate_id})"
