"""A day of the access log is found wherever it lies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from audit_console.queries.access_log import AccessQuery

pytestmark = pytest.mark.django_db

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def looks() -> None:
    """A look every five minutes for ten weeks."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO audit_console_access
                 (at, user_id, user_name, act, outcome, tenants, objects_seen, query,
                  purpose, reference, session, user_agent, request_id, is_demo)
               SELECT %s + n * interval '5 minutes', '7', 'carl', 'print', 'shown',
                      '{acme}', '{}', '', '', '', '', '', 'r', false
                 FROM generate_series(0, 20000) AS n""",
            [BEGIN],
        )
        cursor.execute("ANALYZE audit_console_access")


def test_a_day_of_long_ago_is_found_without_passing_over_all_since(
    looks: None,
) -> None:
    query = AccessQuery(
        own="1",
        tenants=["acme"],
        known=frozenset({"acme"}),
        since=BEGIN + DAY,
        until=BEGIN + 2 * DAY,
    )

    assert len(query.page().entries) == 50
    assert query.tallies().looks == 24 * 12
    plan = query._rows().order_by("-id")[:51].explain()
    assert "audit_access_time" in plan
