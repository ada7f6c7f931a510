"""How the API says that an address is going to disappear."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.http import http_date

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Deprecation:
    """An end that is announced: the ``deprecation`` of a view.

    Attributes:
        since: from when on nobody should begin to use the address.
        sunset: when it stops to answer, ``None`` while that is open.
        policy: the address of a page that says what to use instead.
    """

    since: datetime
    sunset: datetime | None = None
    policy: str

    @property
    def headers(self) -> dict[str, str]:
        """``Deprecation`` and its ``Link`` (RFC 9745), and ``Sunset`` (RFC 8594)."""
        headers = {
            "Deprecation": f"@{int(self.since.timestamp())}",
            "Link": f'<{self.policy}>; rel="deprecation"; type="text/html"',
        }
        if self.sunset is not None:
            headers["Sunset"] = http_date(self.sunset.timestamp())
        return headers
