"""Open the audit console's pages over many events, in tenants of three sizes."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC

from django.contrib.auth.models import User
from django.http import QueryDict
from django.test import Client

from audit_console import queries
from audit_console.queries import ConsoleQuery
from audit_console.reading import look
from audit_console.scope import Scope
from benchmarks import filling, rollups
from benchmarks.connecting import connect
from benchmarks.figures import Comparison, Section, Spread, Table, number, spread
from benchmarks.harness import seconds_of
from benchmarks.stage import Stage
from eventstore.grants import permissions_of
from eventstore.models import TenantGrant
from eventstore.roles import Role

#: Half of all events; a thirtieth of them; a hundred and fifty.
LARGE, MIDDLE, SMALL = filling.TENANT, "tenant-3", "tenant-small"
_HOT = "console-hot"
_EACH = 20

Call = Callable[[], object]


@dataclass(frozen=True)
class Page:
    """A kind of page.

    Attributes:
        name: what it is.
        calls: each opens one such page.
        budget: milliseconds that the slowest of twenty may take; none is set for some.
    """

    name: str
    calls: list[Call]
    budget: float | None = None


def measure(stage: Stage) -> Section:
    """Measure what twenty requests take, each through its view and onto the record."""
    stage.filled(stage.plan.stored)
    filling.fill_aggregate(_HOT, 5_000)
    filling.fill_aggregate("console-small", 150, tenant=SMALL)
    rollups.keep()
    section = Section(
        f"Pages of the audit console, {stage.plan.stored:,} stored events",
        "Each page through its view, rendered, with its record in the access log: the "
        f"95th percentile of {_EACH} requests, in turn for a tenant with half of the "
        "events, one with a thirtieth, one with 150. The budgets are the design's.",
    )
    rows = []
    each = _EACH if stage.plan.rounds > 1 else 2
    for page in _pages():
        slow, usual = _percentiles(page.calls, stage.plan.client_rounds, each)
        target = "" if page.budget is None else f"{page.budget:g}"
        rows.append((page.name, number(usual.median), number(slow.median), target))
        if page.budget is not None:
            section.comparisons.append(
                Comparison(
                    work=f"console: {page.name}, p95",
                    against=f"{stage.plan.stored:,} events",
                    value=slow,
                    target=page.budget,
                    unit=" ms",
                    at_most=True,
                )
            )
    heads = ("page", "median ms", "p95 ms", "budget ms")
    section.tables.append(Table(heads, rows))
    return section


def _percentiles(calls: list[Call], rounds: int, each: int) -> tuple[Spread, Spread]:
    """Return the 95th percentiles and the medians of the rounds, in milliseconds."""
    for call in calls:
        call()
    slow, usual = [], []
    for _ in range(rounds):
        taken = [
            1000 * seconds
            for number in range(each)
            for seconds in seconds_of(calls[number % len(calls)], 1)
        ]
        slow.append(statistics.quantiles(taken, n=20, method="inclusive")[-1])
        usual.append(statistics.median(taken))
    return spread(slow), spread(usual)


def _pages() -> list[Page]:
    user = _reader()
    get = _Getter(user)
    every = (LARGE, MIDDLE, SMALL)
    lists = (
        "",
        f"&type={filling.EVENT_TYPE}",
        "&actor=u-7",
        "&from=2025-01-03&to=2025-01-04",
        "&at=oldest",
    )
    key = f"tenant={LARGE}&type={filling.AGGREGATE_TYPE}&id="
    positions = [_position(each) for each in every]
    return [
        Page("overview", [get(f"?tenant={each}") for each in every]),
        Page(
            "explorer",
            [get(f"events/?tenant={each}{more}") for each in every for more in lists],
            150,
        ),
        Page(
            "facet",
            [
                get(f"events/?tenant={each}&facet={name}", f"facet-{name}")
                for each in every
                for name in ("type", "actor", "version")
            ],
            400,
        ),
        Page("histogram", [_histogram(user, each) for each in every], 100),
        Page("event", [get(f"events/{position}/") for position in positions], 80),
        Page("timeline", [get(f"aggregate/?{key}A-0"), get(f"aggregate/?{key}{_HOT}")]),
        Page(
            "state",
            [get(f"aggregate/state/?{key}A-0&v={version}") for version in (57, 100)],
            200,
        ),
    ]


class _Getter:
    """Makes calls that open a page, whole or a part of it."""

    def __init__(self, user: User) -> None:
        self.client = Client()
        self.client.force_login(user)

    def __call__(self, address: str, part: str = "") -> Call:
        headers = {"HX-Request": "true", "HX-Target": part} if part else {}

        def get() -> None:
            answer = self.client.get(f"/audit/{address}", headers=headers)
            if answer.status_code != 200:
                raise RuntimeError(f"{address} was answered {answer.status_code}.")

        return get


def _histogram(user: User, tenant: str) -> Call:
    permissions = permissions_of(user)
    scope = Scope(user, permissions, tuple(permissions), (tenant,))

    def draw() -> None:
        asked = queries.read(QueryDict(""), scope, UTC)
        with look(scope.mine) as reading:
            ConsoleQuery(asked, scope.tenants, reading).histogram()

    return draw


def _reader() -> User:
    user, _ = User.objects.get_or_create(username="reader")
    for tenant in (LARGE, MIDDLE, SMALL):
        TenantGrant.objects.get_or_create(
            user=user, tenant_id=tenant, role=Role.LEAD_AUDITOR
        )
    return user


def _position(tenant: str) -> int:
    row = (
        connect()
        .execute(
            """SELECT position FROM stored_domain_events
                WHERE tenant_id = %s ORDER BY position OFFSET 77 LIMIT 1""",
            (tenant,),
        )
        .fetchone()
    )
    assert row is not None
    return int(row[0])
