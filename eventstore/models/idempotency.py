"""Answers that are kept, so that a repeated request does not act twice."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class IdempotencyKey(models.Model):
    """One ``Idempotency-Key``, the request that it came with, and its answer.

    Written by ``eventstore.api.idempotency`` in the transaction of the append. An
    answer holds ids, versions and positions, and nothing of a payload: what is redacted
    in the log is nowhere else.
    """

    id = models.BigAutoField(primary_key=True)
    tenant_id = models.TextField(_("tenant"))
    principal = models.TextField(_("principal"))
    key = models.TextField(_("key"))
    fingerprint = models.BinaryField(_("fingerprint of the request"))
    status = models.SmallIntegerField(_("status"))
    headers = models.JSONField(_("headers"))
    body = models.TextField(_("body"))
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    expires_at = models.DateTimeField(_("expires at"))

    class Meta:
        """A key is its principal's own, in one tenant."""

        db_table = "eventstore_idempotency_keys"
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        default_permissions = ("view",)
        constraints = (
            models.UniqueConstraint(
                fields=("tenant_id", "principal", "key"),
                name="eventstore_idempotency_key",
            ),
        )
        indexes = (
            models.Index(fields=("expires_at",), name="eventstore_idempotency_expiry"),
        )

    def __str__(self) -> str:
        """Name the key and whose it is."""
        return f"{self.key} ({self.principal} in {self.tenant_id})"
