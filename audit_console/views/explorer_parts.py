"""What surrounds the rows of the explorer: counts, pages, chart, facets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit_console.exports import files
from audit_console.language import Clause, Exact
from audit_console.language.fields import DOCUMENTS, FIELDS
from audit_console.presenters.charts import BarChart
from audit_console.queries import COUNTED, Asked, ConsoleQuery, RowPage, facets
from audit_console.queries.asked import begin_text, end_text
from audit_console.queries.histogram import Histogram
from audit_console.queries.permitted import is_personal
from audit_console.queries.statements import Walk
from audit_console.scope import Scope
from audit_console.views import bars_over_time
from audit_console.views.stand_ins import FIRST, SECOND, filler
from eventstore.roles import Permission

#: More news than these are not counted.
NEWS = 99
LABELS: dict[str, str | Promise] = {
    "type": gettext_lazy("Event type"),
    "agg.type": gettext_lazy("Aggregate type"),
    "actor": gettext_lazy("Actor"),
    "actor.kind": gettext_lazy("Kind of actor"),
    "version": gettext_lazy("Event version"),
    "redacted": gettext_lazy("Redacted"),
    "tenant": gettext_lazy("Tenant"),
}
#: The parameters whose values are alternatives, by field.
_PARAMETERS = {"type": "type", "agg.type": "agg", "actor": "actor"}


@dataclass(frozen=True, slots=True)
class Action:
    """What can be begun with selected events: a page that takes ``?e=<position>``.

    Attributes:
        url_name: of the page, without the namespace.
        permission: who may, in each of the chosen tenants.
        is_set_up: whether the host has what the page needs.
    """

    url_name: str
    text: str | Promise
    permission: Permission = Permission.VIEW_EVENT
    is_set_up: Callable[[], bool] = lambda: True

    @property
    def url(self) -> str:
        """Return where it is."""
        return reverse(f"audit_console:{self.url_name}")


#: What the selection offers, in its order. Add a line for a new page.
ACTIONS = (
    Action("compare", gettext_lazy("Compare")),
    Action("events", gettext_lazy("Show alone")),
    Action("export_new", gettext_lazy("Export"), Permission.EXPORT, files.is_set_up),
    Action(
        "redaction_new",
        gettext_lazy("Draft a redaction"),
        Permission.REQUEST_REDACTION,
    ),
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a facet.

    Attributes:
        include: the list with this value among the alternatives, or without it again.
        exclude: the list without it.
    """

    text: str
    events: int
    is_chosen: bool
    include: str
    exclude: str


@dataclass(frozen=True, slots=True)
class Panel:
    """A facet, counted or still to be.

    Attributes:
        choices: ``None`` before it is asked for.
        sampled: of how many of the matches; 0 when all were counted.
        is_late: whether counting took too long.
    """

    name: str
    label: str
    id: str
    url: str
    choices: tuple[Choice, ...] | None = None
    sampled: int = 0
    is_late: bool = False


def actions(scope: Scope) -> list[Action]:
    """Return what this reader may begin with selected events."""
    return [
        action
        for action in ACTIONS
        if action.is_set_up() and scope.may(action.permission)
    ]


def facet_id(name: str) -> str:
    """Return the id of the element that the values of a facet are put in."""
    return f"facet-{name.replace('.', '-')}"


def panels(query: ConsoleQuery, opened: str) -> list[Panel]:
    """Return all facets; counted is only the one that is ``opened``, and the types.

    Of an unfiltered list, the rollup knows the types at once.
    """
    asked = query.asked
    is_known = not (asked.is_filtered or asked.has_range or asked.upto is not None)
    names = [
        name
        for name in facets.FIELDS
        if (name != "tenant" or len(query.tenants) > 1)
        and not is_personal(Clause(name, Exact("")))
    ]
    return [
        facet(query, name)
        if name == opened or (name == "type" and is_known)
        else _panel(asked, name)
        for name in names
    ]


