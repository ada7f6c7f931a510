"""Personal data, and many events, leave with two persons or with one who may alone."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, connection, transaction
from django.test import Client

from audit_console.conf import console_settings
from audit_console.exports import making, queue, sweeping
from audit_console.models import AccessRecord, Export
from audit_console.queries import ConsoleQuery
from eventstore import store
from eventstore.models import TenantGrant
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


def text_of(answer: Any) -> str:
    return html.unescape(answer.content.decode())


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


class TestMoreEventsThanOneTakesAlone:
    """Whatever they hold: a copy of the log is not taken out by one person."""

    @pytest.fixture(autouse=True)
    def two_at_most(self, settings: Any) -> None:
        settings.AUDIT_CONSOLE = {
            **settings.AUDIT_CONSOLE,
            "EXPORT_SECOND_PERSON_EVENTS": 2,
        }

    @pytest.fixture
    def auditor(self, client: Client, reader: Fixture, events: Fixture) -> Client:
        events(2)  # beside the one of all these tests
        client.force_login(reader(Role.AUDITOR, name="anna"))
        return client

    def test_it_waits_and_says_why_from_the_form_to_the_decision(
        self, auditor: Client, second: Client, request_export: Fixture, work: Fixture
    ) -> None:
        form = text_of(auditor.get("/audit/exports/new/", follow=True))
        export = request_export(auditor)
        page = f"/audit/exports/{export.pk}/"

        assert "waits for a second person: more than 2 events" in form
        assert (export.state, export.counted) == ("waiting", 3)
        assert export.approval_reasons == ["events"]
        assert work() is None
        own = text_of(auditor.get(page))
        assert "Why: many events." in own
        assert "3 when it was asked for" in own
        assert "many events" in text_of(auditor.get("/audit/exports/"))
        assert "anna asks to take events out" in text_of(second.get("/audit/exports/"))
        others = text_of(second.get(page))
        assert "I approve that anna takes these events out." in others
        assert "personal data." not in others

        decide(second, export, act="approve")

        made = work()
        assert (made.state, made.events) == ("ready", 3)

    def test_no_more_than_that_waits_for_nobody(
        self, auditor: Client, dpo: User, request_export: Fixture, work: Fixture
    ) -> None:
        form = auditor.get("/audit/exports/new/?type=ParcelMoved", follow=True)
        assert "second person" not in text_of(form)

        request_export(auditor, "type=ParcelMoved")

        assert work().state == "ready"

    def test_personal_data_are_a_reason_beside_it(
        self,
        client: Client,
        reader: Fixture,
        second: Client,
        events: Fixture,
        request_export: Fixture,
    ) -> None:
        events(2)
        client.force_login(reader(Role.PRIVACY_OFFICER, name="paul"))

        export = request_export(client, with_personal="on")

        assert export.approval_reasons == ["personal", "events"]
        page = text_of(client.get(f"/audit/exports/{export.pk}/"))
        assert "Why: personal data, many events." in page
        assert "takes these events out with personal data." in text_of(
            second.get(f"/audit/exports/{export.pk}/")
        )

    def test_events_that_are_not_counted_in_time_may_be_too_many(
        self,
        auditor: Client,
        dpo: User,
        request_export: Fixture,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(ConsoleQuery, "count_up_to", lambda *_a, **_k: None)

        form = text_of(auditor.get("/audit/exports/new/", follow=True))
        export = request_export(auditor, "type=ParcelMoved")

        assert "could not be counted in time, and may be more than 2" in form
        assert (export.state, export.counted) == ("waiting", None)
        page = text_of(auditor.get(f"/audit/exports/{export.pk}/"))
        assert "not counted when it was asked for" in page

    def test_what_cannot_hold_so_many_waits_for_nobody(
        self,
        auditor: Client,
        request_export: Fixture,
        monkeypatch: pytest.MonkeyPatch,
        settings: Any,
    ) -> None:
        settings.AUDIT_CONSOLE = {
            **settings.AUDIT_CONSOLE,
            "EXPORT_SECOND_PERSON_EVENTS": 10_000,
        }
        monkeypatch.setattr(ConsoleQuery, "count_up_to", lambda *_a, **_k: None)

        # A report; and there is nobody else who could approve.
        export = request_export(auditor, "type=ParcelMoved", format="html")

        assert (export.state, export.counted) == ("queued", None)

    def test_without_a_second_person_it_is_refused_at_once(
        self, auditor: Client
    ) -> None:
        form = auditor.get("/audit/exports/new/", follow=True)

        answer = auditor.post(
            form.redirect_chain[-1][0], {"format": "ndjson", "columns": ["position"]}
        )

        assert "nobody else has the permission" in text_of(answer)
        assert not Export.objects.exists()

    def test_whoever_answers_for_exports_waits_for_nobody(
        self, second: Client, events: Fixture, request_export: Fixture, work: Fixture
    ) -> None:
        events(2)
        assert "second person" not in text_of(
            second.get("/audit/exports/new/", follow=True)
        )

        request_export(second)

        assert work().state == "ready"

    @pytest.mark.parametrize(
        ("limit", "most", "state"),
        [(0, 1_000_000, "waiting"), (5, 5, "queued"), (9, 5, "queued")],
    )
    def test_a_host_may_ask_always_or_never(
        self,
        auditor: Client,
        dpo: User,
        request_export: Fixture,
        settings: Any,
        monkeypatch: pytest.MonkeyPatch,
        limit: int,
        most: int,
        state: str,
    ) -> None:
        settings.AUDIT_CONSOLE = {
            **settings.AUDIT_CONSOLE,
            "EXPORT_SECOND_PERSON_EVENTS": limit,
            "EXPORT_MAX_EVENTS": most,
        }
        if state == "queued":  # nor because nobody knows how many they are
            monkeypatch.setattr(ConsoleQuery, "count_up_to", lambda *_a, **_k: None)

        assert request_export(auditor, "type=ParcelMoved").state == state


def test_a_number_of_events_below_zero_is_refused(settings: Any) -> None:
    settings.AUDIT_CONSOLE = {"EXPORT_SECOND_PERSON_EVENTS": -1}

    with pytest.raises(ImproperlyConfigured, match="must not be less than zero"):
        console_settings()


def test_what_waited_before_there_were_reasons_waits_for_its_personal_data(
    waiting: Export,
) -> None:
    Export.objects.update(approval_reasons=[])
    module = import_module("audit_console.migrations.0007_reasons_of_approvals")

    module.name_the_only_reason(apps, SimpleNamespace(connection=connection))

    waiting.refresh_from_db()
    assert waiting.approval_reasons == ["personal"]


class TestWhatTheWorkerFinds:
    """It asks again: what was not approved is not made."""

    @pytest.fixture
    def limit(self, settings: Any) -> Callable[[int], None]:
        def set_to(events: int) -> None:
            settings.AUDIT_CONSOLE = {
                **settings.AUDIT_CONSOLE,
                "EXPORT_SECOND_PERSON_EVENTS": events,
            }

        return set_to

    def test_more_than_were_counted_are_not_handed_out(
        self,
        client: Client,
        reader: Fixture,
        events: Fixture,
        request_export: Fixture,
        work: Fixture,
        limit: Fixture,
        small_pieces: None,
        folder: Path,
    ) -> None:
        events(24)
        client.force_login(reader(Role.AUDITOR))
        request_export(client)
        limit(20)

        export = work()
        sweeping.sweep()

        assert export.state == "failed"
        assert "More than 20 events match" in export.failure
        assert "ask for it again" in export.failure
        assert [path for path in folder.rglob("*") if path.is_file()] == []

    def test_nor_when_they_were_all_written_before_it_was_asked(
        self,
        client: Client,
        reader: Fixture,
        events: Fixture,
        request_export: Fixture,
        work: Fixture,
        limit: Fixture,
    ) -> None:
        events(4)
        client.force_login(reader(Role.AUDITOR))
        request_export(client)
        claimed = queue.claim("first")
        assert claimed is not None
        answers = iter([False, True])
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(making.Maker, "_finish", lambda maker: None)
            making.make(claimed, lambda: next(answers))
        queue.release(claimed)
        assert claimed.cursor == "end"
        limit(3)

        assert work().state == "failed"

    def test_an_address_that_waits_for_more_events_is_pinned_before_it_counts(
        self, client: Client, reader: Fixture
    ) -> None:
        client.force_login(reader(Role.AUDITOR))
        query = f"from=2020-01-01T00Z&to=2999-01-01T00Z&upto=999999999&tenant={TENANT}"

        answer = client.post(
            f"/audit/exports/new/?{query}", {"format": "ndjson", "columns": ["data"]}
        )

        assert answer["Location"] == f"/audit/exports/new/?{query}"
        assert not Export.objects.exists()
        pinned = client.get(answer["Location"], follow=True)
        assert "upto=999999999" not in pinned.redirect_chain[-1][0]

    def test_who_approved_personal_data_did_not_approve_many_events(
        self, second: Client, waiting: Export, work: Fixture, limit: Fixture
    ) -> None:
        decide(second, waiting, act="approve")
        limit(0)

        assert "More than 0 events match" in work().failure

    def test_personal_data_need_it_also_when_the_owner_answers_no_longer_for_them(
        self, client: Client, reader: Fixture, request_export: Fixture, work: Fixture
    ) -> None:
        user = reader(Role.DPO, name="dora")
        client.force_login(user)
        request_export(client, with_personal="on")
        TenantGrant.objects.filter(user=user).update(role=Role.PRIVACY_OFFICER)

        export = work()

        assert export.state == "failed"
        assert "Personal data leave when a second person has approved" in export.failure
