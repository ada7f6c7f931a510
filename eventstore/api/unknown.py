"""The rest of the addresses below the API: nothing, in the API's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from eventstore.api.problems import KINDS, Problem

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@csrf_exempt
def unknown_address(request: HttpRequest) -> HttpResponse:
    """Answer that there is no such address."""
    hint = _("The API has no such address.")
    if not request.path.endswith("/"):
        hint = _("The API has no such address; they all end with a slash.")
    return Problem(kind=KINDS["unknown_address"], detail=hint).answer(request)


#: Hosts may have ``LoginRequiredMiddleware``: strangers, too, get no page of a login.
unknown_address.login_required = False  # type: ignore[attr-defined]  # Django's mark
