"""What a piece of a date means: ``2026-03`` is a month, ``2026-03-01T14`` an hour."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

from django.utils.translation import gettext as _

_PIECE = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)"
    r"(?:[T ](?P<hour>\d\d)(?::(?P<minute>\d\d)(?::(?P<second>\d\d)"
    r"(?:\.(?P<micro>\d{1,6}))?)?)?(?P<offset>Z|[+-]\d\d:?\d\d)?)?)?)?",
    re.ASCII,
)


class NotAMoment(ValueError):
    """A text is no date, or names no single moment; the message says which."""


def bounds(text: str, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return where the piece of time called ``text`` begins and where it has ended.

    Args:
        text: ISO 8601, from a year to a microsecond, with or without an offset.
        zone: of times without an offset.

    Returns:
        Two moments in UTC; the second one no longer belongs to it.

    Raises:
        NotAMoment: it is no date, or a clock that was set back showed it twice, or one
            that was set forward never.
    """
    found = _PIECE.fullmatch(text.strip())
    if found is None:
        raise NotAMoment(
            _("write it as 2026-03-01 or 2026-03-01T14:05, in parts or whole.")
        )
    parts = found.groupdict()
    micro = int((parts["micro"] or "0").ljust(6, "0"))
    year, month, day, hour, minute, second = (
        int(parts[name] or default)
        for name, default in zip(
            ("year", "month", "day", "hour", "minute", "second"),
            (1, 1, 1, 0, 0, 0),
            strict=True,
        )
    )
    in_zone = _zone(parts["offset"], zone)
    try:
        begin = datetime(year, month, day, hour, minute, second, micro, in_zone)
        end = _after(begin, parts)
        return _single(begin).astimezone(UTC), _single(end).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        if isinstance(error, NotAMoment):
            raise
        raise NotAMoment(_("there is no such date or time.")) from None


def end_of(text: str, zone: tzinfo, side: int) -> datetime:
    """Return where the piece of time called ``text`` begins (0), or has ended (1).

    Raises:
        NotAMoment: as :func:`bounds`; or it lies at an end of the calendar, where no
            clock of ``zone`` shows it.
    """
    moment = bounds(text, zone)[side]
    try:
        moment.astimezone(zone)
    except OverflowError:
        raise NotAMoment(_("there is no such date or time.")) from None
    return moment


def by_clock(text: str, zone: tzinfo) -> str:
    """Return the moment called ``text`` as the clock of ``zone`` shows it.

    Args:
        text: as for :func:`bounds`.
        zone: of times without an offset, and of the answer.

    Returns:
        A date and a time to the second; ``text`` itself where these would not name that
        moment, or none but that.
    """
    try:
        moment, _end = bounds(text, zone)
        local = f"{moment.astimezone(zone):%Y-%m-%dT%H:%M:%S}"
        return local if bounds(local, zone)[0] == moment else text
    except (NotAMoment, OverflowError):
        return text


def _zone(offset: str | None, zone: tzinfo) -> tzinfo:
    if offset is None:
        return zone
    known = datetime.fromisoformat(f"2000-01-01T00:00:00{offset}").tzinfo
    return known or UTC


def _after(begin: datetime, parts: dict[str, str | None]) -> datetime:
    """Return the next piece of the same size, by the clock on the wall."""
    if parts["month"] is None:
        return begin.replace(year=begin.year + 1)
    if parts["day"] is None:
        return (begin + timedelta(days=32)).replace(day=1)
    if parts["hour"] is None:
        return begin + timedelta(days=1)
    step = next(
        (
            length
            for name, length in (
                ("minute", timedelta(hours=1)),
                ("second", timedelta(minutes=1)),
                ("micro", timedelta(seconds=1)),
            )
            if parts[name] is None
        ),
        timedelta(microseconds=10 ** (6 - len(parts["micro"] or ""))),
    )
    return (begin.astimezone(UTC) + step).astimezone(begin.tzinfo)


def _single(moment: datetime) -> datetime:
    """Return ``moment``, unless the wall clock showed it never or twice."""
    early, late = moment.replace(fold=0), moment.replace(fold=1)
    if early.utcoffset() == late.utcoffset():
        return moment
    was_skipped = early.astimezone(UTC).astimezone(moment.tzinfo) != early
    if was_skipped and moment.hour == 0 and moment.minute == 0:
        # The day begins later: its first moment is what the clock jumped to.
        return early
    first, second = (f"{side:%Y-%m-%dT%H:%M:%S%z}" for side in (early, late))
    facts = {"first": first, "second": second}
    if was_skipped:
        reason = _(
            "this local time never was: the clock was set forward. "
            "Write %(first)s or %(second)s."
        )
    else:
        reason = _("this local time was there twice. Write %(first)s or %(second)s.")
    raise NotAMoment(reason % facts)
