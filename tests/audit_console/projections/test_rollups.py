"""What the rollups count, and what a redaction does to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from audit_console.models import ActorCount, EventCount
from audit_console.projections import ActorCounts, EventCounts
from eventstore import Projection, store
from eventstore.types import StoredDomainEvent
from tests.factories import new_event

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
LONG_AGO = datetime(2020, 2, 29, 23, 59, tzinfo=UTC)


def _append(n: int, moment: datetime, actor: str | None = "anna") -> StoredDomainEvent:
    event = new_event(
        event_id=f"e-{n}",
        aggregate_id=f"R-{n}",
        occurred_at=moment,
        metadata={"actor": {"type": "user", "id": actor}} if actor else {},
    )
    return store.append_event(event, "acme")


def _run(projection: type[Projection], after: int = 0) -> Sequence[StoredDomainEvent]:
    events = store.get_events_after("acme", after)
    projection().project_batch(events)
    return events


def _days(basis: str) -> dict[datetime, int]:
    rows = EventCount.objects.filter(basis=basis, grain="day")
    return dict(rows.values_list("begins_at", "events"))


def test_events_are_counted_by_day_of_both_times() -> None:
    for n in range(3):
        _append(n, LONG_AGO + timedelta(minutes=n))

    _run(EventCounts)

    assert _days("occurred") == {
        datetime(2020, 2, 29, tzinfo=UTC): 1,
        datetime(2020, 3, 1, tzinfo=UTC): 2,
    }
    assert list(_days("stored").values()) == [3]


def test_counts_add_up_from_batch_to_batch() -> None:
    _append(1, LONG_AGO)
    last = _run(EventCounts)[-1]
    _append(2, LONG_AGO)
    _run(EventCounts, after=last.position)

    assert _days("occurred") == {datetime(2020, 2, 29, tzinfo=UTC): 2}


def test_hours_are_kept_for_ninety_days() -> None:
    _append(1, LONG_AGO)
    _append(2, NOW - timedelta(days=2))
    EventCount.objects.create(
        tenant_id="acme",
        basis="occurred",
        grain="hour",
        begins_at=NOW - timedelta(days=91),
        event_type="Old",
        events=1,
    )

    _run(EventCounts)

    hours = EventCount.objects.filter(basis="occurred", grain="hour")
    assert [row.begins_at for row in hours] == [
        (NOW - timedelta(days=2)).replace(minute=0, second=0, microsecond=0)
    ]


def test_actors_are_counted_by_day_and_nobody_is_not() -> None:
    _append(1, LONG_AGO)
    _append(2, LONG_AGO)
    _append(3, LONG_AGO, actor=None)
    _append(4, LONG_AGO + timedelta(days=1), actor="ben")

    _run(ActorCounts)

    counts = ActorCount.objects.values_list("actor_id", "actor_kind", "events")
    assert set(counts) == {("anna", "user", 2), ("ben", "user", 1)}


@pytest.mark.parametrize("is_one_batch", [True, False])
def test_a_redacted_actor_disappears_from_the_counts(is_one_batch: bool) -> None:
    _append(1, LONG_AGO)
    _append(2, LONG_AGO)
    _append(3, LONG_AGO, actor="ben")
    done = 0 if is_one_batch else _run(ActorCounts)[-1].position
    store.redact_event(
        "e-1",
        "acme",
        fields=["/metadata/actor"],
        reason="asked for",
        actor={"type": "user", "id": "dpo"},
    )
    store.redact_event(
        "e-3",
        "acme",
        fields=["/metadata/actor/id"],
        reason="asked for",
        actor={"type": "user", "id": "dpo"},
    )

    _run(ActorCounts, after=done)

    counts = ActorCount.objects.filter(begins_at__year=2020)
    assert set(counts.values_list("actor_id", "events")) == {("anna", 1)}


def test_a_redacted_payload_changes_no_count() -> None:
    _append(1, LONG_AGO)
    done = _run(ActorCounts)[-1].position
    store.redact_event(
        "e-1", "acme", reason="asked for", actor={"type": "user", "id": "dpo"}
    )

    _run(ActorCounts, after=done)

    assert ActorCount.objects.get(begins_at__year=2020).events == 1
