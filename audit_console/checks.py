"""System checks: what a host must have for the console to work."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from audit_console.conf import console_settings, find_faults

#: What Django's own storages are for: media and static files.
_SERVED = ("default", "staticfiles")
_NEEDED = (
    "django.contrib.admin",
    "django.contrib.postgres",
    "django_htmx",
    "eventstore",
)


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


@register()
def exports_have_a_private_place(**_: Any) -> list[CheckMessage]:
    """Report a storage of exports that is missing, or that the host serves by URL."""
    if find_faults(getattr(settings, "AUDIT_CONSOLE", {})):
        return []
    alias = console_settings().EXPORT_STORAGE
    if alias and alias not in settings.STORAGES:
        message = f"AUDIT_CONSOLE['EXPORT_STORAGE'] is {alias!r}, not in STORAGES."
    elif alias in _SERVED:
        message = f"Exports would lie in the storage {alias!r}, which hosts serve."
    else:
        return []
    return [
        Error(
            message,
            hint="Name a storage of their own that no URL leads to; "
            "docs/how-to/exports.md has one.",
            id="audit_console.E003",
        )
    ]
