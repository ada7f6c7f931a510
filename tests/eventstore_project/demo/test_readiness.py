"""The process manager of the demo: waits, decides, escalates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from eventstore import store
from eventstore.models import ProcessTimeout
from eventstore_project.demo.process_managers import ReleaseReadiness
from eventstore_project.demo.release import Release

pytestmark = pytest.mark.django_db

TENANT = "aurora-health"


def act(name: str, *arguments: str, **more: Any) -> None:
    """Let the release act, and the process manager hear of it as from a worker."""
    release = Release.load("2026.8", TENANT)
    getattr(release, name)(*arguments, **more)
    for event in release.save(TENANT):
        if event.event_type in ReleaseReadiness._handlers:
            with transaction.atomic():
                ReleaseReadiness.handle(event)


def plan(in_hours: float | None, *requirements: str) -> None:
    moment = datetime.now(UTC) + timedelta(hours=in_hours or 0)
    due = None if in_hours is None else moment.isoformat()
    act("plan", goal="Ready", ship_date="2026-08-01", due=due)
    for requirement in requirements:
        act("add_requirement", requirement)


def published() -> list[str]:
    history = store.iter_events_for_aggregate("2026.8", TENANT, "Release")
    interesting = ("ReleaseReadinessAchieved", "ReleaseEscalated")
    return [e.event_type for e in history if e.event_type in interesting]


def test_the_last_requirement_of_a_frozen_release_makes_it_ready_once() -> None:
    plan(1, "R-1", "R-2")
    act("complete_requirement", "R-1")
    act("freeze_scope")
    assert published() == []

    act("complete_requirement", "R-2")

    assert published() == ["ReleaseReadinessAchieved"]
    assert Release.load("2026.8", TENANT).status == "ready"
    assert not ProcessTimeout.objects.exists()


def test_a_release_that_is_not_ready_when_it_is_due_is_escalated_once() -> None:
    plan(-1, "R-1")
    act("freeze_scope")
    assert ReleaseReadiness.fire_timeouts()
    assert not ReleaseReadiness.fire_timeouts()
    assert published() == ["ReleaseEscalated"]

    act("complete_requirement", "R-1")
    assert published() == ["ReleaseEscalated", "ReleaseReadinessAchieved"]


def test_what_is_postponed_is_not_waited_for() -> None:
    plan(1, "R-1", "R-2")
    act("freeze_scope")
    act("complete_requirement", "R-1")
    act("postpone_requirement", "R-2", reason="Too late.")

    assert published() == ["ReleaseReadinessAchieved"]


def test_a_release_without_a_due_moment_notices_its_readiness_itself() -> None:
    plan(None, "R-1")
    act("freeze_scope")
    act("complete_requirement", "R-1")

    assert published() == ["ReleaseReadinessAchieved"]
    assert ReleaseReadiness.load("2026.8", TENANT).version == 0
