"""How answers travel: compressed, and only when they have changed."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from django.http import HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag
from rest_framework import status
from rest_framework.response import Response
from rest_framework.views import APIView

if TYPE_CHECKING:
    from django.http import HttpRequest
    from rest_framework.request import Request


class DeliveredView(APIView):
    """A view whose answers belong to one caller, and are asked for again and again.

    Compressing what holds secrets beside what an attacker can have put into it tells
    its length (BREACH). Django's middleware adds a random number of bytes for that, and
    no answer of the API repeats a token: so it compresses.

    Attributes:
        conditional: the actions that answer with one thing, which has an entity tag:
            that of the view, or else of the very bytes.
        uncompressed: the actions whose tag must stay strong, for ``If-Match``.
    """

    conditional: ClassVar[frozenset[str]] = frozenset()
    uncompressed: ClassVar[frozenset[str]] = frozenset()

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Any:
        """Keep what one caller may see out of shared caches, and have it travel."""
        final = super().finalize_response(request, response, *args, **kwargs)
        patch_cache_control(final, private=True, no_cache=True)
        if request.method == "GET" and isinstance(final, Response):
            action = getattr(self, "action", None)
            deliver = partial(
                _deliver,
                request._request,  # noqa: SLF001 - REST framework's name for Django's request
                is_conditional=action in self.conditional,
                is_compressed=action not in self.uncompressed,
            )
            final.add_post_render_callback(deliver)
        return final


def _deliver(
    request: HttpRequest,
    response: HttpResponse,
    *,
    is_conditional: bool,
    is_compressed: bool,
) -> Any:
    if response.status_code != status.HTTP_200_OK:
        return response
    delivered: Any = response
    if is_conditional:
        if not response.has_header("ETag"):
            digest = hashlib.sha256(response.content).hexdigest()
            response["ETag"] = quote_etag(digest[:32])
        delivered = get_conditional_response(
            request, etag=response["ETag"], response=response
        )
    if is_compressed and delivered is response:
        # Its constructor wants what it would wrap; the answer is here already.
        return GZipMiddleware(lambda _request: response).process_response(
            request, response
        )
    return delivered
