"""Looks over time: a chart of those that the access log has counted."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from audit_console.queries import buckets
from audit_console.queries.access_log import AccessQuery, Tallies
from audit_console.queries.histogram import Bucket, Histogram

#: For how long a chart shows that nobody looked. A range may be all of history.
_SILENCE = timedelta(days=10 * 365)


def draw(query: AccessQuery, tallies: Tallies) -> Histogram | None:
    """Return the chart of what ``query`` has counted; ``None`` where that is nothing.

    It takes no query: its numbers are those beside it.
    """
    if not tallies.times:
        return None
    since, until = _bounds(query, tallies)
    zone = timezone.get_current_timezone()
    step, edges = buckets.cut(since, until, zone=zone)
    looks = Counter(bisect_right(edges, at) for at in tallies.times)
    return Histogram(
        tuple(
            Bucket(begin, end, looks[n])
            for n, (begin, end) in enumerate(pairwise(edges), start=1)
        ),
        step,
        # Nobody asked for these bounds: the pieces need not be cut by them.
        edges[0] if tallies.is_all and query.since is None else since,
        edges[-1] if query.until is None else until,
        "log",
        _notes(query, tallies),
        zone,
    )


def _bounds(query: AccessQuery, tallies: Tallies) -> tuple[datetime, datetime]:
    """Return the range that is asked for, as far as its looks are counted."""
    oldest, newest = min(tallies.times), max(tallies.times)
    since, until = oldest, newest + timedelta(microseconds=1)
    if tallies.is_all and query.since is not None:
        since = max(query.since, oldest - _SILENCE)
    if query.until is not None:
        until = min(query.until, newest + _SILENCE)
    return since, until


def _notes(query: AccessQuery, tallies: Tallies) -> tuple[str, ...]:
    shown = number_format(tallies.looks, force_grouping=True)
    notes = (
        "" if tallies.is_all else _("of the newest %(n)s looks") % {"n": shown},
        "" if query.until else _("up to the newest look that matches"),
    )
    return tuple(filter(None, notes))
