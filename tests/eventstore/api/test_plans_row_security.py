"""Pages of the API on the skewed log, for a role that row-level security binds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.db import connection
from rest_framework.test import APIClient

from eventstore.hardening import policies
from eventstore.models import TenantGrant
from eventstore.tenancy import scoped
from tests.eventstore.skewed_log import (
    TABLES,
    Reads,
    reads_of_the_log,
    skewed_log,  # noqa: F401 - a fixture
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("skewed_log")]

#: As without row-level security: see test_plans.
MOST_ROWS = 2_000
TENANTS = ("idle", "large", "small")
_ROLE = "row_security_reader"


@pytest.fixture
def api() -> APIClient:
    user = User.objects.create_superuser("auditor")
    for tenant in TENANTS:
        TenantGrant.objects.create(user=user, tenant_id=tenant)
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture(params=[False])
def confined(api: APIClient, request: pytest.FixtureRequest) -> Iterator[None]:
    """All of it is rolled back with the test: the role, the rights, the policies."""
    # First, as an ANALYZE of the server's own has one of them in hand and waits for
    # whoever changes its rights.
    _run(f"LOCK TABLE {', '.join(policies.covered_tables())} IN ACCESS EXCLUSIVE MODE")
    _run(
        f"CREATE ROLE {_ROLE}; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {_ROLE};"
        f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {_ROLE}"
    )
    readers = policies.choose_readers(_ROLE)
    policies.run(policies.switch_on(readers, leakproof_json=request.param))
    # The settings of a transaction: what follows finds its own path again.
    _run(f"SET LOCAL search_path = public; SET LOCAL ROLE {_ROLE}")
    yield
    _run("RESET ROLE")


def _run(statements: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statements)


def _read(api: APIClient, address: str) -> Reads:
    # The scope around it stays for the statements that are explained afterwards.
    with scoped(TENANTS), reads_of_the_log() as reads:
        answer = api.get(f"/api/v1/{address}")
    assert answer.status_code == 200, answer.content
    assert answer.json().get("results", True)
    return reads


def _check(reads: Reads) -> None:
    assert not reads.scans & {f"Seq Scan on {table}" for table in TABLES}, reads.scans
    assert 0 < reads.rows <= MOST_ROWS, (reads.rows, reads.scans, reads.statements)


@pytest.mark.usefixtures("confined")
@pytest.mark.parametrize(
    "address",
    [
        "events/",
        "events/?order=desc",
        "events/?tenant=small&order=desc",
        "events/?tenant=idle&order=desc",
        "events/?event_type=Deleted",
        "events/?event_type=Moved&tenant=idle&order=desc",
        "events/?aggregate_type=Page&order=desc",
        "events/?position_after=59990&position_up_to=60010",
        "events/?occurred_from=2026-02-01T00:00:00Z&occurred_before=2026-02-01T02:00:00Z",
        "events/?is_redacted=true&order=desc&tenant=idle",
        "events/e-4711/",
        "aggregates/?tenant=small&order=desc",
        "aggregates/Page/hot/events/?tenant=idle&order=desc",
        "snapshots/s-e-500/",
    ],
)
def test_a_confined_page_reads_as_little_as_any_other(
    api: APIClient, address: str
) -> None:
    _check(_read(api, address))


@pytest.mark.usefixtures("confined")
@pytest.mark.parametrize("confined", [True], indirect=True)
@pytest.mark.parametrize("query", ["correlation_id=c-4711", "actor_id=u-7&order=desc"])
def test_metadata_have_their_index_where_json_is_known_not_to_leak(
    api: APIClient, query: str
) -> None:
    _check(_read(api, f"events/?{query}"))


@pytest.mark.usefixtures("confined")
def test_metadata_are_searched_among_the_tenant_s_own_events_alone(
    api: APIClient,
) -> None:
    reads = _read(api, "events/?correlation_id=c-16000&tenant=small")
    assert 0 < reads.rows <= 1_100, (reads.rows, reads.scans)