def facet(query: ConsoleQuery, name: str) -> Panel:
    """Return one facet with its values."""
    panel = _panel(query.asked, name)
    found = query.facet(name)
    if found is None:
        return replace(panel, choices=(), is_late=True)
    choices = tuple(
        _choice(query.asked, name, value.text, value.events) for value in found.values
    )
    return replace(panel, choices=choices, sampled=found.sampled)


def _panel(asked: Asked, name: str) -> Panel:
    url = f"{asked.url()}&facet={name}" if asked.pairs() else f"?facet={name}"
    return Panel(name, str(LABELS[name]), facet_id(name), url)


def _choice(asked: Asked, name: str, text: str, events: int) -> Choice:
    clause = Clause(name, Exact(text))
    excluded = asked.with_query(asked.query.with_clause(clause.negation)).url()
    parameter = _PARAMETERS.get(name)
    if parameter is None:
        is_chosen = clause in asked.query.clauses
        query = asked.query
        turned = query.without(clause) if is_chosen else query.with_clause(clause)
        include = asked.with_query(turned).url()
        return Choice(text, events, is_chosen, include, excluded)
    chosen = asked.choices.get(parameter, ())
    is_chosen = text in chosen
    others = [value for value in chosen if value != text]
    values = others if is_chosen else [*chosen, text]
    include = asked.with_choices(parameter, values).url()
    return Choice(text, events, is_chosen, include, excluded)


def suggestions(query: ConsoleQuery) -> list[str]:
    """Return what the search box offers: fields, and the types that there are."""
    names = [f"{name}:" for name in (*FIELDS, *(f"{root}." for root in DOCUMENTS))]
    types = query.reading.part(query.event_types) or []
    names = [name.replace(".:", ".") for name in names]
    return [*names, *(str(Clause("type", Exact(name))) for name in types)]


def count_text(query: ConsoleQuery, page: RowPage) -> str:
    """Return how many match, as far as that can be said in time."""
    if page.newer is None and page.older is None:
        return number_format(len(page.rows), force_grouping=True)
    counted = query.capped_count()
    if counted is None:
        return _("more than %(n)s (not counted)") % {"n": len(page.rows)}
    if counted > COUNTED:
        shown = number_format(COUNTED, force_grouping=True)
        return _("more than %(n)s") % {"n": shown}
    return number_format(counted, force_grouping=True)


def page_links(asked: Asked, page: RowPage) -> dict[str, str]:
    """Return the four links between pages; "" where there is nothing to go to."""
    return {
        "newest": asked.url() if page.newer else "",
        "newer": asked.url(after=page.newer) if page.newer else "",
        "older": asked.url(before=page.older) if page.older else "",
        "oldest": asked.url(is_oldest=True) if page.older else "",
    }


def chart(histogram: Histogram, asked: Asked) -> BarChart:
    """Return the bars of a histogram, each a link to the list of its own range."""
    # The addresses of all bars, which differ in their ends alone.
    one = asked.between(histogram.since, histogram.until)
    fill = filler(replace(one, since_text=FIRST, until_text=SECOND).url())

    def link(since: datetime, until: datetime) -> str:
        return fill(begin_text(since), end_text(until))

    return bars_over_time.draw(histogram, link, is_narrowed=asked.has_range)


def news(query: ConsoleQuery, since: int) -> int:
    """Return how many matching events were stored after a position, up to NEWS + 1."""
    times = query.walk.times() if query.asked.basis == "occurred" else []
    compiled = replace(query.compiled, residual=[*query.compiled.residual, *times])
    if times:
        # Walked is by position; the range is of the other time.
        compiled.since = compiled.until = None
    compiled.narrow_positions(since + 1, None)
    walk = Walk(query.tenants, "stored", compiled, query.horizon)
    return len(query.fetch(walk.page("e.position", NEWS + 1)))
