"""The addresses of objects: an aggregate's has its tenant, its type and its id."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language


def aggregate_url(page: str, key: Any, **more: Any) -> str:
    """Return the address of a page about an aggregate.

    Args:
        page: the name of the URL: ``aggregate``, ``state`` ...
        key: whatever has ``tenant_id``, ``aggregate_type`` and ``aggregate_id``.
        more: further parameters; ``None`` leaves one out.
    """
    query = {
        "tenant": key.tenant_id,
        "type": key.aggregate_type,
        "id": key.aggregate_id,
        **{name: value for name, value in more.items() if value is not None},
    }
    return f"{_page(page)}?{urlencode(query)}"


def own_address(wanted: str) -> str:
    """Return ``wanted`` if it is a page of this console, else the overview."""
    home = _page("index")
    is_ours = wanted.startswith(home) and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts=None
    )
    return wanted if is_ours else home


def event_url(position: int) -> str:
    """Return the address of the event at a position, which is unique in the log."""
    return f"{_page('events')}{position}/"


def correlation_url(tenant_id: str, **of: Any) -> str:
    """Return the address of a conversation (``id=``) or of effects (``event=``)."""
    query = urlencode({"tenant": tenant_id, **of})
    return f"{_page('correlations')}?{query}"


def _page(name: str) -> str:
    """Return the address of a page: a list of fifty events names a hundred."""
    urlconf = get_urlconf() or settings.ROOT_URLCONF
    return _reversed(name, get_script_prefix(), urlconf, get_language())


@lru_cache(maxsize=100)
def _reversed(name: str, _prefix: str, _urlconf: str, _language: str | None) -> str:
    # By language too: a host's addresses may begin with it, or be translated.
    return reverse(f"audit_console:{name}")
