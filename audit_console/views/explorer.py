"""The explorer: every event, filtered, charted, followed live, one page at a time."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from audit_console import purposes, queries
from audit_console.access import Act, Outcome
from audit_console.exports import files
from audit_console.queries import Asked, ConsoleQuery, Row, facets, pinned
from audit_console.queries.asked import COLUMNS, SIZES, end_text
from audit_console.reading import look
from audit_console.scope import Scope
from audit_console.views import explorer_parts as parts
from audit_console.views import following, lines, pills, ways_out
from audit_console.views.base import Page
from audit_console.zones import zone_of
from eventstore.roles import Permission

#: Where the session keeps queries with personal values, by token; the newest few.
_KEPT = "audit_console_queries"
_MOST_KEPT = 20
#: Titles of the columns, in their order.
TITLES = {
    "position": _("Position"),
    "occurred": _("Occurred"),
    "stored": _("Stored"),
    "actor": _("Actor"),
    "type": _("Type"),
    "aggregate": _("Aggregate"),
    "summary": _("What happened"),
    "version": _("Version"),
    "correlation": _("Correlation"),
    "id": _("Event id"),
}


class ExplorerPage(Page):
    """``/events/?q=&from=&to=...``: the address says all."""

    http_method_names = ["get", "head", "options", "post"]
    act = Act.LIST_EVENTS
    template_name = "audit_console/explorer/page.html"
    fragments = {
        "live": "audit_console/explorer/_live.html",
        **{
            parts.facet_id(name): "audit_console/explorer/_facet.html"
            for name in facets.FIELDS
        },
    }
    title = _("Events")
    room = "events"

    @cached_property
    def asked(self) -> Asked:
        """Return what the address asks for."""
        return asked_of(self.request, self.scope)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the page; ask for a purpose before a payload is searched."""
        names_payload = any(
            str(clause.field).startswith("data.") for clause in self.asked.query.clauses
        )
        if names_payload and purposes.is_due(request):
            return self._ask_for_purpose()
        if self.is_fragment and self._target == "live":
            return self._news()
        if request.GET.get("live") in ("1", "0"):
            self.seen.query = self.asked.describe()
            is_begun = request.GET["live"] == "1"
            self.done(Act.FOLLOW_LIVE if is_begun else Act.STOP_LIVE, Outcome.DONE)
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Lead the filter form to its address, in which no personal value stands."""
        given = request.POST.copy()
        given.pop("csrfmiddlewaretoken", None)
        public, personal = queries.split(given.get("q", ""), zone_of(request))
        kept = {secrets.token_urlsafe(12): text for text in personal}
        if kept:
            known = [*request.session.get(_KEPT, {}).items(), *kept.items()]
            request.session[_KEPT] = dict(known[-_MOST_KEPT:])
        given["q"] = public
        given.setlist("sq", list(kept))
        for name in list(given):
            given.setlist(name, [value for value in given.getlist(name) if value])
        return HttpResponseRedirect(f"{request.path}?{given.urlencode()}")

    def context(self) -> dict[str, Any]:
        """Return the filters; with them the results, unless they have a fault."""
        asked = self.asked
        query = ConsoleQuery(asked, self.scope.tenants, self.reading)
        self.seen.query = query.describe()
        if self.is_fragment:
            return {"facet": parts.facet(query, self._field()), "asked": asked}
        refusal = "" if asked.faults else query.refusal
        pairs = asked.pairs(with_page=False)
        retyped = {"q", "sq", "from", "to", "basis"}
        of_any_list = {"tenant", "tz", "basis", "cols", "size"}
        shared = {
            "asked": asked,
            "pills": pills.of_list(asked),
            "suggestions": parts.suggestions(query),
            "columns": [
                (name, TITLES[name], name in asked.columns) for name in COLUMNS
            ],
            "sizes": SIZES,
            "all_pairs": pairs,
            # What each form keeps of the address, beside what is typed in it.
            "hidden": [pair for pair in pairs if pair[0] not in retyped],
            "kept_for_columns": [
                pair for pair in pairs if pair[0] not in {"cols", "size"}
            ],
            "kept_for_selection": [pair for pair in pairs if pair[0] in of_any_list],
            "faults": asked.faults,
            "form_url": self._form_url(),
            "refusal": refusal,
            "address": f"{self.request.path}{asked.in_its_zone().url()}",
            "may_export": files.is_set_up() and self.scope.may(Permission.EXPORT),
        }
        if asked.faults or refusal:
            return shared
        return {**shared, **self._results(query)}

    def _results(self, query: ConsoleQuery) -> dict[str, Any]:
        asked = self.asked
        reads_payloads = lines.wants_payloads(self.scope) and not purposes.is_due(
            self.request
        )
        page = query.page(with_documents=reads_payloads)
        newest = query.newest()
        histogram = query.histogram()
        self.seen.count = len(page.rows)
        self.seen.objects = [f"event:{row.position}" for row in page.rows]
        return {
            "results": page,
            "asks_documents": bool(query.compiled.documents),
            "lines": lines.of_rows(page.rows, asked, self.scope),
            "shown": [(name, TITLES[name]) for name in asked.columns],
            # Every column has an answer: a name that is missing costs a template dear.
            "title_of": {
                name: str(title) if name in asked.columns else ""
                for name, title in TITLES.items()
            },
            "count": parts.count_text(query, page),
            "links": parts.page_links(asked, page),
            "newest": newest,
            "histogram": histogram,
            "chart": parts.chart(histogram, asked) if histogram else None,
            "quick_ranges": pills.quick_ranges(asked, _moment(newest, asked)),
            "ways_out": ways_out.of_list(query) if not page.rows else (),
            "words": [str(each) for each in asked.query.of_field(None)],
            "facets": parts.panels(query, self.request.GET.get("facet", "")),
            "redacted_since": pinned.redacted_since(query),
            "actions": parts.actions(self.scope),
            "pinned": self._pinned(query, newest),
            **self._following(query),
        }

    def _form_url(self) -> str:
        """Return where the form goes: whose events they are, in the same zone."""
        pairs = [pair for pair in self.asked.pairs() if pair[0] in {"tenant", "tz"}]
        return f"{self.request.path}?{urlencode(pairs)}"

    def _following(self, query: ConsoleQuery) -> dict[str, Any]:
        """Return what the page needs to be followed live, or to begin with it."""
        seen = self.request.GET.get("seen", "")
        has_seen = seen.isascii() and seen.isdigit()
        return {
            "is_live": self.request.GET.get("live") == "1",
            "live_token": following.token(self.request, self.asked, query.horizon),
            # A list that ends shows nothing that happens later.
            "live_url": f"{self.asked.without_end().url()}&live=1",
            "has_end": query.compiled.until is not None,
            "again_url": following.again(self.asked, query.horizon),
            "seen_to": int(seen[:19]) if has_seen else None,
        }

    def _pinned(self, query: ConsoleQuery, newest: Row | None) -> str:
        """Return the address under which this list stays as it is.

        It ends at the newest event too: whoever opens it later need not pass over what
        was stored since.
        """
        asked = replace(
            self.asked.in_its_zone(),
            upto=query.horizon,
            # By name: what "all" is differs by reader, and from day to day.
            tenants=self.scope.tenants,
        )
        moment = _moment(newest, asked)
        if asked.until is None and moment is not None:
            until = moment + timedelta(microseconds=1)
            asked = replace(asked, until=until, until_text=end_text(until))
        here = reverse("audit_console:events")
        return self.request.build_absolute_uri(f"{here}{asked.page_url()}")

    def _field(self) -> str:
        return next(
            name for name in facets.FIELDS if parts.facet_id(name) == self._target
        )

    def _news(self) -> HttpResponse:
        """Answer a poll: how many match that were stored since; 204 for none.

        It shows no event, so it is not put on record; following begins and ends on it.
        What was not begun there is not answered: to count is to learn.
        """
        since = following.since(self.request, self.asked)
        if since is None:
            return HttpResponse(status=204)
        with look(self.scope.mine) as self.reading:
            query = ConsoleQuery(self.asked, self.scope.tenants, self.reading)
            news = parts.news(query, since)
            if not news:
                return HttpResponse(status=204)
            body = self._render(
                {
                    "news": news,
                    "many": news > parts.NEWS,
                    "again_url": following.again(self.asked, since),
                }
            )
        return HttpResponse(body)


def asked_of(request: HttpRequest, scope: Scope) -> Asked:
    """Return the list that an address names, with what its session keeps of it."""
    kept = request.session.get(_KEPT, {})
    asked = queries.read(request.GET, scope, zone_of(request), kept=kept)
    # Whoever is given the link looks at the same tenants.
    return replace(asked, tenants=scope.values)


def kept_of(request: HttpRequest, asked: Asked) -> dict[str, str]:
    """Return the clauses of a list that are kept out of its address, by token."""
    kept = request.session.get(_KEPT, {})
    return {token: kept[token] for token in asked.tokens if token in kept}


def _moment(row: Row | None, asked: Asked) -> Any:
    if row is None:
        return None
    return row.occurred_at if asked.basis == "occurred" else row.stored_at
