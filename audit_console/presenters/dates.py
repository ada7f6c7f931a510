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
    form = pgettext("a day in digits, in the letters of Django's date filter", "Y-m-d")
    return _written(day, form)


def words(day: date) -> str:
    """Return a day with the name of its month: 5 Nov 2026."""
    return _written(
        day, pgettext("a day, month and year, in Django's letters", "j M Y")
    )


def _written(day: date, form: str) -> str:
    return _kept(date(day.year, day.month, day.day), form, get_language())


@lru_cache(maxsize=1000)
def _kept(day: date, form: str, _language: str | None) -> str:
    # A page names few days, each in many rows or bars.
    return date_format(day, form)


def clock(local: datetime, *, with_seconds: bool = False) -> str:
    """Return the time of day, 14:00, to the minute or the second."""
    return local.strftime("%H:%M:%S" if with_seconds else "%H:%M")


def moment(local: datetime) -> str:
    """Return a day in digits, the time to the second where that counts, the offset."""
    time = clock(local, with_seconds=bool(local.second))
    return f"{digits(local)} {time} {local:%z}"


def in_year(day: date) -> str:
    """Return a day without its year: 5 Nov."""
    return _written(day, pgettext("a day and month, in Django's letters", "j M"))
