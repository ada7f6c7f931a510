"""API keys as credentials: ``Authorization: Bearer es_...``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed

from eventstore.keys.recognizing import KeyPrincipal, bearer_key, recognize

if TYPE_CHECKING:
    from django.http import HttpRequest
    from rest_framework.request import Request

    from eventstore.models import ApiKey

_REFUSED = _("This API key opens nothing here.")


class ApiKeyAuthentication(BaseAuthentication):
    """Recognize a key of this store, as a bearer token (RFC 6750).

    Other bearer tokens are left to the classes of the host. Keys come in the header
    alone: addresses end up in logs. A request with a key needs no CSRF token, since no
    browser adds the header by itself.
    """

    def authenticate(self, request: Request) -> tuple[KeyPrincipal, ApiKey] | None:
        """Return the principal and its key; ``None`` when no key was sent.

        Raises:
            AuthenticationFailed: the key is unknown, wrong, expired, revoked or comes
                from elsewhere; nothing says which.
        """
        plain: HttpRequest = request._request  # noqa: SLF001 - REST framework's name for Django's request
        text = bearer_key(plain)
        if text is None:
            return None
        principal = recognize(text, plain)
        if principal is None:
            raise AuthenticationFailed(_REFUSED)
        return principal, principal.api_key

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge."""
        error = "" if bearer_key(request) is None else ', error="invalid_token"'
        return f'Bearer realm="eventstore"{error}'
