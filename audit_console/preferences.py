"""A reader's preferences, asked for once a request."""

from __future__ import annotations

from django.http import HttpRequest

from audit_console.models import Preference


def of(request: HttpRequest) -> Preference:
    """Return the preferences of the request's user; the defaults, if none are kept."""
    known: Preference | None = getattr(request, "_console_preference", None)
    if known is None:
        found = Preference.objects.filter(user_id=request.user.pk).first()
        known = found or Preference(user_id=request.user.pk)
        request._console_preference = known  # type: ignore[attr-defined]  # noqa: SLF001 - a memo of ours
    return known
