"""The ordinary admin is no second door to the log that nobody watches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client

from audit_console.models import AccessRecord
from eventstore import store
from eventstore.models import StoredEvent
from eventstore.roles import Role
from tests.audit_console.conftest import TENANT

pytestmark = pytest.mark.django_db(transaction=True)

EVENTS = "/admin/eventstore/storedevent/"


@pytest.fixture
def staff(client: Client, reader: Callable[..., User]) -> Callable[..., Client]:
    def make(*roles: Role, sees_log: bool = True) -> Client:
        user = reader(*roles)
        user.is_staff = True
        user.save()
        if sees_log:
            seen = Permission.objects.filter(
                content_type__app_label="eventstore", codename__startswith="view_"
            )
            user.user_permissions.set(seen)
        client.force_login(user)
        return client

    return make


@pytest.fixture
def position(history: None) -> int:
    return StoredEvent.objects.order_by("position")[0].position


def latest() -> AccessRecord:
    return AccessRecord.objects.latest("id")


def refuse_records() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE audit_console_access"
            " ADD CONSTRAINT broken CHECK (act = '') NOT VALID"
        )


@pytest.fixture
def broken(transactional_db: None) -> Any:
    yield refuse_records
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE audit_console_access DROP CONSTRAINT IF EXISTS broken"
        )


def test_a_list_is_on_record(staff: Callable[..., Client], position: int) -> None:
    browser = staff(Role.AUDITOR)

    browser.get(f"{EVENTS}?event_type=RequirementCreated")

    row = latest()
    assert (row.act, row.outcome) == ("list events", "shown")
    assert (row.tenants, row.roles) == ([TENANT], ["auditor"])
    assert row.objects_seen == [f"event:{position}"]
    assert row.query == "admin event_type:RequirementCreated"
    assert row.request_id


def test_an_event_is_on_record(staff: Callable[..., Client], position: int) -> None:
    staff(Role.READER).get(f"{EVENTS}{position}/change/")

    row = latest()
    assert (row.act, row.outcome) == ("view event", "shown")
    assert row.objects_seen == [f"event:{position}"]


def test_a_record_of_a_redaction_and_a_snapshot_are_on_record(
    staff: Callable[..., Client], history: None
) -> None:
    browser = staff(Role.AUDITOR)
    event = StoredEvent.objects.order_by("position")[0]
    store.redact_event(event.event_id, TENANT, reason="asked for", actor="dpo")

    for model, act in (
        ("eventsnapshot", "list aggregates"),
        ("eventredaction", "list redactions"),
    ):
        browser.get(f"/admin/eventstore/{model}/")
        assert latest().act == act
    assert latest().objects_seen == [f"event:{event.position}"]


def test_what_is_not_there_and_what_is_refused_is_on_record(
    staff: Callable[..., Client], position: int
) -> None:
    staff(Role.AUDITOR).get(f"{EVENTS}4711000/change/")
    assert latest().outcome == "not found"


def test_who_is_refused_is_on_record(
    staff: Callable[..., Client], position: int
) -> None:
    answer = staff(Role.AUDITOR, sees_log=False).get(EVENTS)

    assert answer.status_code == 403
    assert latest().outcome == "denied"


@pytest.mark.parametrize("page", ["", "{position}/change/"])
def test_nothing_is_shown_when_it_cannot_be_recorded(
    staff: Callable[..., Client], position: int, broken: Any, page: str
) -> None:
    browser = staff(Role.AUDITOR)
    broken()

    answer = browser.get(EVENTS + page.format(position=position))

    assert answer.status_code == 503
    assert "RequirementCreated" not in answer.content.decode()


def test_a_transaction_around_the_request_cannot_take_the_record_back(
    staff: Callable[..., Client], position: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)

    answer = staff(Role.AUDITOR).get(f"{EVENTS}{position}/change/")

    assert answer.status_code == 200
    assert latest().act == "view event"
