"""When people usually work: by the clock of whoever reads, Monday to Friday."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from audit_console.conf import console_settings

_FRIDAY = 5  # as ISO 8601 counts


def outside(column: str) -> Q:
    """Return the condition that the time in ``column`` lies outside of them.

    Both are by the current time zone, which a page makes that of its reader.
    """
    begin, end = console_settings().WORKING_HOURS
    return (
        Q(**{f"{column}__iso_week_day__gt": _FRIDAY})
        | Q(**{f"{column}__hour__lt": begin})
        | Q(**{f"{column}__hour__gte": end})
    )


def count_outside(moments: Iterable[datetime]) -> int:
    """Return how many of ``moments`` lie outside of them.

    They have been fetched: the database, which may know fewer zones, is not asked.
    """
    begin, end = console_settings().WORKING_HOURS
    zone = timezone.get_current_timezone()
    by_clock = (moment.astimezone(zone) for moment in moments)
    return sum(
        local.isoweekday() > _FRIDAY or not begin <= local.hour < end
        for local in by_clock
    )


def in_words() -> str:
    """Say which days, which hours, and of which zone."""
    begin, end = console_settings().WORKING_HOURS
    return _("Monday to Friday, %(begin)s to %(end)s, %(zone)s") % {
        "begin": f"{begin:02}:00",
        "end": f"{end:02}:00",
        "zone": timezone.get_current_timezone_name(),
    }
