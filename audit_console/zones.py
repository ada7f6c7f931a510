"""The time zone in which a person reads."""

from __future__ import annotations

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.http import HttpRequest

_KEY = "audit_console_zone"


@cache
def names() -> frozenset[str]:
    """Return the names of all zones that this machine knows."""
    return frozenset(available_timezones())


def zone_of(request: HttpRequest) -> ZoneInfo:
    """Return the zone of the address (``?tz=``), else the chosen one, else UTC."""
    for name in (request.GET.get("tz", ""), request.session.get(_KEY, "")):
        if name in names():
            return ZoneInfo(name)
    return ZoneInfo("UTC")


def choose(request: HttpRequest, name: str) -> None:
    """Keep the zone for this session."""
    request.session[_KEY] = name


def offered(current: str) -> list[str]:
    """Return the few zones of the banner's menu: UTC, the host's, the current one."""
    return list(dict.fromkeys(("UTC", settings.TIME_ZONE, current)))
