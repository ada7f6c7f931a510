"""The addresses of objects: an aggregate's has its tenant, its type and its id."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


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
    return f"{reverse(f'audit_console:{page}')}?{urlencode(query)}"


def own_address(wanted: str) -> str:
    """Return ``wanted`` if it is a page of this console, else the overview."""
    home = reverse("audit_console:index")
    is_ours = wanted.startswith(home) and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts=None
    )
    return wanted if is_ours else home


def event_url(position: int) -> str:
    """Return the address of the event at a position, which is unique in the log."""
    return reverse("audit_console:event", args=(position,))


def correlation_url(tenant_id: str, **of: Any) -> str:
    """Return the address of a conversation (``id=``) or of effects (``event=``)."""
    query = urlencode({"tenant": tenant_id, **of})
    return f"{reverse('audit_console:correlations')}?{query}"
