"""What pages read of a million events, half of them one tenant's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from benchmarks import filling, rollups
from eventstore.roles import Role
from tests.audit_console.queries.asking import Asking
from tests.audit_console.queries.conftest import ask, make_ask  # noqa: F401 - fixtures
from tests.eventstore.skewed_log import Reads, reads_of_the_log

pytestmark = [
    pytest.mark.full,
    pytest.mark.django_db,
    pytest.mark.usefixtures("million"),
]

BUDGET = 2_000
TENANTS = (filling.TENANT, "tenant-3")
_TABLES = (
    "stored_domain_events, event_aggregates, event_subscriptions,"
    " audit_console_event_counts, audit_console_actor_counts"
)


@pytest.fixture(scope="module")
def million(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {_TABLES} RESTART IDENTITY CASCADE")
        filling.fill_to(1_000_000)
        rollups.keep()
        yield
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {_TABLES} RESTART IDENTITY CASCADE")


@pytest.fixture
def lead(client: Client, reader: Callable[..., User], settings: Any) -> Client:
    settings.AUDIT_CONSOLE = {"PURPOSES": {}}
    client.force_login(reader(Role.LEAD_AUDITOR, tenants=TENANTS))
    return client


def assert_little(reads: Reads, what: str) -> None:
    assert "Seq Scan on stored_domain_events" not in reads.scans, what
    assert (what, reads.rows) <= (what, BUDGET)
    assert (what, reads.pages) <= (what, BUDGET)


@pytest.mark.parametrize("tenant", TENANTS)
@pytest.mark.parametrize(
    "filters",
    [
        "",
        "type=Type-0",
        "type=Type-0&type=Type-7",
        "q=corr:c-16",
        "agg=Requirement:A-16",
        "from=2025-01-03&to=2025-01-04",
        "at=oldest",
        "jump=2025-01-05",
        "upto=400000&to=2025-01-05T15:00Z",
        "basis=stored",
    ],
)
def test_a_page_of_the_list(ask: Asking, tenant: str, filters: str) -> None:  # noqa: F811
    with reads_of_the_log() as reads:
        page = ask(filters, tenant).page()

    assert len(page.rows) <= 50
    assert_little(reads, filters)


def test_the_pages_of_an_object(lead: Client) -> None:
    tenant = filling.TENANT
    key = urlencode({"tenant": tenant, "type": filling.AGGREGATE_TYPE, "id": "A-5000"})
    event = _position(tenant)

    for address in (
        f"events/{event}/",
        f"aggregate/?{key}",
        f"aggregate/state/?{key}&v=100",
        f"aggregate/differences/?{key}&vs=3&v=90",
        f"aggregate/causes/?{key}",
        f"compare/?e={event}&e={event + 100}",
        f"correlations/?tenant={tenant}&id=c-5000",
        "aggregates/",
    ):
        with reads_of_the_log() as reads:
            assert lead.get(f"/audit/{address}").status_code == 200, address
        assert_little(reads, address)


def _position(tenant: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT position FROM stored_domain_events
                WHERE tenant_id = %s AND aggregate_id = 'A-5000'
                  AND aggregate_version = 50""",
            [tenant],
        )
        return int(cursor.fetchone()[0])
