"""What narrows a list, one pill a condition; and the quick ranges beside them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit_console.language import Clause
from audit_console.presenters import dates
from audit_console.queries import Asked
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


@dataclass(frozen=True, slots=True)
class Pill:
    """A condition.

    Attributes:
        text: in the language, or in words.
        without: the list without it.
        exclude: the list of everything else; "" where that cannot be asked.
        is_negated: whether it excludes.
    """

    text: str
    without: Asked
    exclude: str = ""
    is_negated: bool = False

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
        for value in values:
            others = [other for other in values if other != value]
            pills.append(Pill(f"{name}: {value}", asked.with_choices(name, others)))
    pills += [Pill(_("redacted"), replace(asked, has=())) for _name in asked.has]
    if asked.has_range:
        pills.append(Pill(range_text(asked), asked.without_range()))
    if asked.upto is not None:
        pinned = _("pinned at position %(n)s") % {"n": f"{asked.upto:,}"}
        pills.append(Pill(pinned, replace(asked, upto=None)))
    return pills


def _clause_pill(asked: Asked, clause: Clause) -> Pill:
    rest = asked.query.without(clause)
    # A personal value is on the page for who may see it, never in a link.
    turned = asked.with_query(rest.with_clause(clause.negation))
    exclude = "" if is_personal(clause) else turned.url()
    return Pill(str(clause), asked.with_query(rest), exclude, clause.is_negated)


def range_text(asked: Asked) -> str:
    """Return the range of time in words, in the reader's zone with its offset."""
    since = "…" if asked.since is None else moment_text(asked.since)
    until = "…" if asked.until is None else moment_text(asked.until)
    return _("%(since)s to %(until)s") % {"since": since, "until": until}


def moment_text(moment: datetime) -> str:
    """Return a moment in the reader's zone, as short as it can be said."""
    local = timezone.localtime(moment)
    day = dates.digits(local)
    clock = local.strftime("%H:%M:%S.%f")
    for tail in (".000000", ":00"):
        clock = clock.removesuffix(tail)
    return f"{day} {clock} {local:%z}"


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
