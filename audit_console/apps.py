"""The app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConsoleConfig(AppConfig):
    """``INSTALLED_APPS = [..., "django_htmx", "eventstore", "audit_console"]``."""

    name = "audit_console"
    verbose_name = _("Audit console")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks."""
        from audit_console import checks  # noqa: F401, PLC0415 - needs the apps
