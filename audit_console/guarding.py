"""What surrounds every view under the prefix: headers, CSRF, errors as pages."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    SuspiciousOperation,
)
from django.core.signals import got_request_exception
from django.db import OperationalError, connections, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.decorators import decorator_from_middleware
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from audit_console import access, headers
from audit_console.access import AccessNotRecordedError, Act, Outcome
from audit_console.chrome import Chrome
from audit_console.locales import language_of
from audit_console.reading import ran_out_of_time
from audit_console.scope import Scope, roles_held, scope_of
from eventstore.roles import Permission

View = Callable[..., HttpResponseBase]

_log = logging.getLogger("audit_console")


class _Csrf(CsrfViewMiddleware):
    """Django's protection, with a refusal that is a page of the console."""

    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        super()._reject(request, reason)  # type: ignore[misc]  # Django's, untyped: logs it
        return error_page(request, 403, _("This form has expired. Go back, reload it."))


_csrf_protect = decorator_from_middleware(_Csrf)


def guard(view: View, name: str) -> View:
    """Return ``view`` as it is mounted: nothing leaves it without the headers.

    Args:
        view: what answers.
        name: of the site: links in its templates lead back to it.
    """
    protected = _csrf_protect(view)

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.current_app = name  # Django's convention
        language = language_of(request)
        with translation.override(language):
            response = _answer(protected, request, *args, **kwargs)
        headers.secure(response)
        response["Content-Language"] = language
        response["X-Request-ID"] = access.request_id_of(request)
        return response

    # The host's middleware would answer without our headers, its transaction would take
    # the record of an access back together with what failed after it.
    guarded = login_not_required(csrf_exempt(guarded))  # our own gate asks
    for alias in connections:
        guarded = transaction.non_atomic_requests(using=alias)(guarded)
    return guarded


def error_page(request: HttpRequest, status: int, message: str = "") -> HttpResponse:
    """Return the page of an error, in the console's layout where that can be had."""
    is_fragment = request.headers.get("HX-Request") == "true"
    template = "errors/_panel.html" if is_fragment else "errors/page.html"
    context = {
        "status": status,
        "title": _TITLES[status](),
        "message": message or _MESSAGES[status](),
        "request_id": access.request_id_of(request),
        "chrome": None if is_fragment else _chrome(request, status),
    }
    body = render_to_string(f"audit_console/{template}", context, request)
    return HttpResponse(body, status=status)


_TITLES: dict[int, Callable[[], str]] = {
    400: lambda: _("This address makes no sense"),
    403: lambda: _("Not allowed"),
    404: lambda: _("Not found"),
    500: lambda: _("Something went wrong"),
    503: lambda: _("Not available"),
}
_MESSAGES: dict[int, Callable[[], str]] = {
    400: lambda: _("A part of the address or of the form cannot be read."),
    403: lambda: _("Your grants do not include this."),
    404: lambda: _("It does not exist, or lies outside what you may see."),
    500: lambda: _("The fault is ours. It was noted under the number below."),
    503: lambda: _("Try again in a moment."),
}


def _answer(
    view: View, request: HttpRequest, *args: Any, **kwargs: Any
) -> HttpResponseBase:
    try:
        return _attempt(view, request, *args, **kwargs)
    except AccessNotRecordedError:
        _log.exception("Reading is disabled because access cannot be recorded.")
        return error_page(
            request,
            503,
            _("Reading is disabled because access cannot be recorded."),
        )
    except Exception as error:  # noqa: BLE001 - whatever it is, the page is ours
        return _failure(request, error)


def _attempt(
    view: View, request: HttpRequest, *args: Any, **kwargs: Any
) -> HttpResponseBase:
    try:
        response = view(request, *args, **kwargs)
        # Rendered here: later it would fail outside of our layout and headers.
        if hasattr(response, "render") and callable(response.render):
            response = response.render()
    except PermissionDenied as error:
        _note(request, Outcome.DENIED)
        return error_page(request, 403, str(error))
    except Http404:
        _note(request, Outcome.NOT_FOUND)
        return error_page(request, 404)
    except (BadRequest, SuspiciousOperation):
        _log.warning("A request was refused.", exc_info=True)
        return error_page(request, 400)
    return response


def _failure(request: HttpRequest, error: Exception) -> HttpResponse:
    if isinstance(error, OperationalError) and ran_out_of_time(error):
        return error_page(
            request,
            503,
            _(
                "Stopped, for it took too long. Narrow the time range or add a type. "
                "Nothing was partially shown."
            ),
        )
    _log.error("Page %s failed.", request.path, exc_info=error)
    got_request_exception.send(sender=None, request=request)
    return error_page(request, 500)


def _note(request: HttpRequest, outcome: Outcome) -> None:
    """Record what was refused; what was asked is the address."""
    if request.user.is_authenticated:
        seen = access.Seen(query=request.path)
        # Also where the grants open no console: there they should know.
        tenants = list(roles_held(request))
        access.record(request, Act.OPEN_PAGE, outcome, tenants=tenants, seen=seen)


def _chrome(request: HttpRequest, status: int) -> Chrome | None:
    """Return the frame, unless what failed may be what the frame needs."""
    user = getattr(request, "user", None)
    if status >= 500 or user is None or not user.is_authenticated:  # noqa: PLR2004 - HTTP
        return None
    try:
        scope = scope_of(request, Permission.VIEW_EVENT)
    except SuspiciousOperation:
        # The address cannot be read, and the frame would have to.
        return None
    except Http404:
        return Chrome(request, Scope(user, {}, (), ()))
    return Chrome(request, scope)
