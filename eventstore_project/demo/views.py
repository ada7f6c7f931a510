"""The start page of the deployment."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from eventstore_project.demo import projections, stories
from eventstore_project.demo.accounts import LOGINS, PASSWORD

#: How many releases the page lists.
_RELEASES = 6


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Lead on; the demo's own server also names its logins and what its worker does."""
    return render(
        request, "eventstore_project/start.html", {"demo": settings.DEMO and _demo()}
    )


def _demo() -> dict[str, Any]:
    return {
        "logins": LOGINS,
        "password": PASSWORD,
        "stories": stories.find(),
        "releases": projections.releases_now(_RELEASES),
    }
