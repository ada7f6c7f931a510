"""The pages that the ``type`` of a problem leads to; they tell nothing of anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_safe

from eventstore.api.problems import KINDS
from eventstore.api.unknown import unknown_address

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "public, max-age=3600",
}


@require_safe
def problem_page(request: HttpRequest, code: str = "") -> HttpResponse:
    """Explain one kind of problem, or all."""
    kind = KINDS.get(code)
    if code and kind is None:
        return unknown_address(request)
    page = render(
        request,
        "eventstore/api/problems.html",
        {"kind": kind, "kinds": KINDS.values()},
    )
    for name, value in _HEADERS.items():
        page[name] = value
    return page


problem_page.login_required = False  # type: ignore[attr-defined]  # Django's mark
