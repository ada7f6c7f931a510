"""The language in which a person reads.

Whoever chose one in the console gets it. Else it is what the host decided: by its own
``LocaleMiddleware``, or its ``LANGUAGE_CODE``. The choice is kept in Django's cookie,
as by ``django.views.i18n.set_language``, so that it holds before the log-in, too.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import get_language, get_language_info

#: Those with a catalogue in ``locale``; English is what the texts are written in.
_TRANSLATED = frozenset({"en", "de"})


def offered() -> list[tuple[str, str]]:
    """Return the languages to choose from: code, and name in the language itself."""
    if not settings.USE_I18N:
        return []
    return [
        (code, get_language_info(code)["name_local"])
        for code, _name in settings.LANGUAGES
        if code in _TRANSLATED
    ]


def language_of(request: HttpRequest) -> str:
    """Return the code of the chosen language, else of the host's."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if chosen in dict(offered()):
        return chosen
    return get_language() or settings.LANGUAGE_CODE


def remember(response: HttpResponseBase, code: str) -> None:
    """Have the browser keep the choice."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=settings.LANGUAGE_COOKIE_AGE or 365 * 24 * 3600,
        path=settings.LANGUAGE_COOKIE_PATH,
        domain=settings.LANGUAGE_COOKIE_DOMAIN,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE or "Lax",
    )
