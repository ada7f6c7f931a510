"""A reader's preferences, asked for once a request."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest

from audit_console.models import Preference


def of(request: HttpRequest) -> Preference:
    """Return the preferences of the request's user; the defaults, if none are kept."""
    known: Preference | None = getattr(request, "_console_preference", None)
    if known is None:
        # The gate lets nobody in who has no key.
        key = cast("int | str", request.user.pk)
        found = Preference.objects.filter(user_id=key).first()
        known = found or Preference(user_id=key)
        request._console_preference = known  # type: ignore[attr-defined]  # noqa: SLF001 - a memo of ours
    return known
