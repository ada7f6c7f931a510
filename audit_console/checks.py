"""System checks: what a host must have for the console to work."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from audit_console.conf import find_faults

_NEEDED = ("django.contrib.admin", "django_htmx", "eventstore")


@register()
def settings_are_right(**_: Any) -> list[CheckMessage]:
    """Report faults of ``AUDIT_CONSOLE``."""
    return [
        Error(fault, id="audit_console.E001")
        for fault in find_faults(getattr(settings, "AUDIT_CONSOLE", {}))
    ]


@register()
def apps_are_installed(**_: Any) -> list[CheckMessage]:
    """Report apps whose files the console's pages load."""
    return [
        Error(
            f"{name} is not in INSTALLED_APPS.",
            hint=f'Add "{name}" before "audit_console".',
            id="audit_console.E002",
        )
        for name in _NEEDED
        if not apps.is_installed(name)
    ]
