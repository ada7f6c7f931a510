"""How often one principal may ask."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.cache import cache
from rest_framework.throttling import BaseThrottle

from eventstore.conf import parse_rate, store_settings

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView


@dataclass(frozen=True, slots=True)
class Quota:
    """What is left of a window.

    Attributes:
        limit: requests a window.
        window: its length in seconds.
        left: requests that are left.
        reset: seconds until the next window.
    """

    limit: int
    window: int
    left: int
    reset: int

    @property
    def headers(self) -> dict[str, str]:
        """The fields of draft-ietf-httpapi-ratelimit-headers-10."""
        return {
            "RateLimit-Policy": f'"default";q={self.limit};w={self.window}',
            "RateLimit": f'"default";r={self.left};t={self.reset}',
        }


class PrincipalThrottle(BaseThrottle):
    """Count the requests of each user and key in fixed windows, in Django's cache.

    The windows of all principals begin together, so that one counter a principal is
    enough and adding to it is atomic. In a cache of the process (``LocMemCache``, the
    default) each process counts for itself.
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self.quota: Quota | None = None

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Count the request, and return whether it is one too many."""
        del view
        key = getattr(request.user, "api_key", None)
        rate = parse_rate((key and key.rate) or store_settings().API_RATE)
        if rate is None:
            return True
        limit, window = rate
        now = time.time()
        number = int(now // window)
        who = str(key) if key else f"user:{request.user.pk}"
        count = _count(f"eventstore.rate:{who}:{window}:{number}", window)
        self.quota = Quota(
            limit,
            window,
            left=max(limit - count, 0),
            reset=math.ceil((number + 1) * window - now),
        )
        return count <= limit

    def wait(self) -> float | None:
        """Return the seconds until the next window."""
        return None if self.quota is None else self.quota.reset


def _count(key: str, seconds: int) -> int:
    cache.add(key, 0, timeout=seconds)
    try:
        return cache.incr(key)
    except ValueError:
        # It ended between the two: this request is the first of the next window.
        return 1
