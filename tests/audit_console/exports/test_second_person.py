"""Personal data leave with two persons, or with one who answers for them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.test import Client

from audit_console.models import AccessRecord, Export
from eventstore import store
from eventstore.roles import Role
from tests.audit_console.conftest import TENANT
from tests.audit_console.exports.conftest import content, download
from tests.factories import new_event

pytestmark = pytest.mark.django_db

Fixture = Callable[..., Any]


@pytest.fixture(autouse=True)
def personal(settings: Any, set_up: None) -> None:
    settings.EVENTSTORE = {"PERSONAL_PATHS": ("/data/email",)}
    store.append_event(new_event(data={"email": "mia@example.com"}), TENANT)


@pytest.fixture
def dpo(reader: Fixture) -> User:
    user: User = reader(Role.DPO, name="dora")
    return user


@pytest.fixture
def waiting(
    client: Client, reader: Fixture, dpo: User, request_export: Fixture
) -> Export:
    """What a privacy officer has asked for."""
    client.force_login(reader(Role.PRIVACY_OFFICER, name="paul"))
    export: Export = request_export(client, with_personal="on")
    return export


@pytest.fixture
def second(dpo: User) -> Client:
    browser = Client()
    browser.force_login(dpo)
    return browser


def decide(browser: Client, export: Export, **form: str) -> int:
    status: int = browser.post(f"/audit/exports/{export.pk}/decide/", form).status_code
    return status


def test_it_waits_until_somebody_else_approves_and_says_who(
    client: Client, second: Client, waiting: Export, work: Fixture
) -> None:
    assert waiting.state == "waiting"
    assert work() is None
    assert "waits for you" in second.get("/audit/exports/").content.decode()
    assert "Approve" in second.get(f"/audit/exports/{waiting.pk}/").content.decode()

    assert decide(second, waiting, act="approve") == 302

    row = AccessRecord.objects.latest("id")
    assert (row.user_name, row.act) == ("dora", "decide on export")
    assert row.objects_seen == [f"export:{waiting.pk}"]
    made = work()
    text = content(download(client, made))
    assert "mia@example.com" in text
    assert json.loads(text.splitlines()[0])["approved_by"] == "dora"


def test_a_refusal_says_why_and_makes_nothing(
    client: Client, second: Client, waiting: Export, work: Fixture
) -> None:
    assert decide(second, waiting, act="reject") == 200, "why not?"

    assert decide(second, waiting, act="reject", why="Not for this case.") == 302

    assert work() is None
    page = client.get(f"/audit/exports/{waiting.pk}/").content.decode()
    assert "Not for this case." in page
    assert decide(second, waiting, act="approve") == 404


def test_nobody_approves_their_own(
    client: Client, waiting: Export, work: Fixture
) -> None:
    assert decide(client, waiting, act="approve") == 404
    assert work() is None

    with pytest.raises(IntegrityError), transaction.atomic():
        Export.objects.update(approver_key=waiting.owner_key)


def test_without_a_second_person_it_is_refused_at_once(
    client: Client, reader: Fixture
) -> None:
    client.force_login(reader(Role.PRIVACY_OFFICER, name="paul"))
    address = client.get("/audit/exports/new/", follow=True).redirect_chain[-1][0]

    answer = client.post(
        address, {"format": "ndjson", "columns": ["data"], "with_personal": "on"}
    )

    assert "nobody else has the permission" in answer.content.decode()
    assert not Export.objects.exists()


def test_the_second_person_must_be_one_in_every_tenant(
    client: Client, reader: Fixture, request_export: Fixture, second: Client
) -> None:
    store.append_event(new_event(aggregate_id="R-9"), "globex")
    both = (TENANT, "globex")
    reader(Role.DPO, name="dana", tenants=both)
    client.force_login(reader(Role.PRIVACY_OFFICER, name="paul", tenants=both))
    export = request_export(client, "tenant=*", with_personal="on")

    assert decide(second, export, act="approve") == 404


def test_what_is_not_personal_waits_for_nobody(
    client: Client, reader: Fixture, request_export: Fixture, work: Fixture
) -> None:
    client.force_login(reader(Role.PRIVACY_OFFICER, name="paul"))
    request_export(client)

    assert work().state == "ready"


def test_a_host_may_ask_for_no_second_person(
    client: Client, reader: Fixture, request_export: Fixture, settings: Any
) -> None:
    settings.AUDIT_CONSOLE = {**settings.AUDIT_CONSOLE, "EXPORT_SECOND_PERSON": False}
    client.force_login(reader(Role.PRIVACY_OFFICER, name="paul"))

    assert request_export(client, with_personal="on").state == "queued"


def test_what_waits_can_be_cancelled(client: Client, waiting: Export) -> None:
    client.post(f"/audit/exports/{waiting.pk}/")

    waiting.refresh_from_db()
    assert waiting.state == "cancelled"
