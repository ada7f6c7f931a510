"""The headers of every response under the console's prefix."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpResponseBase
from django.templatetags.static import static
from django.utils.cache import patch_vary_headers

#: Powerful features that no page of the console needs.
_FEATURES = (
    "accelerometer",
    "autoplay",
    "camera",
    "clipboard-read",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "publickey-credentials-get",
    "screen-wake-lock",
    "usb",
    "xr-spatial-tracking",
)


def secure(response: HttpResponseBase) -> None:
    """Set the headers, over whatever was there."""
    response["Content-Security-Policy"] = policy()
    # With "no-referrer" browsers send "Origin: null", and Django refuses every POST.
    response["Referrer-Policy"] = "same-origin"
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Frame-Options"] = "DENY"
    response["Cross-Origin-Opener-Policy"] = "same-origin"
    response["Permissions-Policy"] = ", ".join(f"{name}=()" for name in _FEATURES)
    patch_vary_headers(response, ("Cookie", "HX-Request", "HX-Target"))


def policy() -> str:
    """Return the policy: our own files, nothing inline; so no nonce is needed."""
    own = " ".join(("'self'", *_origins_of_static_files()))
    return (
        f"default-src 'none'; script-src {own}; style-src {own}; "
        f"img-src {own} data:; font-src {own}; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def _origins_of_static_files() -> list[str]:
    """Return the other origin that STATIC_URL names, if it names one."""
    parts = urlsplit(static("audit_console/console.css"))
    if not parts.netloc:
        return []
    return [f"{parts.scheme}://{parts.netloc}" if parts.scheme else parts.netloc]
