"""Days as the reader's language writes them.

English, which is spoken in many countries, gets ISO 8601: 04/05/2026 would be read as
April by some and as May by others.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from django.utils.formats import date_format
from django.utils.translation import get_language, pgettext


def digits(day: date) -> str:
    """Return a day in digits: 2026-11-05, in German 05.11.2026."""
    return _in_digits(date(day.year, day.month, day.day), get_language())


@lru_cache(maxsize=1000)
def _in_digits(day: date, _language: str | None) -> str:
    # A list names few days, each in many rows.
    form = pgettext("a day in digits, in the letters of Django's date filter", "Y-m-d")
    return date_format(day, form)


def words(day: date) -> str:
    """Return a day with the name of its month: 5 Nov 2026."""
    form = pgettext("a day, month and year, in Django's letters", "j M Y")
    return date_format(day, form)


def moment(local: datetime) -> str:
    """Return a day in digits, the time to the second where that counts, the offset."""
    clock = "H:i:s" if local.second else "H:i"
    return f"{digits(local)} {date_format(local, clock)} {local:%z}"


def in_year(moment: datetime, clock: str) -> str:
    """Return a day without its year, and the time: 5 Nov 14:00.

    Args:
        moment: in the zone in which it is shown.
        clock: how the time is written, in the letters of Django's date filter.
    """
    form = pgettext("a day and month, in Django's letters", "j M")
    return f"{date_format(moment, form)} {date_format(moment, clock)}"
