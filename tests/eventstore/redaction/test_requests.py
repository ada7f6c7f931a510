"""A request on its way: drafted, submitted, decided, executed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User

from eventstore import (
    RedactionNotApproved,
    RedactionRefused,
    redaction,
    store,
)
from eventstore.models import EventRedaction, RedactionRequest
from eventstore.roles import Role
from eventstore.types import StoredDomainEvent
from tests.eventstore.redaction.conftest import (
    TENANT,
    fresh,
    last_of,
    payloads,
    person,
)
from tests.factories import new_event

pytestmark = pytest.mark.django_db

Drafted = Callable[..., RedactionRequest]
GONE = {"redacted": True}


def test_a_request_goes_from_draft_to_executed_and_tells_each_step(
    officer: User, dpo: User, drafted: Drafted, events: list[StoredDomainEvent]
) -> None:
    request = drafted(case_number="DSR-2041")
    redaction.choose_fields(officer, request, {events[0].position: ["/data/name"]})
    redaction.submit(officer, request)
    redaction.approve(dpo, request, events=3)
    redaction.execute(dpo, request)

    assert payloads(events) == [{"name": GONE, "city": "Bergen"}, GONE, GONE]
    assert fresh(request).status == "executed"
    assert [(step.act, step.actor_name, step.note) for step in request.steps.all()] == [
        ("drafted", "Vera Lind (vera)", ""),
        ("submitted", "Vera Lind (vera)", ""),
        ("approved", "otto", ""),
        ("executed", "otto", "3 of 3 events"),
    ]
    (record,) = store.get_redactions(events[0].event_id, TENANT)
    assert record.request_id == request.reference
    assert record.reason == "erasure · DSR-2041"
    assert record.actor == {"type": "user", "id": str(dpo.pk), "name": "otto"}


def test_numbers_count_within_a_tenant_and_year(
    officer: User, drafted: Drafted
) -> None:
    first, second = drafted(), drafted()
    year = first.year

    assert [first.reference, second.reference] == [
        f"R-{year}-{first.number:04d}",
        f"R-{year}-{first.number + 1:04d}",
    ]
    found = RedactionRequest.named(TENANT, [second.reference, "TICKET-7", None])
    assert list(RedactionRequest.objects.filter(found)) == [second]


def test_a_form_that_is_sent_twice_makes_one_draft(drafted: Drafted) -> None:
    assert drafted(token="form-1").pk == drafted(token="form-1").pk
    assert RedactionRequest.objects.count() == 1


@pytest.mark.parametrize("count", [0, 201])
def test_none_and_more_than_200_events_are_refused(officer: User, count: int) -> None:
    with pytest.raises(RedactionRefused, match=r"No event|201 events.* 200 at most"):
        redaction.draft(officer, range(1, count + 1))


def test_events_of_two_tenants_and_of_foreign_ones_are_refused(
    events: list[StoredDomainEvent],
) -> None:
    other = store.append_event(new_event(), "other")
    both = person("both", Role.PRIVACY_OFFICER)
    positions = [events[0].position, other.position]

    with pytest.raises(RedactionRefused, match="1 of these events does not exist"):
        redaction.draft(both, positions)

    person("x", Role.READER)
    both.tenant_grants.create(tenant_id="other", role=Role.PRIVACY_OFFICER)
    with pytest.raises(RedactionRefused, match="several tenants"):
        redaction.draft(both, positions)


def test_the_stores_own_events_are_refused(
    officer: User, events: list[StoredDomainEvent]
) -> None:
    store.redact_event(events[0].event_id, TENANT)
    notice = store.get_events_by_type(TENANT, "eventstore.EventRedacted")[0]

    with pytest.raises(RedactionRefused, match="it stays"):
        redaction.draft(officer, [notice.position])


def test_what_is_submitted_cannot_be_changed(
    officer: User, submitted: RedactionRequest, events: list[StoredDomainEvent]
) -> None:
    position = events[0].position
    for change in (
        lambda: redaction.describe(officer, submitted, reason="x", case_number=""),
        lambda: redaction.choose_fields(officer, submitted, {position: ["/data"]}),
        lambda: redaction.take_out(officer, submitted, position),
    ):
        with pytest.raises(RedactionRefused, match="Waits for approval"):
            change()


def test_a_draft_is_changed_by_its_requester_alone(
    officer: User, drafted: Drafted, events: list[StoredDomainEvent]
) -> None:
    request = drafted()
    colleague = person("carl", Role.PRIVACY_OFFICER)
    with pytest.raises(RedactionRefused, match=r"Only Vera Lind \(vera\)"):
        redaction.describe(colleague, request, reason="mine", case_number="")

    for event in events[:2]:
        redaction.take_out(officer, request, event.position)
    with pytest.raises(RedactionRefused, match="last event"):
        redaction.take_out(officer, request, events[2].position)
    assert [item.position for item in request.items.all()] == [events[2].position]


def test_a_pointer_that_is_none_is_refused_in_the_draft(
    officer: User, drafted: Drafted, events: list[StoredDomainEvent]
) -> None:
    with pytest.raises(RedactionRefused, match="no JSON pointer"):
        redaction.choose_fields(officer, drafted(), {events[0].position: ["name"]})


def test_a_reason_is_needed_before_it_is_submitted(
    officer: User, dpo: User, events: list[StoredDomainEvent]
) -> None:
    request = redaction.draft(officer, [events[0].position])

    with pytest.raises(RedactionRefused, match="reason is missing"):
        redaction.submit(officer, request)


def test_a_rejection_says_why_and_is_the_end(
    officer: User, dpo: User, submitted: RedactionRequest
) -> None:
    with pytest.raises(RedactionRefused, match="reason is missing"):
        redaction.reject(dpo, submitted, why=" ")
    redaction.reject(dpo, submitted, why="Keep until the dispute is over.")

    assert last_of(submitted).note == "Keep until the dispute is over."
    for late in (
        lambda: redaction.approve(dpo, submitted, events=3),
        lambda: redaction.withdraw(officer, submitted),
        lambda: redaction.execute(dpo, submitted),
    ):
        with pytest.raises(RedactionRefused, match="Rejected"):
            late()


def test_what_is_withdrawn_is_not_approved(
    officer: User, dpo: User, submitted: RedactionRequest
) -> None:
    redaction.withdraw(officer, submitted, why="Asked for by mistake")
    redaction.withdraw(officer, submitted)

    assert [step.act for step in submitted.steps.all()][-1] == "withdrawn"
    with pytest.raises(RedactionRefused, match="Withdrawn"):
        redaction.approve(dpo, submitted, events=3)


def test_a_wrong_number_of_events_approves_nothing(
    dpo: User, submitted: RedactionRequest
) -> None:
    with pytest.raises(RedactionRefused, match="not the number"):
        redaction.approve(dpo, submitted, events=2)

    assert fresh(submitted).status == "submitted"


def test_each_act_may_be_sent_twice(
    officer: User, dpo: User, submitted: RedactionRequest
) -> None:
    redaction.submit(officer, submitted)
    for _again in range(2):
        redaction.approve(dpo, submitted, events=3)
    for _again in range(2):
        redaction.execute(dpo, submitted)

    assert [step.act for step in submitted.steps.all()] == [
        "drafted",
        "submitted",
        "approved",
        "executed",
    ]
    assert EventRedaction.objects.count() == 3


def test_what_fails_is_listed_and_the_rest_is_done(
    officer: User, dpo: User, drafted: Drafted, events: list[StoredDomainEvent]
) -> None:
    request = drafted()
    redaction.choose_fields(officer, request, {events[1].position: ["/data/nothing"]})
    redaction.submit(officer, request)
    redaction.approve(dpo, request, events=3)

    assert redaction.execute(dpo, request).status == "failed"
    items = list(request.items.order_by("position"))
    assert [item.outcome for item in items] == ["redacted", "failed", "redacted"]
    assert "nothing at '/data/nothing'" in items[1].failure
    assert last_of(request).note == "2 of 3 events"
    # Tried again it fails again, and what is done is not done again.
    assert redaction.execute(dpo, request).status == "failed"
    assert EventRedaction.objects.count() == 2
    redaction.withdraw(officer, request, why="That field is not there.")


def test_what_was_gone_already_keeps_the_record_of_whoever_removed_it(
    dpo: User, submitted: RedactionRequest, events: list[StoredDomainEvent]
) -> None:
    store.redact_event(events[0].event_id, TENANT, reason="sooner")
    redaction.approve(dpo, submitted, events=3)
    redaction.execute(dpo, submitted)

    outcomes = submitted.items.order_by("position").values_list("outcome", flat=True)
    assert list(outcomes) == ["unchanged", "redacted", "redacted"]
    (record,) = store.get_redactions(events[0].event_id, TENANT)
    assert record.reason == "sooner"


def test_without_a_second_person_the_requester_confirms(
    settings, officer: User, drafted: Drafted, events: list[StoredDomainEvent]
) -> None:
    settings.EVENTSTORE = {"REDACTION_SECOND_PERSON": False}
    request = drafted()
    redaction.submit(officer, request)
    redaction.approve(officer, request, events=3)
    redaction.execute(officer, request)

    assert payloads(events) == [GONE] * 3
    assert fresh(request).approver_id is None


def test_a_second_person_that_comes_to_be_asked_for_is_asked_for(
    settings,
    officer: User,
    dpo: User,
    drafted: Drafted,
    events: list[StoredDomainEvent],
) -> None:
    settings.EVENTSTORE = {"REDACTION_SECOND_PERSON": False}
    request = drafted()
    redaction.submit(officer, request)
    redaction.approve(officer, request, events=3)
    settings.EVENTSTORE = {"REDACTION_SECOND_PERSON": True}

    with pytest.raises(RedactionNotApproved, match="second person"):
        redaction.execute(officer, request)
    assert GONE not in payloads(events)
    redaction.approve(dpo, request, events=3)
    redaction.execute(dpo, request)
    assert payloads(events) == [GONE] * 3
