"""Webhooks: where events of a tenant are sent, signed with what, and how it went."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class WebhookEndpoint(models.Model):
    """A URL that gets the events of one tenant; its id names its subscription."""

    id = models.BigAutoField(primary_key=True)
    tenant_id = models.TextField(_("tenant"))
    url = models.TextField(_("URL"))
    description = models.TextField(_("description"), db_default="", blank=True)
    event_types = models.JSONField(_("event types"), null=True)
    aggregate_types = models.JSONField(_("aggregate types"), null=True)
    partitions = models.IntegerField(_("requests at a time"), db_default=1)
    is_active = models.BooleanField(_("active"), db_default=True)
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    disabled_at = models.DateTimeField(_("disabled at"), null=True)
    disabled_reason = models.TextField(_("disabled because"), db_default="", blank=True)
    #: The receiver asked for a pause until then (Retry-After).
    rests_until = models.DateTimeField(_("rests until"), null=True)

    class Meta:
        """Rows are few: one a receiver."""

        db_table = "event_webhooks"
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        default_permissions = ("view",)

    def __str__(self) -> str:
        """Name the endpoint; a URL may hold a token."""
        return f"webhook:{self.pk}"


class WebhookSecret(models.Model):
    """What the requests of an endpoint are signed with; two while it is rotated.

    A table of its own, so that rights and backups can leave it out. The text is needed
    for each signature and therefore stored as it is.
    """

    id = models.BigAutoField(primary_key=True)
    endpoint = models.ForeignKey(
        WebhookEndpoint,
        on_delete=models.CASCADE,
        related_name="secrets",
        verbose_name=_("webhook"),
    )
    secret = models.TextField(_("secret"))
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    expires_at = models.DateTimeField(_("expires at"), null=True)

    class Meta:
        """One or two an endpoint."""

        db_table = "event_webhook_secrets"
        verbose_name = _("webhook secret")
        verbose_name_plural = _("webhook secrets")
        default_permissions = ()

    def __str__(self) -> str:
        """Name whose secret it is, never the secret."""
        return f"secret {self.pk} of webhook:{self.endpoint_id}"


class WebhookAttempt(models.Model):
    """One request to an endpoint and its outcome; the newest are kept."""

    id = models.BigAutoField(primary_key=True)
    endpoint = models.ForeignKey(
        WebhookEndpoint,
        on_delete=models.CASCADE,
        related_name="attempts",
        verbose_name=_("webhook"),
        db_index=False,
    )
    event_id = models.TextField(_("event id"))
    position = models.BigIntegerField(_("position"), null=True)
    attempted_at = models.DateTimeField(_("attempted at"), db_default=Now())
    seconds = models.FloatField(_("seconds"))
    status = models.IntegerField(_("HTTP status"), null=True)
    retry_after = models.FloatField(_("asked to wait, seconds"), null=True)
    error = models.TextField(_("error"), db_default="", blank=True)

    class Meta:
        """Found by endpoint, newest first."""

        db_table = "event_webhook_attempts"
        verbose_name = _("webhook attempt")
        verbose_name_plural = _("webhook attempts")
        default_permissions = ("view",)
        indexes = (
            models.Index(fields=("endpoint", "-id"), name="eventstore_webhook_attempt"),
        )

    def __str__(self) -> str:
        """Name event and outcome."""
        return f"{self.event_id}: {self.status or self.error}"
