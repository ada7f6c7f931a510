"""Whatever no page answers to."""

from __future__ import annotations

from typing import Any, NoReturn

from django.http import Http404, HttpRequest


def not_found(_request: HttpRequest, **_kwargs: Any) -> NoReturn:
    """Say that there is no such page.

    Raises:
        Http404: always.
    """
    raise Http404
