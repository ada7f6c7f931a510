"""Nobody approves what they ask for: in the code, in the database, in a race."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Group, User
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventstore import RedactionNotApproved, RedactionRefused, redaction, store
from eventstore.keys import issuing
from eventstore.models import (
    ApiKey,
    EventRedaction,
    RedactionRequest,
    RedactionStep,
    TenantGrant,
)
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


def test_nobody_approves_their_own_request_whatever_they_may(
    dpo: User, drafted: Drafted
) -> None:
    both = person("both", Role.PRIVACY_OFFICER, Role.DPO, is_superuser=True)
    request = drafted(both)
    redaction.submit(both, request)

    with pytest.raises(RedactionNotApproved, match="requested it yourself"):
        redaction.approve(both, request, events=3)
    with pytest.raises(RedactionRefused, match="Withdraw your own"):
        redaction.reject(both, request, why="no")


def test_a_superuser_without_grants_may_nothing(
    submitted: RedactionRequest, events: list[StoredDomainEvent]
) -> None:
    root = person("root", is_superuser=True, is_staff=True)
    for act in (
        lambda: redaction.draft(root, [events[0].position]),
        lambda: redaction.approve(root, submitted, events=3),
        lambda: redaction.reject(root, submitted, why="no"),
        lambda: redaction.withdraw(root, submitted),
        lambda: redaction.execute(root, submitted),
    ):
        with pytest.raises(RedactionRefused):
            act()
    assert fresh(submitted).status == "submitted"


def test_programs_and_strangers_are_no_persons(submitted: RedactionRequest) -> None:
    issuing.create("robot", role=Role.DPO, tenants=[TENANT])
    for principal in (ApiKey.objects.get(), AnonymousUser()):
        with pytest.raises(RedactionRefused, match="by people"):
            redaction.approve(principal, submitted, events=3)


def test_without_a_second_person_in_the_tenant_nothing_is_submitted(
    drafted: Drafted,
) -> None:
    request = drafted()
    both = User.objects.get(username="vera")
    both.tenant_grants.create(tenant_id=TENANT, role=Role.DPO)
    person("elsewhere", Role.DPO, tenant="other")
    person("closed", Role.DPO, is_active=False)
    person("root", is_superuser=True)

    with pytest.raises(RedactionNotApproved, match="NAME dpo --tenant acme"):
        redaction.submit(both, request)

    group = Group.objects.create(name="board")
    TenantGrant.objects.create(group=group, tenant_id=TENANT, role=Role.DPO)
    group.user_set.add(both)
    with pytest.raises(RedactionNotApproved):
        redaction.submit(both, request)
    group.user_set.add(person("gerd"))
    redaction.submit(both, request)
    assert fresh(request).status == "submitted"


def test_a_new_name_and_a_group_make_nobody_somebody_else(
    officer: User, submitted: RedactionRequest
) -> None:
    group = Group.objects.create(name="board")
    TenantGrant.objects.create(group=group, tenant_id=TENANT, role=Role.DPO)
    officer.groups.add(group)
    officer.username = officer.first_name = "otto2"
    officer.save()

    with pytest.raises(RedactionNotApproved):
        redaction.approve(User.objects.get(pk=officer.pk), submitted, events=3)


@pytest.mark.parametrize("loses", ["dpo", "officer"])
@pytest.mark.parametrize("how", ["grant", "account"])
def test_who_loses_the_role_before_the_removal_has_approved_nothing(
    officer: User,
    dpo: User,
    submitted: RedactionRequest,
    events: list[StoredDomainEvent],
    loses: str,
    how: str,
) -> None:
    redaction.approve(dpo, submitted, events=3)
    loser = {"dpo": dpo, "officer": officer}[loses]
    if how == "grant":
        loser.tenant_grants.all().delete()
    else:
        User.objects.filter(pk=loser.pk).update(is_active=False)
    other = person("other", Role.DPO)

    with pytest.raises(RedactionNotApproved, match="may no longer"):
        redaction.execute(other, submitted)

    assert GONE not in payloads(events)
    assert fresh(submitted).status == "submitted"
    assert fresh(submitted).approver_id is None
    assert last_of(submitted).act == "lapsed"
    if loses == "dpo":
        redaction.approve(other, submitted, events=3)
        redaction.execute(other, submitted)
        assert payloads(events) == [GONE] * 3


def test_a_grant_that_ends_in_the_midst_stops_the_run_there(
    dpo: User,
    submitted: RedactionRequest,
    events: list[StoredDomainEvent],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    redaction.approve(dpo, submitted, events=3)
    redact = store.redact_event

    def redact_and_dismiss(*args: Any, **kwargs: Any) -> Any:
        record = redact(*args, **kwargs)
        dpo.tenant_grants.all().delete()
        return record

    monkeypatch.setattr(store, "redact_event", redact_and_dismiss)
    with pytest.raises(RedactionNotApproved):
        redaction.execute(User.objects.get(username="vera"), submitted)

    assert [data == GONE for data in payloads(events)] == [True, False, False]


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("after", [1, 2])
@pytest.mark.django_db(transaction=True)
def test_a_run_that_was_killed_is_taken_up_again(
    dpo: User,
    submitted: RedactionRequest,
    events: list[StoredDomainEvent],
    monkeypatch: pytest.MonkeyPatch,
    after: int,
) -> None:
    redaction.approve(dpo, submitted, events=3)
    redact, calls = store.redact_event, []

    def redact_until_killed(*args: Any, **kwargs: Any) -> Any:
        record = redact(*args, **kwargs)
        calls.append(1)
        if len(calls) > after:
            raise Killed
        return record

    with monkeypatch.context() as patch:
        patch.setattr(store, "redact_event", redact_until_killed)
        with pytest.raises(Killed):
            redaction.execute(dpo, submitted)

    assert sum(data == GONE for data in payloads(events)) == after
    assert fresh(submitted).status == "approved"
    redaction.execute(dpo, submitted)
    assert payloads(events) == [GONE] * 3
    assert fresh(submitted).status == "executed"
    assert EventRedaction.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_of_two_who_approve_at_once_one_does(
    dpo: User, submitted: RedactionRequest
) -> None:
    approvers = [dpo, person("two", Role.DPO), person("three", Role.DPO)]
    start, outcomes = threading.Barrier(3), []

    def approve(user: User) -> None:
        try:
            start.wait()
            redaction.approve(user, submitted, events=3)
            redaction.execute(user, submitted)
            outcomes.append("approved")
        except RedactionRefused:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=approve, args=(user,)) for user in approvers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["approved", "refused", "refused"]
    assert submitted.steps.filter(act="approved").count() == 1
    assert EventRedaction.objects.count() == 3


@pytest.mark.parametrize(
    "change",
    [
        {"status": "approved", "approver_id": "REQUESTER"},
        {"status": "approved"},
        {"status": "executed"},
        {"status": "draft"},
        {"reason": "another"},
        {"needs_approval": False},
        {"requester_id": "another"},
        {"number": 4711},
    ],
    ids=str,
)
def test_the_database_refuses_to_bend_what_was_submitted(
    submitted: RedactionRequest, change: dict[str, Any]
) -> None:
    given = {
        key: submitted.requester_id if value == "REQUESTER" else value
        for key, value in change.items()
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        RedactionRequest.objects.filter(pk=submitted.pk).update(**given)


def test_the_database_refuses_a_second_approval(
    dpo: User, submitted: RedactionRequest
) -> None:
    redaction.approve(dpo, submitted, events=3)
    rows = RedactionRequest.objects.filter(pk=submitted.pk)

    for change in ({"approver_id": "777"}, {"status": "approved", "approver_id": "7"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)
    assert fresh(submitted).approver_id == str(dpo.pk)


def test_the_database_refuses_to_begin_anywhere_but_with_a_draft(
    submitted: RedactionRequest,
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        RedactionRequest.objects.create(
            tenant_id=TENANT,
            year=2026,
            number=99,
            token="t",
            status="approved",
            requester_id="1",
            requester_name="a",
            approver_id="2",
        )


def test_the_database_keeps_events_timeline_and_request(
    submitted: RedactionRequest,
) -> None:
    items, steps = submitted.items, submitted.steps
    for act in (
        lambda: items.update(fields=["/data/city"]),
        lambda: items.update(outcome="redacted"),
        lambda: items.all().delete(),
        lambda: submitted.items.create(
            tenant_id=TENANT, position=1, event_id="e", event_type="t"
        ),
        lambda: steps.update(note="never mind"),
        lambda: steps.all().delete(),
        lambda: RedactionStep.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    with pytest.raises(DatabaseError), transaction.atomic():
        RedactionRequest.objects.filter(pk=submitted.pk)._raw_delete("default")


_ACTS = st.sampled_from(["submit", "approve", "execute", "reject", "withdraw"])
_WHO = st.sampled_from(["requester", "approver", "both", "root", "nobody"])


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(plan=st.lists(st.tuples(_WHO, _ACTS), min_size=3, max_size=9))
def test_whatever_is_tried_nothing_goes_without_two_people(
    db: None, plan: list[tuple[str, str]]
) -> None:
    with transaction.atomic():
        people: dict[str, Any] = {
            "requester": person("requester", Role.PRIVACY_OFFICER),
            "approver": person("approver", Role.DPO),
            "both": person("both", Role.PRIVACY_OFFICER, Role.DPO),
            "root": person("root", is_superuser=True),
            "nobody": AnonymousUser(),
        }
        event = store.append_event(new_event(), TENANT)
        request = redaction.draft(people["both"], [event.position], reason="why")
        acts: dict[str, Callable[[Any], Any]] = {
            "submit": lambda user: redaction.submit(user, request),
            "approve": lambda user: redaction.approve(user, request, events=1),
            "execute": lambda user: redaction.execute(user, request),
            "reject": lambda user: redaction.reject(user, request, why="no"),
            "withdraw": lambda user: redaction.withdraw(user, request),
        }
        for who, act in plan:
            with contextlib.suppress(RedactionRefused):
                acts[act](people[who])
        is_gone = payloads([event]) == [GONE]
        approvals = request.steps.filter(act="approved")
        approvers = set(approvals.values_list("actor_id", flat=True))
        assert is_gone == (fresh(request).status == "executed")
        assert not is_gone or approvers == {str(people["approver"].pk)}
        assert approvers <= {str(people["approver"].pk)}
        transaction.set_rollback(True)


def test_200_events_take_a_bounded_number_of_statements_each(
    officer: User, dpo: User
) -> None:
    stored = store.append_events([new_event() for _ in range(200)], TENANT)
    request = redaction.draft(officer, [e.position for e in stored], reason="why")
    redaction.submit(officer, request)
    redaction.approve(dpo, request, events=200)

    with CaptureQueriesContext(connection) as queries:
        redaction.execute(dpo, request)

    assert fresh(request).status == "executed"
    assert len(queries) <= 200 * 20
