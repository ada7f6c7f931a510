"""Who looked at what, when and why: append-only, as the log itself."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class AccessRecord(models.Model):
    """One look at the log, or the refusal of one.

    The reader is kept as text: no deletion of a user may take the record along.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(_("time"), db_default=Now())
    user_id = models.TextField(_("user id"))
    user_name = models.TextField(_("user"))
    #: What the reader was in these tenants at the time: grants come and go.
    roles = ArrayField(
        models.TextField(), verbose_name=_("roles"), default=list, db_default=[]
    )
    act = models.TextField(_("act"))
    outcome = models.TextField(_("outcome"))
    tenants = ArrayField(models.TextField(), verbose_name=_("tenants"))
    #: What was shown, as ``event:<position>`` or ``aggregate:<type>:<id>``.
    objects_seen = ArrayField(models.TextField(), verbose_name=_("objects"))
    query = models.TextField(_("query"), blank=True)
    result_count = models.BigIntegerField(_("results"), null=True)
    purpose = models.TextField(_("purpose"), blank=True)
    reference = models.TextField(_("reference"), blank=True)
    #: A digest: the key itself would let its reader take the session over.
    session = models.TextField(_("session"), blank=True)
    ip = models.GenericIPAddressField(_("address"), null=True)
    user_agent = models.TextField(_("browser"), blank=True)
    request_id = models.TextField(_("request"))
    is_demo = models.BooleanField(_("demo"), default=False)

    class Meta:
        """Read by time, by reader, by tenant, and by what was seen."""

        db_table = "audit_console_access"
        verbose_name = _("access")
        verbose_name_plural = _("access log")
        default_permissions = ("view",)
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("at",), name="audit_access_time"),
            models.Index(fields=("user_id", "id"), name="audit_access_user"),
            GinIndex(fields=("tenants",), name="audit_access_tenants"),
            GinIndex(fields=("objects_seen",), name="audit_access_objects"),
        )

    def __str__(self) -> str:
        """Say who did what."""
        return f"{self.user_name}: {self.act}, {self.outcome}"
