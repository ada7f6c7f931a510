"""Reading is on record, or it does not happen."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction
from django.test import Client

from audit_console.models import AccessRecord
from audit_console.queries import access_log
from eventstore.roles import Role
from tests.audit_console.conftest import TENANT

pytestmark = pytest.mark.django_db


def latest() -> AccessRecord:
    return AccessRecord.objects.order_by("-id")[0]


def test_a_page_is_on_record_with_reader_act_tenant_and_session(
    console: Client, auditor: User
) -> None:
    console.get("/audit/", headers={"User-Agent": "Lynx"})

    row = latest()
    assert (row.user_id, row.user_name) == (str(auditor.pk), "anna")
    assert (row.act, row.outcome, row.tenants) == ("overview", "shown", [TENANT])
    assert (row.ip, row.user_agent) == ("127.0.0.1", "Lynx")
    assert row.session
    assert row.session not in console.cookies["sessionid"].value


def test_nothing_is_shown_when_the_access_cannot_be_recorded(
    console: Client, history: None
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE audit_console_access"
            " ADD CONSTRAINT broken CHECK (act <> 'overview') NOT VALID"
        )

    answer = console.get("/audit/")

    assert answer.status_code == 503
    text = answer.content.decode()
    assert "Reading is disabled because access cannot be recorded." in text
    assert TENANT not in text


def test_a_refusal_cannot_be_left_unrecorded_either(console: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE audit_console_access"
            " ADD CONSTRAINT broken CHECK (outcome <> 'not found') NOT VALID"
        )

    answer = console.get("/audit/nowhere/")

    assert answer.status_code == 503


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_console_access SET user_name = 'somebody else'",
        "DELETE FROM audit_console_access",
    ],
)
def test_a_record_can_be_neither_changed_nor_deleted(
    console: Client, statement: str
) -> None:
    console.get("/audit/")

    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_the_record_outlives_its_reader(console: Client, auditor: User) -> None:
    console.get("/audit/")
    auditor.tenant_grants.all().delete()
    auditor.delete()

    assert latest().user_name == "anna"


def test_a_denied_page_is_on_record(console: Client) -> None:
    console.get("/audit/?tenant=somebody-elses")

    row = latest()
    assert (row.outcome, row.query) == ("not found", "/audit/")


def test_log_in_and_log_out_are_on_record(client: Client, auditor: User) -> None:
    client.post(
        "/audit/login/", {"username": "anna", "password": "a long enough secret"}
    )
    client.post("/audit/logout/")

    acts = AccessRecord.objects.order_by("id").values_list("act", flat=True)
    assert list(acts) == ["log in", "log out"]


def test_a_log_in_is_on_record_where_the_grants_are(
    client: Client, auditor: User
) -> None:
    client.post(
        "/audit/login/", {"username": "anna", "password": "a long enough secret"}
    )

    row = latest()
    assert (row.tenants, row.roles) == ([TENANT], ["auditor"])


def test_a_wrong_password_is_on_record(client: Client, auditor: User) -> None:
    client.post("/audit/login/", {"username": "anna", "password": "guessed"})

    row = latest()
    assert (row.act, row.outcome) == ("log in", "denied")
    assert (row.user_id, row.user_name) == (str(auditor.pk), "anna")
    assert row.tenants == [TENANT]


def test_what_was_typed_for_an_unknown_name_is_not_kept(client: Client) -> None:
    for typed in ("my-password", "nul\0"):
        client.post("/audit/login/", {"username": typed, "password": "x"})

        row = latest()
        assert (row.outcome, row.user_id, row.user_name) == ("denied", "", "")


def test_a_wrong_password_is_not_the_success_of_whoever_was_logged_in_before(
    client: Client, auditor: User
) -> None:
    client.force_login(User.objects.create_user("nobody-in-particular"))

    client.post("/audit/login/", {"username": "anna", "password": "guessed"})

    assert (latest().user_name, latest().outcome) == ("anna", "denied")


def test_a_log_in_that_cannot_be_recorded_shows_no_form(
    client: Client, auditor: User
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE audit_console_access"
            " ADD CONSTRAINT broken CHECK (act <> 'log in') NOT VALID"
        )

    answer = client.post("/audit/login/", {"username": "anna", "password": "guessed"})

    assert answer.status_code == 503


def test_the_roles_of_then_are_kept_when_the_grant_is_gone(
    console: Client, auditor: User, reader: Callable[..., User]
) -> None:
    console.get("/audit/")
    auditor.tenant_grants.all().delete()
    console.force_login(reader(Role.DPO, name="dora"))

    text = console.get("/audit/access/").content.decode()

    assert re.search(r">anna</a><div[^>]*>Auditor</div>", text)


def test_the_address_is_the_one_that_the_trusted_proxy_saw(
    console: Client, settings: Any
) -> None:
    settings.EVENTSTORE = {**settings.EVENTSTORE, "API_TRUSTED_PROXIES": 1}

    console.get("/audit/", headers={"X-Forwarded-For": "10.9.9.9, 203.0.113.7"})

    assert latest().ip == "203.0.113.7"


def test_session_browser_and_request_of_a_look_can_be_seen(console: Client) -> None:
    console.get("/audit/", headers={"User-Agent": "Lynx/2.9"})
    row = latest()

    text = console.get("/audit/access/").content.decode()

    assert "Lynx/2.9" in text
    assert row.session in text
    assert row.request_id in text


def test_viewing_the_access_log_is_on_record(console: Client) -> None:
    console.get("/audit/access/?act=overview")

    row = latest()
    assert (row.act, row.query) == ("view access log", "act:overview")


class TestWhoSeesWhat:
    @pytest.fixture(autouse=True)
    def looks(self, reader: Callable[..., User]) -> None:
        for name, tenants in (("ben", (TENANT,)), ("eve", ("globex",))):
            browser = Client()
            browser.force_login(reader(Role.AUDITOR, name=name, tenants=tenants))
            browser.get("/audit/")

    def names(self, browser: Client, query: str = "") -> set[str]:
        page = browser.get(f"/audit/access/{query}").context["log"]
        return {entry.record.user_name for entry in page.entries}

    def test_an_auditor_sees_only_own_records(self, console: Client) -> None:
        console.get("/audit/")

        assert self.names(console) == {"anna"}

    def test_a_lead_auditor_sees_everybody_of_the_tenant_and_nobody_elses(
        self, client: Client, reader: Callable[..., User]
    ) -> None:
        client.force_login(reader(Role.LEAD_AUDITOR))

        assert self.names(client) == {"ben"}

    def test_a_look_at_several_tenants_hides_what_tells_of_the_others(
        self, client: Client, reader: Callable[..., User]
    ) -> None:
        AccessRecord.objects.create(
            user_id="7",
            user_name="carl",
            act="list events",
            outcome="shown",
            tenants=[TENANT, "globex"],
            objects_seen=["event:4711"],
            query="type:GlobexSecret",
            request_id="r",
        )
        client.force_login(reader(Role.DPO))

        text = client.get("/audit/access/").content.decode()

        assert "carl" in text
        assert "4711" not in text
        assert "GlobexSecret" not in text
        assert "globex" not in text

    def test_attempts_of_people_without_a_grant_are_seen_by_security(
        self, client: Client, reader: Callable[..., User]
    ) -> None:
        mallory = Client()
        mallory.force_login(User.objects.create_user("mallory"))
        mallory.get("/audit/events/")

        client.force_login(reader(Role.SECURITY, name="sam"))
        assert "mallory" in self.names(client)
        client.force_login(reader(Role.DPO, name="dora"))
        assert "mallory" not in self.names(client)

    def test_an_attempt_with_a_grant_that_opens_no_console_is_seen_where_it_is(
        self, client: Client, reader: Callable[..., User]
    ) -> None:
        robot = Client()
        robot.force_login(reader(Role.READER, name="robot"))
        robot.get("/audit/events/")

        client.force_login(reader(Role.DPO, name="dora"))

        assert "robot" in self.names(client)

    def test_who_looked_most_and_what_was_refused_is_counted_and_linked(
        self, client: Client, reader: Callable[..., User]
    ) -> None:
        ben = Client()
        ben.force_login(User.objects.get(username="ben"))
        ben.get("/audit/")
        ben.get("/audit/exports/new/?tenant=globex")
        client.force_login(reader(Role.DPO, name="dora"))

        page = client.get("/audit/access/")

        tallies = page.context["tallies"]
        assert (tallies.looks, tallies.readers, tallies.is_all) == (3, 1, True)
        assert tallies.columns["user_name"] == [("ben", 3)]
        assert dict(tallies.columns["act"]) == {"overview": 2, "open page": 1}
        assert 'href="?act=overview">Opened the overview</a>' in page.content.decode()

    def test_only_the_newest_looks_are_counted_and_said_to_be(
        self,
        client: Client,
        reader: Callable[..., User],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(access_log, "SAMPLE", 2)
        client.force_login(reader(Role.DPO, name="dora"))
        for _ in range(3):
            client.get("/audit/")

        page = client.get("/audit/access/")

        assert page.context["tallies"].looks == 2
        assert "The newest 2 looks" in page.content.decode()

    def test_a_filter_is_named_in_words(
        self, client: Client, reader: Callable[..., User]
    ) -> None:
        client.force_login(reader(Role.DPO, name="dora"))

        text = client.get("/audit/access/?act=list+events").content.decode()

        assert "Act: Listed events" in text

    def test_who_looked_at_an_event_is_one_filter(
        self, client: Client, reader: Callable[..., User]
    ) -> None:
        AccessRecord.objects.create(
            user_id="7",
            user_name="carl",
            act="view event",
            outcome="shown",
            tenants=[TENANT],
            objects_seen=["event:12"],
            request_id="r",
        )
        client.force_login(reader(Role.DPO))

        assert self.names(client, "?object=event:12") == {"carl"}


class TestTimes:
    """By the clock of the reader, which shows an hour twice in autumn."""

    def ask(self, console: Client, since: str) -> str:
        query = urlencode({"tz": "Europe/Berlin", "since": since})
        return console.get(f"/audit/access/?{query}").content.decode()

    def test_an_hour_that_was_there_twice_is_refused_with_both(
        self, console: Client
    ) -> None:
        text = self.ask(console, "2026-10-25T02:30")

        assert "2026-10-25T02:30:00+0200 or 2026-10-25T02:30:00+0100" in text
        assert "Nothing was searched" in text
        assert "No look matches" not in text
        # So that one of them can be written.
        assert re.search(r'<input type="text" name="since"', text)

    def test_an_offset_says_which(self, console: Client) -> None:
        console.get("/audit/")

        text = self.ask(console, "2026-10-25T02:30:00+0200")

        assert "Nothing was searched" not in text
        assert 'value="2026-10-25T02:30:00+0200"' in text

    def test_what_is_no_time_is_said_in_the_readers_language(
        self, console: Client
    ) -> None:
        console.post("/audit/language/", {"language": "de"})

        assert "schreiben Sie es als 2026-03-01" in self.ask(console, "soon")


def test_the_pages_of_the_log_meet_without_gap_or_repeat(console: Client) -> None:
    for _ in range(60):
        console.get("/audit/")
    newest = console.get("/audit/access/?act=overview").context["log"]

    older = console.get(f"/audit/access/?act=overview&before={newest.last}")
    back = console.get(
        f"/audit/access/?act=overview&after={older.context['log'].first}"
    )

    assert len(older.context["log"].entries) == 10
    assert [entry.record.pk for entry in back.context["log"].entries] == [
        entry.record.pk for entry in newest.entries
    ]
