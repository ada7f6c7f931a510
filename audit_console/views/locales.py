"""The choice of a language: for everybody, before the log-in too."""

from __future__ import annotations

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from audit_console import locales
from audit_console.links import own_address


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Keep the language, then lead back to the page.

    Raises:
        BadRequest: there is no such language.
    """
    code = request.POST.get("language", "")
    if code not in dict(locales.offered()):
        raise BadRequest(code)
    response = HttpResponseRedirect(own_address(request.POST.get("next", "")))
    locales.remember(response, code)
    return response
