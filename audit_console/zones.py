"""The time zone in which a person reads."""

from __future__ import annotations

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.http import HttpRequest

from audit_console import preferences

_UTC = "UTC"


@cache
def names() -> frozenset[str]:
    """Return the names of all zones that this machine knows."""
    # That of the machine itself is none that the database would know by this name.
    return frozenset(available_timezones() - {"localtime"})


def zone_of(request: HttpRequest) -> ZoneInfo:
    """Return the zone of the address (``?tz=``), else the preferred one, else UTC."""
    for name in (request.GET.get("tz", ""), preferences.of(request).time_zone):
        if name in names():
            return ZoneInfo(name)
    return ZoneInfo(_UTC)


def offered(request: HttpRequest) -> list[str]:
    """Return the zones of the banner's menu: UTC, the host's, one's own, this one."""
    own = preferences.of(request).time_zone
    shown = (_UTC, settings.TIME_ZONE, own, zone_of(request).key)
    return list(dict.fromkeys(shown))
