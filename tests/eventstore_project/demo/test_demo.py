"""``manage.py demo``, run as a person runs it, in a database of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from eventstore_project.demo import story

ROOT = Path(__file__).resolve().parents[3]


class Database:
    """An empty database beside the test database, and the demo in it."""

    def __init__(self, name: str) -> None:
        self.name = name
        known = connection.settings_dict
        self._params = {
            "host": known["HOST"],
            "port": known["PORT"],
            "user": known["USER"],
            "password": known["PASSWORD"],
        }

    def create(self) -> None:
        self.drop()
        self._maintain("CREATE DATABASE {}")

    def drop(self) -> None:
        self._maintain("DROP DATABASE IF EXISTS {} WITH (FORCE)")

    def rows(self, query: str) -> list[Any]:
        with psycopg.connect(
            **self._params, dbname=self.name, autocommit=True
        ) as database:
            cursor = database.execute(query.encode())
            return cursor.fetchall() if cursor.description else []

    def demo(self, *options: str) -> subprocess.CompletedProcess[str]:
        return self.manage("demo", *options)

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )

    def environment(self) -> dict[str, str]:
        place = {
            key: quote(str(item or ""), safe="") for key, item in self._params.items()
        }
        return {
            **os.environ,
            "DATABASE_URL": "postgresql://{user}:{password}@{host}:{port}/{name}".format(
                **place, name=self.name
            ),
        }

    def _maintain(self, statement: str) -> None:
        with psycopg.connect(
            **self._params, dbname="postgres", autocommit=True
        ) as server:
            server.execute(sql.SQL(statement).format(sql.Identifier(self.name)))


@pytest.fixture(scope="module")
def server(
    django_db_setup: None,
    django_db_blocker: Any,
) -> Iterator[str]:
    """The name from which those of scratch databases are made."""
    with django_db_blocker.unblock():
        yield str(connection.settings_dict["NAME"])


@pytest.fixture(scope="module")
def filled(server: str) -> Iterator[Database]:
    database = Database(f"{server}_demo")
    database.create()
    done = database.demo("--check")
    assert (done.returncode, done.stderr) == (0, "")
    yield database
    database.drop()


@pytest.fixture
def empty(server: str) -> Iterator[Database]:
    database = Database(f"{server}_other")
    database.create()
    yield database
    database.drop()


def count(database: Database) -> tuple[int, ...]:
    tables = ("stored_domain_events", "event_snapshots", "auth_user")
    grants = "eventstore_tenant_grants"
    return tuple(
        database.rows(f"SELECT count(*) FROM {table}")[0][0]
        for table in (*tables, grants)
    )


def test_some_thousand_events_of_ninety_days_are_there(filled: Database) -> None:
    events, first, last = filled.rows(
        "SELECT count(*), min(occurred_at), max(occurred_at) FROM stored_domain_events"
    )[0]

    assert 2500 < events < 8000
    assert 84 <= (last - first).days <= 91


def test_a_second_start_adds_nothing(filled: Database) -> None:
    before = count(filled)
    done = filled.demo("--check")

    assert done.returncode == 0, done.stderr
    assert done.stdout == "The demo is ready.\n"
    assert count(filled) == before


def test_events_follow_time_within_each_aggregate(filled: Database) -> None:
    backwards = filled.rows(
        "SELECT 1 FROM (SELECT occurred_at, lag(occurred_at) OVER (PARTITION BY "
        "tenant_id, aggregate_type, aggregate_id ORDER BY aggregate_version) AS before "
        "FROM stored_domain_events) AS e WHERE occurred_at < before"
    )

    assert backwards == []


def test_approvals_are_stored_in_three_versions_and_replay_in_the_newest(
    filled: Database,
) -> None:
    versions = filled.rows(
        "SELECT event_version, max(occurred_at) < now() - interval '20 days' "
        "FROM stored_domain_events WHERE event_type = 'RequirementApproved' "
        "GROUP BY 1 ORDER BY 1"
    )

    assert versions == [("v1", True), ("v2", True), ("v3", False)]


REPLAY = """
from eventstore import publisher
from eventstore.models import AggregateHead
from eventstore_project.demo.release import Release
from eventstore_project.demo.requirement import Requirement

