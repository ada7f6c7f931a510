"""The rules of the demo's two aggregates, without a database."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from eventstore import DomainEvent
from eventstore_project.demo import clock
from eventstore_project.demo.errors import NotPossibleNow
from eventstore_project.demo.release import Release
from eventstore_project.demo.requirement import Requirement


def new_requirement() -> Requirement:
    requirement = Requirement("R-1")
    requirement.create(title="Read aloud", requester={"name": "Mia", "email": "m@x"})
    return requirement


def new_release(*requirements: str) -> Release:
    release = Release("2026.1")
    release.plan(goal="Less to click", ship_date="2026-02-01")
    for requirement in requirements:
        release.add_requirement(requirement)
    return release


def names(aggregate: Requirement | Release) -> list[str]:
    return [event.event_type for event in aggregate.get_domain_events()]


def test_a_requirement_is_approved_after_it_was_rejected_and_revised() -> None:
    requirement = new_requirement()
    requirement.analyse(score=50, risk="low", affected=[])
    requirement.reject(reason="Too large.")
    requirement.revise(title="Read titles aloud", change="Split.")
    requirement.analyse(score=70, risk="low", affected=[])
    requirement.approve(approver="Elif", role="REVIEWER", comment="Yes.")

    assert requirement.status == "approved"
    assert (requirement.title, requirement.score) == ("Read titles aloud", 70)


def test_an_act_that_the_state_does_not_allow_is_refused_and_recorded_nowhere() -> None:
    requirement = new_requirement()

    with pytest.raises(
        NotPossibleNow, match="Cannot approve requirement R-1: it is dr"
    ):
        requirement.approve(approver="Elif", role="REVIEWER", comment="Yes.")
    assert names(requirement) == ["RequirementCreated"]


def test_a_failed_verification_leaves_a_requirement_approved() -> None:
    requirement = new_requirement()
    requirement.analyse(score=50, risk="low", affected=[])
    requirement.approve(approver="Elif", role="REVIEWER", comment="Yes.")
    requirement.verify(release="2026.1", tests=4, failures=["too slow"])

    assert requirement.status == "approved"


def test_the_last_completed_requirement_of_a_frozen_release_makes_it_ready() -> None:
    release = new_release("R-1", "R-2")
    release.freeze_scope()
    release.complete_requirement("R-1")
    assert release.status == "planned"

    release.complete_requirement("R-2")
    assert release.status == "ready"
    assert names(release)[-1] == "ReleaseReadinessAchieved"


def test_postponing_what_is_left_makes_a_release_ready() -> None:
    release = new_release("R-1", "R-2")
    release.complete_requirement("R-1")
    release.freeze_scope()
    release.postpone_requirement("R-2", reason="Not verified in time.")

    assert release.status == "ready"


def test_a_frozen_release_takes_no_more_requirements() -> None:
    release = new_release("R-1")
    release.freeze_scope()

    with pytest.raises(NotPossibleNow, match="frozen"):
        release.add_requirement("R-2")


def test_a_release_ships_only_once_its_deployment_is_enabled() -> None:
    release = new_release("R-1")
    release.freeze_scope()
    release.complete_requirement("R-1")
    with pytest.raises(NotPossibleNow, match="cannot be deployed"):
        release.ship(notes="")

    release.enable_deployment(pipeline="production")
    release.ship(notes="")
    assert release.status == "shipped"


@pytest.mark.parametrize("aggregate", [Requirement("R-1"), Release("2026.1")])
def test_folding_a_wholly_redacted_event_does_not_fail(
    aggregate: Requirement | Release,
) -> None:
    for event_type in aggregate._appliers:
        aggregate.apply_event(
            DomainEvent(
                event_type=event_type,
                aggregate_type=aggregate.aggregate_type,
                aggregate_id=aggregate.aggregate_id,
                data={"redacted": True},
            )
        )


def test_events_happen_at_the_time_of_the_story() -> None:
    moment = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
    with clock.at(moment):
        requirement = new_requirement()

    assert [event.occurred_at for event in requirement.get_domain_events()] == [moment]
    assert clock.now() > moment
