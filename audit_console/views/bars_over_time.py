"""A histogram as bars: each says its time in words and leads to what it counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from audit_console.presenters import charts, dates
from audit_console.presenters.charts import BarChart, Entry
from audit_console.queries.histogram import Bucket, Histogram

#: Where the list of a range is: from the first moment, before the second.
Link = Callable[[datetime, datetime], str]


def draw(histogram: Histogram, link: Link, *, is_narrowed: bool) -> BarChart:
    """Return the bars of ``histogram``.

    Args:
        histogram: what is counted.
        link: where a bar leads.
        is_narrowed: whether no bar may lead beyond the histogram's own range.
    """
    entries = []
    for bucket in histogram.buckets:
        since, until = bucket.begin, bucket.end
        if is_narrowed:
            since = max(since, histogram.since)
            until = min(until, histogram.until)
        url = link(since, until) if since < until else ""
        entries.append(_entry(bucket, histogram, url))
    return charts.upright(entries)


def _entry(bucket: Bucket, histogram: Histogram, url: str) -> Entry:
    is_days = histogram.step.is_days
    zone = histogram.day_zone if is_days else timezone.get_current_timezone()
    begin, end = bucket.begin.astimezone(zone), bucket.end.astimezone(zone)
    if is_days:
        last = end - timedelta(microseconds=1)
        short = dates.words(begin)
        label = (
            short if begin.date() == last.date() else _span(short, dates.words(last))
        )
    else:
        seconds = histogram.step.seconds < 60  # noqa: PLR2004 - a minute
        since, until = (dates.clock(one, with_seconds=seconds) for one in (begin, end))
        label = _span(f"{dates.words(begin)} {since}", f"{until} {begin:%z}")
        is_long = histogram.until - histogram.since > timedelta(days=1)
        short = f"{dates.in_year(begin)} {since}" if is_long else since
    return Entry(label, short, bucket.events, url)


def _span(since: str, until: str) -> str:
    return _("%(since)s to %(until)s") % {"since": since, "until": until}
