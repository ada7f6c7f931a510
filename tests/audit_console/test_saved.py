"""Saved searches, preferences, help and the go-to box."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from audit_console.language import parse
from audit_console.models import AccessRecord, SavedSearch
from audit_console.views.help import EXAMPLES, KEYS
from eventstore.roles import Role
from tests.audit_console.conftest import TENANT

pytestmark = pytest.mark.django_db


def save(console: Client, name: str = "Denied", **more: str):
    given = {"name": name, "address": "/audit/access/?outcome=denied", **more}
    return console.post("/audit/saved/", given)


class TestSavedSearches:
    def test_an_address_is_saved_below_the_prefix(self, console: Client) -> None:
        save(console)

        row = SavedSearch.objects.get()
        assert (row.address, row.tenant_id) == ("access/?outcome=denied", TENANT)
        assert 'href="/audit/access/?outcome=denied"' in (
            console.get("/audit/saved/").content.decode()
        )

    @pytest.mark.parametrize(
        "address",
        [
            "https://evil.example/",
            "//evil.example/",
            "/admin/",
            "/audit/nowhere/",
            "javascript:alert(1)",
            "/audit/../admin/",
        ],
    )
    def test_only_addresses_of_the_console_are_saved(
        self, console: Client, address: str
    ) -> None:
        assert save(console, address=address).status_code == 404
        assert not SavedSearch.objects.exists()

    def test_a_name_is_taken_once(self, console: Client) -> None:
        save(console)

        answer = save(console)

        assert "You have saved something by this name." in answer.content.decode()
        assert SavedSearch.objects.count() == 1

    def test_it_is_ones_own_until_it_is_shared(
        self, console: Client, reader: Callable[..., User]
    ) -> None:
        save(console)
        other = Client()
        other.force_login(reader(Role.AUDITOR, name="ben"))
        before = other.get("/audit/saved/").content.decode()

        console.post("/audit/saved/", {"share": SavedSearch.objects.get().pk})

        assert "outcome=denied" not in before
        assert "outcome=denied" in other.get("/audit/saved/").content.decode()

    def test_it_is_shared_with_nobody_of_another_tenant(
        self, console: Client, reader: Callable[..., User]
    ) -> None:
        save(console, is_shared="on")
        other = Client()
        other.force_login(reader(Role.AUDITOR, name="eve", tenants=("globex",)))

        assert "outcome=denied" not in other.get("/audit/saved/").content.decode()

    def test_nobody_changes_or_deletes_anothers(
        self, console: Client, reader: Callable[..., User]
    ) -> None:
        save(console, is_shared="on")
        key = SavedSearch.objects.get().pk
        other = Client()
        other.force_login(reader(Role.DPO, name="ben"))

        answers = [
            other.post("/audit/saved/", {act: key}).status_code
            for act in ("delete", "share", "pin")
        ]

        assert answers == [404, 404, 404]
        assert SavedSearch.objects.get().is_shared

    def test_it_can_be_deleted_by_its_owner(self, console: Client) -> None:
        save(console)

        console.post("/audit/saved/", {"delete": SavedSearch.objects.get().pk})

        assert not SavedSearch.objects.exists()

    @pytest.mark.parametrize("shared", ["", "on"])
    def test_the_button_that_deletes_is_folded_away_and_says_what_is_lost(
        self, console: Client, shared: str
    ) -> None:
        save(console, is_shared=shared)

        text = console.get("/audit/saved/").content.decode()

        before, _, after = text.partition('name="delete"')
        question = before.rpartition("<details")[2]
        assert "</details>" not in question
        assert "</details>" in after
        assert ("everybody it is shared with" in question) == bool(shared)
        assert "cannot be undone" in question


class TestPreferences:
    def prefer(self, console: Client, **more: str):
        given = {"time_zone": "Asia/Kathmandu", "theme": "dark", **more}
        return console.post("/audit/preferences/", given, follow=True)

    def test_they_hold_on_every_page(self, console: Client) -> None:
        text = self.prefer(console).content.decode()

        assert "+05:45" in text
        assert 'data-theme="dark"' in text
        assert 'data-shortcuts="off"' in text

    def test_they_hold_in_another_session(self, console: Client, auditor: User) -> None:
        self.prefer(console)
        elsewhere = Client()
        elsewhere.force_login(auditor)

        assert "+05:45" in elsewhere.get("/audit/").content.decode()

    def test_the_zone_of_the_menu_is_kept_and_leads_back(self, console: Client) -> None:
        given = {"time_zone": "Asia/Kathmandu", "next": "/audit/access/?act=overview"}

        answer = console.post("/audit/zone/", given)

        assert answer["Location"] == "/audit/access/?act=overview"
        assert "+05:45" in console.get("/audit/").content.decode()
        assert console.post("/audit/zone/", {"time_zone": "Mars"}).status_code == 400

    def test_a_zone_that_does_not_exist_is_refused(self, console: Client) -> None:
        answer = self.prefer(console, time_zone="Mars/Olympus")

        assert "Mars/Olympus is not one of the available choices" in (
            answer.content.decode()
        )


class TestHelp:
    def test_each_key_is_explained(self, console: Client) -> None:
        text = console.get("/audit/help/").content.decode()

        assert all(f"<kbd>{key}</kbd>" in text for key, _meaning in KEYS)

    def test_the_dialog_asks_for_the_table_alone(self, console: Client) -> None:
        headers = {"HX-Request": "true", "HX-Target": "keys"}

        text = console.get("/audit/help/", headers=headers).content.decode()

        assert text.strip().startswith("<table>")

    def test_each_example_can_be_asked(self, console: Client) -> None:
        answer = console.get("/audit/help/query/")

        assert answer.status_code == 200
        assert "actor.kind:" in answer.content.decode()
        assert all(parse(example) for example, _meaning in EXAMPLES)


class TestGoTo:
    def go(self, console: Client, text: str):
        return console.get("/audit/go/", {"q": text})

    @pytest.fixture(autouse=True)
    def some_history(self, history: None) -> None:
        """Something to go to."""

    def test_a_position_leads_to_its_event(self, console: Client) -> None:
        from eventstore.models import StoredEvent

        position = StoredEvent.objects.values_list("position", flat=True)[0]

        assert self.go(console, str(position))["Location"] == (
            f"/audit/events/{position}/"
        )

    def test_an_id_leads_to_its_event(self, console: Client) -> None:
        from eventstore.models import StoredEvent

        event = StoredEvent.objects.all()[0]

        assert self.go(console, str(event.event_id))["Location"] == (
            f"/audit/events/{event.position}/"
        )

    @pytest.mark.parametrize("text", ["Requirement:R-1", "R-1"])
    def test_an_aggregate_leads_to_its_history(
        self, console: Client, text: str
    ) -> None:
        assert self.go(console, text)["Location"] == (
            f"/audit/aggregate/?tenant={TENANT}&type=Requirement&id=R-1"
        )

    @pytest.mark.parametrize("text", ["99999999", "nobody@example.com", "\0", "9" * 30])
    def test_what_is_not_found_offers_a_search_and_is_not_kept(
        self, console: Client, text: str
    ) -> None:
        answer = self.go(console, text)

        assert answer.status_code in {200, 302}
        assert not AccessRecord.objects.filter(query__contains="example.com").exists()

    def test_another_tenants_event_is_not_found(
        self, client: Client, reader: Callable[..., User]
    ) -> None:
        client.force_login(reader(Role.DPO, name="eve", tenants=("globex",)))

        assert self.go(client, "Requirement:R-1").status_code == 200
