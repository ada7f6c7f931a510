"""The OpenAPI document, and its two readers in the browser.

The document comes ready-made with the package and has no authority: it says the same to
everybody who may ask.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.apps import apps
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import NotFound
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import TemplateHTMLRenderer

from eventstore.api.contract import ContractView
from eventstore.api.permissions import GrantedView
from eventstore.api.refusals import allow_parameters
from eventstore.api.renderers import ExactJSONRenderer

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase
    from rest_framework.request import Request

PATH = Path(__file__).with_name("openapi.json")
#: The app that brings Swagger UI and Redoc as static files.
SIDECAR = "drf_spectacular_sidecar"


class OpenApiRenderer(ExactJSONRenderer):
    """The media type that OpenAPI has asked IANA for."""

    media_type = "application/vnd.oai.openapi+json"
    format = "openapi"


class SchemaView(ContractView, GrantedView):
    """The OpenAPI 3.1 document of this API."""

    permission_classes = (IsAuthenticated,)
    renderer_classes = (OpenApiRenderer, ExactJSONRenderer)

    def get(self, request: Request) -> HttpResponseBase:
        """Return the document, for where the API is mounted here."""
        allow_parameters(request)
        prefix = reverse("eventstore-api:schema").removesuffix("/schema/")
        text, tag = _document(prefix)
        answer = HttpResponse(text, content_type=request.accepted_renderer.media_type)
        answer["ETag"] = tag
        patch_cache_control(answer, private=True, no_cache=True)
        known = get_conditional_response(request._request, tag, None, answer)  # noqa: SLF001 - REST framework's name for Django's request
        return known if known is not None else answer


@cache
def _document(prefix: str) -> tuple[bytes, str]:
    document = json.loads(PATH.read_bytes())
    document["servers"] = [{"url": prefix or "/"}]
    text = json.dumps(document, ensure_ascii=False).encode()
    return text, f'"{hashlib.sha256(text).hexdigest()[:32]}"'


class Reader(ContractView, GrantedView):
    """A page that shows the document.

    Attributes:
        template: of the page.
        files: static files of the sidecar that the page loads, by name.
    """

    permission_classes = (IsAuthenticated,)
    renderer_classes = (TemplateHTMLRenderer,)
    template: str
    files: dict[str, str]

    def get(self, request: Request) -> HttpResponse:
        """Return the page."""
        if not apps.is_installed(SIDECAR):
            raise NotFound(
                _(
                    "This server shows no pages about the API. Those who run it can "
                    "install django-eventstore[openapi] and add "
                    "drf_spectacular_sidecar to INSTALLED_APPS."
                )
            )
        nonce = secrets.token_urlsafe(16)
        page = render_to_string(
            f"eventstore/api/{self.template}",
            {
                "files": {
                    name: static(f"{SIDECAR}/{path}")
                    for name, path in self.files.items()
                },
                "schema": reverse("eventstore-api:schema"),
                "csrf_token": get_token(request._request),  # noqa: SLF001 - as above
                "nonce": nonce,
            },
        )
        return HttpResponse(
            page,
            headers={
                "Content-Security-Policy": _policy(nonce),
                "Cache-Control": "no-store",
            },
        )


class SwaggerView(Reader):
    """Swagger UI, to try requests out."""

    template = "swagger.html"
    files = {
        "style": "swagger-ui-dist/swagger-ui.css",
        "script": "swagger-ui-dist/swagger-ui-bundle.js",
        "icon": "swagger-ui-dist/favicon-32x32.png",
    }


class RedocView(Reader):
    """Redoc, to read."""

    template = "redoc.html"
    files = {"script": "redoc/bundles/redoc.standalone.js"}


def _policy(nonce: str) -> str:
    """Return what the page may load: files of this server, and nothing inline.

    Static files may lie on a host of their own.
    """
    parts = urlsplit(static("eventstore/api/docs.css"))
    origin = f" {parts.scheme}://{parts.netloc}" if parts.netloc else ""
    rules: dict[str, Any] = {
        "default-src": "'none'",
        "script-src": f"'self'{origin}",
        "style-src": f"'self'{origin} 'nonce-{nonce}'",
        "img-src": f"'self'{origin} data:",
        "font-src": f"'self'{origin}",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())
