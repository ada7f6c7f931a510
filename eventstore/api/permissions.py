"""Who may ask at all. What they then see is up to ``tenants_of``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import IsAuthenticated

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView


class HasGrant(IsAuthenticated):
    """Signed in, and with a grant in at least one tenant."""

    message = _("You have no grant in any tenant. Ask an administrator for one.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Ask for the grants once; the view keeps them."""
        return super().has_permission(request, view) and bool(_tenants(view))


def _tenants(view: Any) -> frozenset[str]:
    tenants: frozenset[str] = view.tenants
    return tenants
