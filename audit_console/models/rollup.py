"""Counts of events by day and hour, kept by subscriptions: what charts are drawn of."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class EventCount(models.Model):
    """How many events of a type lie in a day, or in an hour of the last 90 days."""

    class Grain(models.TextChoices):
        """How long the piece of time is."""

        DAY = "day", _("Day")
        HOUR = "hour", _("Hour")

    id = models.BigAutoField(primary_key=True)
    tenant_id = models.TextField(_("tenant"))
    #: By which time: ``occurred`` or ``stored``.
    basis = models.TextField(_("basis"))
    grain = models.TextField(_("grain"), choices=Grain.choices)
    #: When it begins, in UTC.
    begins_at = models.DateTimeField(_("begins at"))
    event_type = models.TextField(_("event type"))
    events = models.BigIntegerField(_("events"))

    class Meta:
        """Read by range of time, within tenant, basis and grain."""

        db_table = "audit_console_event_counts"
        verbose_name = _("event count")
        verbose_name_plural = _("event counts")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("tenant_id", "basis", "grain", "begins_at", "event_type"),
                name="audit_event_counts",
            ),
        )

    def __str__(self) -> str:
        """Say how many of what."""
        return f"{self.events} {self.event_type}"


class ActorCount(models.Model):
    """How many events of an actor occurred on a day."""

    id = models.BigAutoField(primary_key=True)
    tenant_id = models.TextField(_("tenant"))
    #: When the day begins, in UTC.
    begins_at = models.DateTimeField(_("begins at"))
    actor_id = models.TextField(_("actor"))
    actor_kind = models.TextField(_("kind"))
    events = models.BigIntegerField(_("events"))

    class Meta:
        """Read by range of days within a tenant."""

        db_table = "audit_console_actor_counts"
        verbose_name = _("actor count")
        verbose_name_plural = _("actor counts")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("tenant_id", "begins_at", "actor_id", "actor_kind"),
                name="audit_actor_counts",
            ),
        )

    def __str__(self) -> str:
        """Say how many of whom."""
        return f"{self.events} of {self.actor_id}"
