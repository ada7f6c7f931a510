"""Lists of a large log: the last page takes no longer than the first."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.db import connection
from rest_framework.test import APIClient

from eventstore.models import TenantGrant

EVENTS = 1_000_000
#: One in a thousand is the small tenant's; the large ones share the rest.
_FILL = """
INSERT INTO stored_domain_events
       (event_id, tenant_id, aggregate_type, aggregate_id, aggregate_version,
        event_type, event_version, occurred_at, stored_at, event_data, metadata,
        is_redacted)
SELECT 'e-' || n,
       CASE WHEN n %% 1000 = 0 THEN 'small' WHEN n %% 3 = 0 THEN 'large-1'
            ELSE 'large-0' END,
       'Page', 'p-' || n / 50, n %% 50 + 1, 'Type-' || n %% 20, 'v1', moment, moment,
       jsonb_build_object('n', n, 'text', repeat('x', 200)),
       jsonb_build_object('correlation_id', 'c-' || n / 5), false
  FROM generate_series(1, %s) AS n,
       LATERAL (SELECT timestamptz '2026-01-01 00:00Z' + n * interval '1 second'
                       AS moment) AS m
 ORDER BY n
"""

pytestmark = [pytest.mark.full, pytest.mark.django_db]


@pytest.fixture(scope="module")
def large_log(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE stored_domain_events RESTART IDENTITY")
            cursor.execute(_FILL, [EVENTS])
            cursor.execute("VACUUM (ANALYZE) stored_domain_events")
        yield
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE stored_domain_events RESTART IDENTITY")


@pytest.fixture
def api() -> APIClient:
    user = User.objects.create_user("auditor")
    for tenant in ("large-0", "large-1", "small"):
        TenantGrant.objects.create(user=user, tenant_id=tenant)
    client = APIClient()
    client.force_authenticate(user)
    return client


def last_page(client: APIClient, address: str, size: int) -> str:
    """The address of the last full page, by a cursor that the list itself gave."""
    newest = client.get(f"{address}&order=desc&page_size={size + 1}").json()["results"]
    before = newest[-1]["position"] - 1
    near = client.get(f"{address}&page_size=1&position_after={before}").json()["next"]
    (cursor,) = parse_qs(urlsplit(near).query)["cursor"]
    return f"{address}&page_size={size}&cursor={cursor}"


@pytest.mark.usefixtures("large_log")
@pytest.mark.parametrize("size", [100, 400])
@pytest.mark.parametrize("tenant", ["", "large-0", "small"])
def test_the_last_page_takes_no_longer_than_the_first(
    api: APIClient, tenant: str, size: int
) -> None:
    address = "/api/v1/events/?" + (f"tenant={tenant}" if tenant else "version=stored")
    pages = [f"{address}&page_size={size}", last_page(api, address, size)]
    times: list[list[float]] = [[], []]
    for _ in range(15):
        for page, taken in zip(pages, times, strict=True):
            started = time.perf_counter()
            answer = api.get(page)
            taken.append(time.perf_counter() - started)
            assert len(answer.json()["results"]) == size
    # What else the machine does only adds: the quickest of each is the page's own.
    first, last = (min(taken) for taken in times)
    assert last <= 1.2 * first, (first, last)
