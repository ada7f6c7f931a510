"""The neighbours of an event in the list that it was opened from."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.http import HttpRequest
from django.urls import reverse

from audit_console import queries
from audit_console.links import event_url
from audit_console.queries import ConsoleQuery, Key
from audit_console.queries.log_events import LogEvent
from audit_console.reading import Reading
from audit_console.scope import Scope
from audit_console.zones import zone_of


@dataclass(frozen=True, slots=True)
class InResults:
    """Where to go from an event in a list.

    Attributes:
        newer: the address of the event above it; "" for none.
        older: the address of the event below it.
        back: the address of the list, at the event's row.
        query: what the list is asked by, for the access log: two of its events show.
    """

    newer: str
    older: str
    back: str
    query: str


def in_results(
    request: HttpRequest, scope: Scope, reading: Reading, event: LogEvent
) -> InResults | None:
    """Return the neighbours in the list whose parameters the address carries.

    None without such parameters, and where the list cannot be asked again: personal
    values of a query are not in any address.
    """
    if not set(request.GET) - {"tz"}:
        return None
    asked = queries.read(request.GET, scope, zone_of(request), kept={})
    query = ConsoleQuery(asked, scope.tenants, reading)
    if asked.faults or query.refusal or event.tenant_id not in scope.tenants:
        return None
    moment = None if asked.basis == "stored" else event.occurred_at
    here = Key(moment, event.position)

    def beside(*, before: Key | None = None, after: Key | None = None) -> int | None:
        one = replace(asked, size=1, before=before, after=after, is_oldest=False)
        one = replace(one, jump=None, jump_text="")
        page = reading.part(ConsoleQuery(one, scope.tenants, reading).page)
        return page.rows[0].position if page and page.rows else None

    def address(position: int | None) -> str:
        return "" if position is None else event_url(position) + asked.url()

    # The page of what is older than this place begins with the event itself.
    above = Key(moment, event.position + 1)
    return InResults(
        newer=address(beside(after=here)),
        older=address(beside(before=here)),
        back=f"{reverse('audit_console:events')}{asked.url(before=above)}"
        f"#p{event.position}",
        query=query.describe(),
    )