kinds = {"Release": Release, "Requirement": Requirement}
for head in AggregateHead.objects.filter(aggregate_type__in=kinds).iterator():
    key = head.aggregate_id, head.tenant_id
    history = publisher.replay_events(*key, head.aggregate_type)
    kind = kinds[head.aggregate_type]
    folded = kind(head.aggregate_id)
    for event in history:
        folded.apply_event(event)
    assert len(history) == head.current_version
    for event in history:
        if event.event_type == "RequirementApproved":
            assert {"approvalTimestamp", "approverRole"} <= set(event.data)
    assert kind.load(*key).get_state() == folded.get_state()
"""


def test_every_aggregate_replays_and_its_snapshot_tells_the_same(
    filled: Database,
) -> None:
    done = filled.manage("shell", "-v", "0", "-c", REPLAY)

    assert done.returncode == 0, done.stderr


def test_there_are_snapshots_of_both_kinds(filled: Database) -> None:
    kinds = filled.rows(
        "SELECT DISTINCT aggregate_type FROM event_snapshots ORDER BY 1"
    )

    assert kinds == [("Release",), ("Requirement",)]


def test_one_event_is_redacted_whole_and_others_in_part(filled: Database) -> None:
    redacted = filled.rows(
        "SELECT tenant_id, aggregate_id, event_data = '{\"redacted\": true}', "
        "event_data #> '{requester,email}', metadata -> 'ip' "
        "FROM stored_domain_events WHERE is_redacted ORDER BY tenant_id"
    )
    marker = {"redacted": True}

    assert redacted[0] == ("aurora-health", "R-4", False, marker, redacted[0][4])
    assert redacted[1][:3] == ("meridian-pay", "R-8", True)
    assert redacted[2] == ("tidewater-rail", "R-5", False, None, marker)
    notices = "SELECT count(*) FROM stored_domain_events WHERE event_type = "
    assert filled.rows(f"{notices} 'eventstore.EventRedacted'") == [(3,)]


def test_the_places_that_the_start_page_names_are_there(filled: Database) -> None:
    rejections = filled.rows(
        "SELECT count(*) FILTER (WHERE event_type = 'RequirementRejected'), "
        "bool_or(event_type = 'RequirementApproved') FROM stored_domain_events "
        "WHERE tenant_id = 'tidewater-rail' AND aggregate_id = 'R-53'"
    )

    assert rejections == [(4, True)]


def test_readiness_is_caused_by_a_person_and_causes_the_deployment(
    filled: Database,
) -> None:
    chains = filled.rows(
        "SELECT DISTINCT cause.event_type, ready.event_type, effect.event_type "
        "FROM stored_domain_events AS effect "
        "JOIN stored_domain_events AS ready ON ready.tenant_id = effect.tenant_id "
        "AND ready.event_id = effect.metadata ->> 'causation_id' "
        "JOIN stored_domain_events AS cause ON cause.tenant_id = ready.tenant_id "
        "AND cause.event_id = ready.metadata ->> 'causation_id' "
        "WHERE effect.event_type = 'ReleaseDeploymentEnabled' "
        "AND cause.metadata ->> 'correlation_id' = effect.metadata ->> 'correlation_id'"
    )

    assert chains == [
        ("RequirementVerified", "ReleaseReadinessAchieved", "ReleaseDeploymentEnabled")
    ]


def test_releases_of_the_past_were_shipped(filled: Database) -> None:
    shipped = filled.rows(
        "SELECT tenant_id, count(*) FROM stored_domain_events "
        "WHERE event_type = 'ReleaseShipped' GROUP BY 1 ORDER BY 1"
    )

    assert [tenant for tenant, number in shipped if number >= 5] == [
        "aurora-health",
        "meridian-pay",
        "tidewater-rail",
    ]


def test_the_users_have_their_grants_and_the_admin_has_none(filled: Database) -> None:
    grants = filled.rows(
        "SELECT username, count(DISTINCT tenant_id), "
        "array_agg(DISTINCT role ORDER BY role) FILTER (WHERE role IS NOT NULL) "
        "FROM auth_user AS u "
        "LEFT JOIN eventstore_tenant_grants AS g ON g.user_id = u.id "
        "GROUP BY 1 ORDER BY 1"
    )

    assert grants == [
        ("admin", 0, None),
        ("auditor", 3, ["reader"]),
        ("dpo", 3, ["reader", "redactor"]),
        ("reader", 1, ["reader"]),
        ("writer", 1, ["reader", "writer"]),
    ]


def test_it_serves_the_start_page_and_the_api_until_it_is_stopped(
    filled: Database,
) -> None:
    with subprocess.Popen(
        [sys.executable, "manage.py", "demo", "--port", "0"],
        cwd=ROOT,
        env=filled.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            line = ""
            while "Start" not in line:
                line = process.stdout.readline()
                assert line, "it ended before it served"
            home = re.search(r"http://\S+/", line)
            assert home is not None
            page = _get(home[0])
            assert "eventstore-demo" in page
            assert "<style" not in page
            assert "<script" not in page
            assert "--paper" in _get(f"{home[0]}static/demo/start.css")
            events = json.loads(_get(f"{home[0]}api/v1/events/", user="reader"))
            tenants = {event["tenant_id"] for event in events["results"]}
            assert tenants == {"aurora-health"}
        finally:
            process.send_signal(signal.SIGINT)
            said, _ = process.communicate(timeout=30)
    assert "Stopped." in said
    assert process.returncode == 0


def _get(url: str, user: str = "") -> str:
    request = urllib.request.Request(url)
    if user:
        token = b64encode(f"{user}:eventstore-demo".encode()).decode()
        request.add_header("Authorization", f"Basic {token}")
    with urllib.request.urlopen(request, timeout=20) as answer:
        return str(answer.read().decode())


def test_a_database_of_something_else_is_refused_and_left_alone(
    empty: Database,
) -> None:
    empty.rows("CREATE TABLE customers (id int)")
    done = empty.demo("--check")

    assert done.returncode == 1
    assert "has tables of something else" in done.stderr
    tables = empty.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    assert tables == [("customers",)]


APPEND = """
from eventstore import DomainEvent, store
store.append_event(DomainEvent(event_type="Paid", aggregate_type="Order",
    aggregate_id="1"), {tenant!r})
