from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

from eventstore import Aggregate, register_aggregate, sql
from eventstore import aggregates as registry
from eventstore.api import containment
from eventstore.models import TenantGrant
from tests.eventstore.skewed_log import (
    TABLES,
    Reads,
    reads_of_the_log,
    skewed_log,  # noqa: F401 - a fixture
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("skewed_log")]

#: A page of fifty or a hundred, for each of three tenants, with its look-ups.
MOST_ROWS = 2_000


@pytest.fixture
def auditor() -> User:
    user = User.objects.create_superuser("auditor")
    for tenant in ("idle", "large", "small"):
        TenantGrant.objects.create(user=user, tenant_id=tenant)
    return user


@pytest.fixture
def admin_pages(client: Client, auditor: User) -> Client:
    client.force_login(auditor)
    return client


@pytest.fixture
def api(auditor: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(auditor)
    return client


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?tenant=idle",
        "?tenant=small",
        "?before=50000",
        "?after=3",
        "?tenant=small&before=90000",
        "?event_type=Deleted",
        "?event_type=Moved",
        "?tenant=large&event_type=Deleted",
        "?aggregate_type=Page",
        "?tenant=idle&aggregate_type=Page&aggregate_id=hot",
        "?tenant=idle&aggregate_type=Page&aggregate_id=hot&before=20000",
        "?aggregate_id=p-77777",
        "?event_id=e-4711",
        "?correlation_id=c-4711",
        "?actor_id=u-7",
        "?tenant=idle&actor_id=u-7",
    ],
)
def test_a_page_of_events_in_the_admin_reads_little_and_counts_nothing(
    admin_pages: Client, query: str
) -> None:
    with reads_of_the_log() as reads:
        answer = admin_pages.get(f"/admin/eventstore/storedevent/{query}")
    assert answer.status_code == 200
    assert answer.context["cl"].result_list
    check(reads)
    # Session, user, grants, stable position, page; the reader's roles and the record.
    assert len(reads.statements) == 7


@pytest.mark.parametrize(
    "page",
    [
        "eventsnapshot/",
        "eventsnapshot/?tenant=idle&before=900",
        "eventsnapshot/?tenant=idle&aggregate_type=Page&aggregate_id=hot",
        "eventsnapshot/?snapshot_id=s-e-500",
        "eventredaction/",
        "eventredaction/?tenant=idle&position=11",
        "storedevent/4711/change/",
        "storedevent/11/change/",
    ],
)
def test_the_other_pages_of_the_admin_read_little_and_count_nothing(
    admin_pages: Client, page: str
) -> None:
    with reads_of_the_log() as reads:
        answer = admin_pages.get(f"/admin/eventstore/{page}")
    assert answer.status_code == 200
    check(reads)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "order=desc",
        "tenant=small",
        "tenant=small&order=desc",
        "tenant=idle&order=desc",
        "event_type=Deleted",
        "event_type=Deleted&order=desc",
        "event_type=Moved&tenant=idle&order=desc",
        "aggregate_type=Page&order=desc",
        "actor_id=u-7&order=desc",
        "correlation_id=c-4711",
        "position_after=59990&position_up_to=60010",
        "occurred_from=2026-02-01T00:00:00Z&occurred_before=2026-02-01T02:00:00Z",
        "stored_from=2026-02-01T00:00:00Z&stored_before=2026-02-01T02:00:00Z",
        "stored_from=2026-03-10T00:00:00Z&tenant=small&page_size=400",
        "event_type=Deleted&event_type=Moved",
        "event_type=Deleted&event_type=Moved&tenant=idle&order=desc",
        "event_type=Edited&correlation_id=c-4711",
        "aggregate_id=p-77777",
        "aggregate_type=Page&aggregate_id=p-77777",
        "is_redacted=true",
        "is_redacted=true&order=desc&tenant=idle",
        "is_redacted=false&order=desc",
    ],
)
def test_a_page_of_events_of_the_api_reads_little(api: APIClient, query: str) -> None:
    with reads_of_the_log() as reads:
        answer = api.get(f"/api/v1/events/?{query}")
    assert answer.status_code == 200
    assert answer.json()["results"]
    check(reads)
    # Grants, stable position, page; and the positions of a range of stored time.
    assert len(reads.statements) == 3 + ("stored_" in query)


