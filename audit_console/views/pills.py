"""What narrows a list, one pill a condition; and the quick ranges beside them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from audit_console.language import Clause, parse
from audit_console.presenters import dates
from audit_console.queries import Asked
from audit_console.queries.asked import CHOSEN
from audit_console.queries.permitted import is_personal

#: The quick ranges: label and length.
_RANGES = (
    (gettext_lazy("15 min"), timedelta(minutes=15)),
    (gettext_lazy("1 h"), timedelta(hours=1)),
    (gettext_lazy("24 h"), timedelta(hours=24)),
    (gettext_lazy("7 d"), timedelta(days=7)),
    (gettext_lazy("30 d"), timedelta(days=30)),
    (gettext_lazy("90 d"), timedelta(days=90)),
)
#: The pieces of time that a range may begin or end with, the longest first.
_PIECES = (
    ("minutes", timedelta(minutes=1)),
    ("seconds", timedelta(seconds=1)),
    ("microseconds", timedelta.resolution),
)


@dataclass(frozen=True, slots=True)
class Pill:
    """A condition.

    Attributes:
        text: in the language, or in words.
        without: the list without it.
        exclude: the list of everything else; "" where that cannot be asked.
        turn: the list with it switched off, or on again; "" where that cannot be.
        is_negated: whether it excludes.
        is_off: whether it is switched off: shown, and narrowing nothing.
    """

    text: str
    without: Asked
    exclude: str = ""
    turn: str = ""
    is_negated: bool = False
    is_off: bool = False

    @property
    def remove(self) -> str:
        """Return the address of the list without it."""
        return self.without.url()


@dataclass(frozen=True, slots=True)
class Link:
    """A link with its text."""

    text: str
    url: str
    is_current: bool = False


def of_list(asked: Asked) -> list[Pill]:
    """Return the pills of a list, in the order of its address."""
    pills = [_clause_pill(asked, clause) for clause in asked.query.clauses]
    for name, values in asked.choices.items():
        if name == CHOSEN:
            pills.append(Pill(_chosen(len(values)), asked.with_choices(name, ())))
            continue
        for value in values:
            others = [other for other in values if other != value]
            without = asked.with_choices(name, others)
            turn = without.with_filter_off(name, value).url()
            pills.append(Pill(f"{name}: {value}", without, turn=turn))
    for name in asked.has:
        without = replace(asked, has=())
        turn = without.with_filter_off("has", name).url()
        pills.append(Pill(_("redacted"), without, turn=turn))
    if asked.has_range:
        pills.append(Pill(range_text(asked), asked.without_range()))
    if asked.upto is not None:
        pinned = _("pinned at position %(n)s") % {"n": f"{asked.upto:,}"}
        pills.append(Pill(pinned, replace(asked, upto=None)))
    return [*pills, *(_off_pill(asked, entry) for entry in asked.off)]


def _chosen(n: int) -> str:
    return ngettext("%(n)s chosen event", "%(n)s chosen events", n) % {"n": n}


def _clause_pill(asked: Asked, clause: Clause) -> Pill:
    without = asked.with_query(asked.query.without(clause))
    if is_personal(clause):
        # A personal value is on the page for who may see it, never in a link.
        return Pill(str(clause), without, is_negated=clause.is_negated)
    turned = without.with_query(without.query.with_clause(clause.negation))
    return Pill(
        str(clause),
        without,
        exclude=turned.url(),
        turn=without.with_filter_off("q", str(clause)).url(),
        is_negated=clause.is_negated,
    )


def _off_pill(asked: Asked, entry: str) -> Pill:
    name, _equals, value = entry.partition("=")
    without = asked.without_off(entry)
    if name == "q" and asked.faults:
        # What has a fault is no query yet that could be added to.
        return Pill(value, without, is_off=True)
    if name == "q":
        text, query = value, without.query
        for clause in parse(value, asked.zone).clauses:
            query = query.with_clause(clause)
        again = without.with_query(query)
    elif name == "has":
        text, again = _("redacted"), replace(without, has=(value,))
    else:
        text = f"{name}: {value}"
        chosen = without.choices.get(name, ())
        again = without.with_choices(name, [*chosen, value])
    return Pill(text, without, turn=again.url(), is_off=True)


def range_text(asked: Asked) -> str:
    """Return the range of time in the reader's zone, its last piece included."""
    since = "…" if asked.since is None else _begin(asked.since)
    until = "…" if asked.until is None else _end(asked.until)
    if asked.since and asked.until and asked.since >= asked.until:
        # Nothing is meant by it: what was typed has a fault that is said beside it.
        since, until = asked.since_text, asked.until_text
    if since == until:
        return since
    return _("%(since)s to %(until)s") % {"since": since, "until": until}


def _begin(moment: datetime) -> str:
    """Return the beginning of a range, as short as it can be said."""
    local = timezone.localtime(moment)
    if _is_midnight(local):
        return dates.digits(local)
    whole = next(name for name, length in _PIECES if _is_whole(local, length))
    return _clock(local, whole)


def _end(moment: datetime) -> str:
    """Return the last day, minute ... before the moment at which a range has ended."""
    if _is_midnight(timezone.localtime(moment)):
        return dates.digits(timezone.localtime(moment - timedelta.resolution))
    whole, length = next(pair for pair in _PIECES if _is_whole(moment, pair[1]))
    return _clock(timezone.localtime(moment - length), whole)


def _is_midnight(local: datetime) -> bool:
    return local.time() == time.min


def _is_whole(moment: datetime, length: timedelta) -> bool:
    return (moment - moment.replace(second=0, microsecond=0)) % length == timedelta()


def _clock(local: datetime, precision: str) -> str:
    clock = local.replace(tzinfo=None).time().isoformat(precision)
    return f"{dates.digits(local)} {clock.removesuffix('.000000')} {local:%z}"


def quick_ranges(asked: Asked, newest: datetime | None) -> list[Link]:
    """Return links to the last minutes, hours, days: up to the newest event."""
    links = [Link(_("All time"), asked.without_range().url(), not asked.has_range)]
    if newest is None:
        return links
    until = newest.replace(second=0, microsecond=0) + timedelta(minutes=1)
    for text, length in _RANGES:
        shown = asked.between(until - length, until)
        is_current = (asked.since, asked.until) == (shown.since, shown.until)
        links.append(Link(str(text), shown.url(), is_current))
    return [*links[1:], links[0]]
