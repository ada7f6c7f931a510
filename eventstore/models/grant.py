"""Who may see which tenant. No grant, no rows."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from eventstore.models.api_key import ApiKey
from eventstore.roles import Role

_PRINCIPALS = ("user", "group", "key")


def _only(principal: str) -> Q:
    return Q(**{f"{name}__isnull": name != principal for name in _PRINCIPALS})


class TenantGrant(models.Model):
    """The role of a user, a group or an API key in one tenant."""

    Role = Role

    id = models.BigAutoField(primary_key=True)
    tenant_id = models.TextField(_("tenant"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="tenant_grants",
        verbose_name=_("user"),
    )
    group = models.ForeignKey(
        "auth.Group",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="tenant_grants",
        verbose_name=_("group"),
    )
    key = models.ForeignKey(
        ApiKey,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="tenant_grants",
        verbose_name=_("API key"),
    )
    role = models.TextField(_("role"), choices=Role.choices, default=Role.READER)

    class Meta:
        """Exactly one of user, group and key, each once in a tenant and role."""

        db_table = "eventstore_tenant_grants"
        verbose_name = _("tenant grant")
        verbose_name_plural = _("tenant grants")
        constraints = (
            models.CheckConstraint(
                condition=_only("user") | _only("group") | _only("key"),
                name="eventstore_grant_principal",
            ),
            models.UniqueConstraint(
                fields=("tenant_id", "user", "role"),
                name="eventstore_grant_user",
            ),
            models.UniqueConstraint(
                fields=("tenant_id", "group", "role"),
                name="eventstore_grant_group",
            ),
            models.UniqueConstraint(
                fields=("tenant_id", "key", "role"),
                name="eventstore_grant_key",
            ),
        )

    def __str__(self) -> str:
        """Say who may do what where."""
        return f"{self.user or self.group or self.key}: {self.role} in {self.tenant_id}"
