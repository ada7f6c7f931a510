"""Who can log in, for the log-in page of the demo."""

from __future__ import annotations

from django import template
from django.conf import settings

from eventstore_project.demo.accounts import FOR_CONSOLE, PASSWORD, Login

register = template.Library()


@register.simple_tag
def demo_logins() -> tuple[Login, ...]:
    """Return the users of the console; nobody where this is no demo."""
    return FOR_CONSOLE if settings.DEMO else ()


@register.simple_tag
def demo_password() -> str:
    """Return everybody's password; nothing where this is no demo."""
    return PASSWORD if settings.DEMO else ""