@pytest.mark.parametrize(
    ("address", "statements"),
    [
        ("events/e-4711/", 2),
        ("events/e-4711/?tenant=idle", 2),
        ("aggregates/", 2),
        ("aggregates/?tenant=small&order=desc", 2),
        ("aggregates/Page/hot/?tenant=idle", 2),
        ("aggregates/Page/hot/events/?tenant=idle&order=desc", 3),
        ("aggregates/Page/hot/events/?tenant=idle&version_from=30000", 3),
        ("aggregates/Page/p-77777/snapshots/", 3),
        ("events/e-4711/effects/", 4),
        ("event-types/", 3),
        ("event-types/?tenant=idle&page_size=2", 3),
        ("migrations/", 1),
        ("snapshots/", 2),
        ("snapshots/s-e-500/", 2),
    ],
)
def test_the_other_addresses_of_the_api_read_little(
    api: APIClient, address: str, statements: int
) -> None:
    with reads_of_the_log() as reads:
        answer = api.get(f"/api/v1/{address}")
    assert answer.status_code == 200
    check(reads)
    assert len(reads.statements) == statements


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("event_type=Edited", 100),
        ("event_type=Moved&tenant=small&order=desc", 100),
        ("event_type=Deleted", 3),
        ("position_after=59990&position_up_to=60010", 20),
        ("tenant=small&aggregate_type=Page", 100),
    ],
)
def test_a_page_of_a_payload_looks_at_so_many_events(
    api: APIClient, query: str, rows: int
) -> None:
    contained = "payload=/text=%22" + "x" * 200 + "%22"
    with reads_of_the_log() as reads:
        answer = api.get(f"/api/v1/events/?{query}&{contained}")
    assert len(answer.json()["results"]) <= rows
    assert answer.json()["results"]
    assert not reads.scans & {f"Seq Scan on {table}" for table in TABLES}, reads.scans
    # Each of them, its look-up, and the page: from each of three tenants.
    assert reads.rows <= 6 * containment.LOOKED_AT, (reads.rows, reads.scans)
    # Grants, stable position, is there an index, look, page.
    assert len(reads.statements) == 5


@pytest.fixture
def payload_index() -> None:
    sql.run_script(
        sql.schema_object("indexes/payload", "public").replace(" CONCURRENTLY", "")
    )


@pytest.mark.usefixtures("payload_index")
@pytest.mark.parametrize("query", ["", "&order=desc", "&tenant=idle", "&page_size=1"])
def test_with_the_index_a_rare_payload_is_found_at_once(
    api: APIClient, query: str
) -> None:
    with reads_of_the_log() as reads:
        answer = api.get(f"/api/v1/events/?payload=/n=4711{query}")
    assert [row["event_id"] for row in answer.json()["results"]] == ["e-4711"]
    assert reads.rows <= 40, (reads.rows, reads.scans)
    assert reads.pages <= 100, reads.pages
    # Grants, stable position, is there an index, hits, page.
    assert len(reads.statements) == 5


def test_a_state_reads_its_events_and_no_others(api: APIClient) -> None:
    class Page(Aggregate):
        aggregate_type = "Page"

    register_aggregate(Page)
    try:
        for query, statements in (
            ("", 5),
            ("?as_of=2026-04-01T00:00:00Z", 6),
            ("?as_of=2026-04-01T00:00:00Z&basis=occurred", 3),
        ):
            with reads_of_the_log() as reads:
                answer = api.get(f"/api/v1/aggregates/Page/p-77777/state/{query}")
            assert answer.status_code == 200, answer.content
            check(reads)
            assert reads.rows <= 20
            assert len(reads.statements) <= statements
    finally:
        del registry._registered["Page"]


def test_no_page_of_a_small_tenant_walks_past_the_others(api: APIClient) -> None:
    read: list[int] = []
    address = "/api/v1/events/?tenant=small"
    while address:
        with reads_of_the_log() as reads:
            address = api.get(address).json()["next"]
        read.append(reads.rows)
    assert len(read) == 10
    # Each event, and the look-up of its snapshot.
    assert max(read) <= 202, read


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_large_pages_of_a_small_tenant_walk_past_nobody_else_either(
    api: APIClient, order: str
) -> None:
    read: list[int] = []
    address = f"/api/v1/events/?tenant=small&page_size=400&order={order}"
    while address:
        with reads_of_the_log() as reads:
            address = api.get(address).json()["next"]
        read.append(reads.rows)
    assert len(read) == 3
    assert max(read) <= 802, read


def check(reads: Reads) -> None:
    # The records of redactions are a handful here; scanning them is right.
    assert not reads.scans & {f"Seq Scan on {table}" for table in TABLES}, reads.scans
    assert reads.rows <= MOST_ROWS, (reads.rows, reads.scans, reads.statements)
    assert not any("COUNT(" in sql.upper() for sql in reads.statements)
    assert not any("DISTINCT" in sql.upper() for sql in reads.statements)
