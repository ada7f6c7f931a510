"""The start page of the deployment."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from eventstore_project.demo import projections
from eventstore_project.demo.accounts import LOGINS, PASSWORD

#: How many releases the page lists.
_RELEASES = 6

#: What is worth a look, in the demo's story.
PLACES = {
    "Second thoughts": (
        "tidewater-rail, requirement R-53: rejected four times, then approved."
    ),
    "Old shapes": (
        "RequirementApproved was v1, then v2; both are stored as they were written, "
        "and lifted to v3 when they are replayed."
    ),
    "Chains": (
        "A release that is ready, why, and what that set off: one correlation id."
    ),
    "Deadlines": (
        "A new release that is not ready when it is due: ReleaseEscalated, from a "
        "process manager. Its own memory is the aggregate type ReleaseReadiness."
    ),
    "Removed": (
        "aurora-health, R-4: name and e-mail of whoever asked for it are gone. "
        "meridian-pay, R-8: a whole comment."
    ),
}


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Lead to the admin and the API; the demo's own server also names its logins."""
    return render(
        request, "eventstore_project/start.html", {"demo": settings.DEMO and _demo()}
    )


def _demo() -> dict[str, Any]:
    return {
        "logins": LOGINS,
        "password": PASSWORD,
        "places": PLACES.items(),
        "releases": projections.releases_now(_RELEASES),
    }
