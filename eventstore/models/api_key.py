"""API keys: principals of their own, for machines."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ApiKey(models.Model):
    """A key that a program authenticates with. What it may, its grants say.

    Of the secret only the SHA-256 is stored. A slow, salted hash protects passwords,
    which can be guessed; 256 random bits cannot, and are checked at each request.
    """

    id = models.BigAutoField(primary_key=True)
    #: The visible part of the key: it names the key in lists, logs and events.
    prefix = models.TextField(_("prefix"), unique=True)
    name = models.TextField(_("name"))
    digest = models.BinaryField(_("digest"))
    #: The secret before the last rotation, while both are good.
    former_digest = models.BinaryField(_("former digest"), null=True)
    former_expires_at = models.DateTimeField(_("former secret expires at"), null=True)
    #: When somebody last came with the former secret: until then it is still in use.
    former_used_at = models.DateTimeField(_("former secret last used at"), null=True)
    #: Permissions that the key may make use of; all that its grants give when null.
    scopes = models.JSONField(_("scopes"), null=True)
    #: Where it may come from, in CIDR notation; anywhere when empty.
    networks = models.JSONField(_("networks"), default=list)
    #: Its own rate such as "60/min"; the setting's when empty.
    rate = models.TextField(_("rate"), db_default="", blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("created by"),
    )
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    expires_at = models.DateTimeField(_("expires at"), null=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True)

    class Meta:
        """Found by prefix; rows are few."""

        db_table = "eventstore_api_keys"
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        default_permissions = ("view", "change")

    def __str__(self) -> str:
        """Name the key, never its secret."""
        return f"key:{self.prefix}"

    @property
    def is_active(self) -> bool:
        """Whether it opens anything now."""
        return self.revoked_at is None and (
            self.expires_at is None or timezone.now() < self.expires_at
        )
