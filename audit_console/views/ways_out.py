"""Where to go from an empty list: what was meant, and wider lists, counted."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import replace

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from audit_console.language import Clause, Exact
from audit_console.queries import Asked, ConsoleQuery
from audit_console.views.pills import Link
from audit_console.views.pills import of_list as pills_of

#: How many ways are counted, how far, and how long each.
_COUNTED, _MOST, _COUNTING_SECONDS = 5, 10_000, 0.1
#: How many names may have been meant, and how much alike they must be.
_MEANT, _ALIKE = 2, 0.6


def of_list(query: ConsoleQuery) -> list[Link]:
    """Return the ways out of ``query``, with how many events each leads to."""
    asked = query.asked
    ways = [*_meant(query), *_wider(asked)]
    links = [
        Link(f"{text}{_number_in(query, list_) if n < _COUNTED else ''}", list_.url())
        for n, (text, list_) in enumerate(ways)
    ]
    if len(links) > 1:
        bare = Asked(zone=asked.zone, zone_name=asked.zone_name, tenants=asked.tenants)
        links.append(Link(_("Clear all filters"), bare.url()))
    return links


def _wider(asked: Asked) -> Iterator[tuple[str, Asked]]:
    for pill in pills_of(asked):
        if pill.is_off:
            continue
        if pill.without == asked.without_range():
            yield _("Widen to all time"), pill.without
        else:
            yield _("Remove “%(filter)s”") % {"filter": pill.text}, pill.without


def _meant(query: ConsoleQuery) -> Iterator[tuple[str, Asked]]:
    """Yield the list with types that there are, for each that there is not."""
    asked = query.asked
    chosen = asked.choices.get("type", ())
    clauses = [
        (clause, clause.value.text)
        for clause in asked.query.of_field("type")
        if isinstance(clause.value, Exact) and not clause.is_negated
    ]
    if not chosen and not clauses:
        return
    known = query.reading.part(query.event_types) or []
    for name in chosen:
        for near in _nearest(name, known):
            others = [near if each == name else each for each in chosen]
            yield _instead(near), asked.with_choices("type", others)
    for clause, name in clauses:
        for near in _nearest(name, known):
            other = asked.query.with_other(clause, Clause("type", Exact(near)))
            yield _instead(near), asked.with_query(other)


def _nearest(name: str, known: Sequence[str]) -> list[str]:
    """Return the known names most like ``name``; none if it is one itself."""
    if name in known:
        return []
    by_small = {each.lower(): each for each in known}
    near = difflib.get_close_matches(name.lower(), by_small, n=_MEANT, cutoff=_ALIKE)
    return [by_small[each] for each in near]


def _instead(name: str) -> str:
    return _("Look for “%(type)s” instead") % {"type": name}


def _number_in(query: ConsoleQuery, asked: Asked) -> str:
    """Return how many a list has, as far as that is soon known: ": 1,204"."""
    wider = ConsoleQuery(
        replace(asked, before=None, after=None), query.tenants, query.reading
    )
    found = (
        None if wider.refusal else wider.count_up_to(_MOST, seconds=_COUNTING_SECONDS)
    )
    if found is None:
        return ""
    most = number_format(min(found, _MOST), force_grouping=True)
    return f": {most}{'+' if found > _MOST else ''}"