"""


@pytest.mark.parametrize(
    ("tenant", "reason"),
    [
        ("acme", "has events of other tenants"),
        ("aurora-health", "has events that the demo did not write"),
    ],
)
def test_somebody_elses_log_is_refused_and_left_alone(
    empty: Database, tenant: str, reason: str
) -> None:
    assert empty.manage("migrate", "-v", "0").returncode == 0
    assert (
        empty.manage("shell", "-v", "0", "-c", APPEND.format(tenant=tenant)).returncode
        == 0
    )
    done = empty.demo("--check")

    assert done.returncode == 1
    assert reason in done.stderr
    assert count(empty)[0] == 1
    assert count(empty)[2] == 0


def test_a_database_with_users_of_its_own_is_refused(empty: Database) -> None:
    assert empty.manage("migrate", "-v", "0").returncode == 0
    empty.rows(
        "INSERT INTO auth_user (username, password, is_superuser, first_name, "
        "last_name, email, is_staff, is_active, date_joined) "
        "VALUES ('ada', '', false, '', '', '', false, true, now())"
    )
    done = empty.demo("--check")

    assert done.returncode == 1
    assert "has users of its own" in done.stderr
    assert count(empty)[0] == 0


def test_reset_is_refused_for_a_database_that_is_not_the_private_one(
    filled: Database,
) -> None:
    before = count(filled)
    done = filled.demo("--check", "--reset")

    assert done.returncode == 1
    assert "--reset is for the private database only" in done.stderr
    assert count(filled) == before


def test_an_interrupted_start_is_noticed(empty: Database) -> None:
    assert empty.manage("migrate", "-v", "0").returncode == 0
    begin = APPEND.format(tenant="aurora-health").replace(
        'aggregate_id="1"', 'aggregate_id="1", event_id="demo-story-begins"'
    )
    assert empty.manage("shell", "-v", "0", "-c", begin).returncode == 0
    done = empty.demo("--check")

    assert done.returncode == 1
    assert "was interrupted" in done.stderr
    assert count(empty)[0] == 1


@pytest.mark.parametrize("hours", [0, 7, 24, 77, 168, 1000])
def test_the_story_is_the_same_at_any_hour_of_any_day(hours: int) -> None:
    def told(end: datetime) -> list[tuple[float, str]]:
        begin = story.begin_of(end)
        assert 84 <= (end - begin).days <= 90
        found = story.scenes(end)[:2000]
        return [((x.at - begin).total_seconds(), x.correlation_id) for x in found]

    end = datetime(2026, 11, 23, 16, tzinfo=UTC)
    later = told(end + timedelta(hours=hours))
    # Releases are named after the year.
    assert [at for at, _ in told(end)] == [at for at, _ in later]
