"""``manage.py demo``, run as a person runs it, in a database of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from eventstore_project.demo import catching_up, story
from tests.eventstore_project.demo.databases import Database


def count(database: Database) -> tuple[int, ...]:
    tables = (
        *("stored_domain_events", "event_snapshots", "auth_user"),
        *("event_aggregate_states", "event_subscriptions"),
    )
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


PROJECTED = """
from eventstore.models import AggregateHead
from eventstore_project.demo.projections import Releases, Requirements

for projection in (Releases, Requirements):
    kind = projection.aggregate
    heads = AggregateHead.objects.filter(aggregate_type=kind.aggregate_type)
    assert heads.count() == projection.rows().count() > 0
    for head in heads:
        key = head.aggregate_id, head.tenant_id
        assert projection.get(*key) == kind.load(*key).get_state(), key
"""


def test_the_projections_are_there_and_equal_a_fold_of_the_log(
    filled: Database,
) -> None:
    done = filled.manage("shell", "-v", "0", "-c", PROJECTED)

    assert done.returncode == 0, done.stderr


def test_every_subscription_has_come_as_far_as_the_log(filled: Database) -> None:
    standing = filled.rows(
        "SELECT name, state, last_error, "
        "position = (SELECT max(position) FROM stored_domain_events) "
        "FROM event_subscriptions ORDER BY name"
    )

    assert standing == [(name, "running", "", True) for name in catching_up.NAMES]


def test_the_process_manager_leaves_the_past_alone(filled: Database) -> None:
    mine = filled.rows(
        "SELECT 1 FROM stored_domain_events WHERE aggregate_type = 'ReleaseReadiness'"
    )

    assert mine == filled.rows("SELECT 1 FROM event_process_timeouts") == []


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
        ("auditor", 3, ["auditor"]),
        ("dpo", 3, ["dpo"]),
        ("lead-auditor", 3, ["lead_auditor"]),
        ("operator", 3, ["platform_admin"]),
        ("privacy-officer", 3, ["privacy_officer"]),
        ("reader", 1, ["reader"]),
        ("security", 3, ["security"]),
        ("writer", 1, ["reader", "writer"]),
    ]


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
