"""How a person likes to read."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Preference(models.Model):
    """A user's choices; without a row, all of them are the defaults."""

    class Theme(models.TextChoices):
        """Light, dark, or what the system says."""

        AUTO = "auto", _("As the system")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="+",
        verbose_name=_("user"),
    )
    time_zone = models.TextField(_("time zone"), default="UTC")
    theme = models.TextField(_("theme"), choices=Theme, default=Theme.AUTO)
    shortcuts = models.BooleanField(
        _("keyboard shortcuts"),
        default=True,
        help_text=_("Single keys such as j, k and /; never while you type."),
    )

    class Meta:
        """One row a user."""

        db_table = "audit_console_preferences"
        verbose_name = _("preference")
        verbose_name_plural = _("preferences")
        default_permissions = ()

    def __str__(self) -> str:
        """Name the user."""
        return str(self.user)
