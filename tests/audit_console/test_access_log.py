"""Reading is on record, or it does not happen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction
from django.test import Client

from audit_console.models import AccessRecord
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
