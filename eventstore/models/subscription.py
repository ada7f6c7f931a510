"""Durable subscriptions: how far each has come, who runs it, what it could not do."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class EventSubscription(models.Model):
    """One partition of a subscription: its checkpoint and its lease."""

    class State(models.TextChoices):
        """Whether it is to be run."""

        RUNNING = "running", _("Running")
        PAUSED = "paused", _("Paused")
        STOPPED = "stopped", _("Stopped by an alarm")

    id = models.BigAutoField(primary_key=True)
    #: The only tenant of the subscription; empty for all.
    tenant_id = models.TextField(_("tenant"), db_default="", blank=True)
    name = models.TextField(_("name"))
    partition = models.IntegerField(_("partition"), db_default=0)
    partitions = models.IntegerField(_("partitions"), db_default=1)
    position = models.BigIntegerField(_("checkpoint"), db_default=0)
    handled = models.BigIntegerField(_("events handled"), db_default=0)
    state = models.TextField(_("state"), choices=State.choices, db_default="running")
    last_error = models.TextField(_("last error"), db_default="", blank=True)
    moved_at = models.DateTimeField(_("moved at"), null=True)
    lease_owner = models.TextField(_("worker"), db_default="", blank=True)
    lease_until = models.DateTimeField(_("lease until"), null=True)

    class Meta:
        """Rows are few: one a partition of each subscription."""

        db_table = "event_subscriptions"
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        default_permissions = ("view",)
        constraints = (
            models.UniqueConstraint(
                fields=("tenant_id", "name", "partition"),
                name="eventstore_subscription_name",
            ),
        )

    def __str__(self) -> str:
        """Name the partition."""
        return f"{self.name} {self.partition + 1}/{self.partitions}"


class EventFailure(models.Model):
    """An event that a subscription could not handle, or that waits behind such a one.

    It refers to the event and holds no payload: a retry reads it anew.
    """

    class State(models.TextChoices):
        """Where it stands; all but ``discarded`` hold their aggregate."""

        RETRYING = "retrying", _("To be retried")
        HELD = "held", _("Waits for an earlier event of its aggregate")
        DEAD = "dead", _("Given up: requeue or discard it")
        DISCARDED = "discarded", _("Discarded")

    id = models.BigAutoField(primary_key=True)
    tenant_id = models.TextField(_("tenant"))
    subscription = models.ForeignKey(
        EventSubscription,
        on_delete=models.CASCADE,
        related_name="failures",
        verbose_name=_("subscription"),
    )
    position = models.BigIntegerField(_("position"))
    event_id = models.TextField(_("event id"))
    event_type = models.TextField(_("event type"))
    aggregate_type = models.TextField(_("aggregate type"))
    aggregate_id = models.TextField(_("aggregate id"))
    state = models.TextField(_("state"), choices=State.choices)
    attempts = models.IntegerField(_("attempts"), db_default=0)
    next_attempt_at = models.DateTimeField(_("next attempt at"), null=True)
    error = models.TextField(_("error"), db_default="", blank=True)
    failed_at = models.DateTimeField(_("failed at"), null=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.TextField(_("decided by"), db_default="", blank=True)

    class Meta:
        """Found by what is due, and by the aggregates that are held."""

        db_table = "event_failures"
        verbose_name = _("failed delivery")
        verbose_name_plural = _("failed deliveries")
        default_permissions = ("view",)
        constraints = (
            models.UniqueConstraint(
                fields=("tenant_id", "subscription", "position"),
                name="eventstore_failure_event",
            ),
        )
        indexes = (
            models.Index(
                fields=("subscription", "state", "next_attempt_at"),
                name="eventstore_failure_due",
            ),
            models.Index(
                fields=("subscription", "tenant_id", "aggregate_id", "position"),
                name="eventstore_failure_holds",
                condition=~Q(state="discarded"),
            ),
        )

    def __str__(self) -> str:
        """Name event and subscription."""
        return f"{self.event_type} {self.event_id}: {self.state}"


class EventWorker(models.Model):
    """A worker process that lives: workers share the leases by counting these."""

    owner = models.TextField(_("worker"), primary_key=True)
    #: The subscriptions that it would run: only those who could take a share count.
    names = models.JSONField(_("subscriptions"), db_default=[])
    started_at = models.DateTimeField(_("started at"))
    alive_until = models.DateTimeField(_("alive until"))

    class Meta:
        """A row a process; the dead are swept by the living."""

        db_table = "event_workers"
        verbose_name = _("worker")
        verbose_name_plural = _("workers")
        default_permissions = ("view",)

    def __str__(self) -> str:
        """Name the worker."""
        return self.owner
