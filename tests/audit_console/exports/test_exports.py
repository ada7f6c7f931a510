"""Asking for an export, getting its file, and who may not."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import FileSystemStorage
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from audit_console import access
from audit_console.checks import exports_have_a_private_place
from audit_console.exports import making, queue, sweeping
from audit_console.exports.worker import AuditWorker
from audit_console.models import AccessRecord, Export
from eventstore import store
from eventstore.models import StoredEvent, TenantGrant
from eventstore.roles import Role
from tests.audit_console.conftest import TENANT
from tests.audit_console.exports.conftest import content, download
from tests.factories import new_event

pytestmark = pytest.mark.django_db

Fixture = Callable[..., Any]


class CancelledMeanwhile(FileSystemStorage):
    """The owner cancels while the pieces are put together."""

    def save(
        self, name: str | None, content: Any, max_length: int | None = None
    ) -> str:
        if "INCOMPLETE" not in str(name):
            queue.cancel(Export.objects.get())
        return super().save(name, content, max_length)


def let_work() -> None:
    claimed = queue.claim("a worker")
    assert claimed is not None
    AuditWorker()._make(claimed)


def lines_of(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def positions_of(text: str) -> list[int]:
    return [line["position"] for line in lines_of(text) if line["record"] == "event"]


def acts_about(export: Export) -> list[str]:
    rows = AccessRecord.objects.filter(objects_seen__contains=[f"export:{export.pk}"])
    return list(rows.order_by("id").values_list("act", flat=True))


class TestAsking:
    def test_the_form_says_exactly_what_leaves_and_pins_it(
        self, console: Client, events: Fixture
    ) -> None:
        events(3)

        form = console.get("/audit/exports/new/?type=ParcelMoved", follow=True)

        address = form.redirect_chain[-1][0]
        assert {"from=", "to=", "upto=", "type=ParcelMoved"} <= {
            f"{pair.partition('=')[0]}=" if pair[:4] != "type" else pair
            for pair in address.partition("?")[2].split("&")
        }
        assert form.context["events"] == 3
        text = form.content.decode()
        assert "<code>/metadata/ip</code>" in text
        assert "type: ParcelMoved" in text

    def test_what_is_stored_after_the_form_was_shown_does_not_leave(
        self, console: Client, events: Fixture, work: Fixture
    ) -> None:
        events(3)
        address = console.get("/audit/exports/new/", follow=True).redirect_chain[-1][0]
        events(2, aggregate_type="Late")

        console.post(address, {"format": "ndjson", "columns": ["position"]})

        assert work().events == 3

    def test_a_purpose_is_asked_for_first(
        self, console: Client, events: Fixture, settings: Any
    ) -> None:
        settings.AUDIT_CONSOLE = {"EXPORT_STORAGE": "exports"}
        events(1)

        answer = console.get("/audit/exports/new/")

        assert answer["Location"].startswith("/audit/purpose/")

    def test_more_than_the_cap_is_refused_and_never_cut(
        self,
        console: Client,
        events: Fixture,
        settings: Any,
        request_export: Fixture,
    ) -> None:
        settings.AUDIT_CONSOLE = {
            **settings.AUDIT_CONSOLE,
            "EXPORT_MAX_REPORT_EVENTS": 2,
        }
        events(3)
        address = console.get("/audit/exports/new/", follow=True).redirect_chain[-1][0]

        answer = console.post(address, {"format": "html", "columns": ["position"]})

        assert "More than 2 events match" in answer.content.decode()
        assert not Export.objects.exists()
        assert request_export(console).state == "queued"

    def test_a_worker_that_finds_more_than_the_cap_keeps_nothing(
        self,
        console: Client,
        events: Fixture,
        settings: Any,
        request_export: Fixture,
        work: Fixture,
        small_pieces: None,
        folder: Path,
    ) -> None:
        events(25)
        request_export(console)
        settings.AUDIT_CONSOLE = {**settings.AUDIT_CONSOLE, "EXPORT_MAX_EVENTS": 20}

        export = work()
        sweeping.sweep()

        assert export.state == "failed"
        assert "More than 20 events match" in export.failure
        assert [path for path in folder.rglob("*") if path.is_file()] == []

    def test_five_exports_of_one_person_wait_at_most(
        self, console: Client, events: Fixture, request_export: Fixture
    ) -> None:
        events(1)
        for _ in range(5):
            request_export(console)
        address = console.get("/audit/exports/new/", follow=True).redirect_chain[-1][0]

        answer = console.post(address, {"format": "csv", "columns": ["position"]})

        assert "5 of your exports still wait" in answer.content.decode()

    def test_without_a_storage_nothing_can_be_exported(
        self, console: Client, events: Fixture, settings: Any
    ) -> None:
        events(1)
        settings.AUDIT_CONSOLE = {"PURPOSES": {}}

        assert "Exports are not set up" in (
            console.get("/audit/exports/new/").content.decode()
        )
        assert "Export</a>" not in console.get("/audit/events/").content.decode()

    def test_nothing_is_queued_when_the_request_cannot_be_recorded(
        self, console: Client, events: Fixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        events(1)
        address = console.get("/audit/exports/new/", follow=True).redirect_chain[-1][0]

        def refuse(*_: Any, **__: Any) -> None:
            raise DatabaseError

        monkeypatch.setattr(AccessRecord, "save", refuse)
        answer = console.post(address, {"format": "csv", "columns": ["position"]})

        assert answer.status_code == 503
        assert not Export.objects.exists()


class TestFiles:
    def test_ndjson_has_the_events_of_the_screen_and_says_that_these_are_all(
        self, console: Client, events: Fixture, request_export: Fixture, work: Fixture
    ) -> None:
        events(3)
        events(2, event_type="ParcelLost")
        shown = console.get("/audit/events/?type=ParcelLost").context["results"].rows

        request_export(console, "type=ParcelLost")
        export = work()
        answer = download(console, export)
        text = content(answer)

        assert positions_of(text) == sorted(row.position for row in shown)
        first, *_, last = lines_of(text)
        assert (first["record"], first["query"]) == ("export", export.description)
        assert last == {"record": "end", "complete": True, "events": 2}
        assert answer["Content-Disposition"].endswith('.ndjson"')

    def test_the_manifest_has_the_checksum_of_the_file(
        self, console: Client, events: Fixture, request_export: Fixture, work: Fixture
    ) -> None:
        events(3)
        request_export(console)
        export = work()

        text = content(download(console, export))
        manifest = json.loads(content(download(console, export, "manifest")))

        assert manifest["complete"] is True
        assert manifest["events"] == 3
        assert manifest["requested_by"] == "anna"
        assert manifest["file"]["sha256"] == hashlib.sha256(text.encode()).hexdigest()
        assert manifest["file"]["bytes"] == len(text.encode())

    def test_no_digit_is_lost(
        self, console: Client, request_export: Fixture, work: Fixture
    ) -> None:
        from decimal import Decimal

        amount = Decimal("12345678901234567890.12345678901234567890")
        event = new_event(data={"amount": amount, "n": 10**30, "email": "ä\u202e"})
        store.append_event(event, TENANT)
        request_export(console)

        text = content(download(console, work()))

        assert str(amount) in text
        assert str(10**30) in text
        assert "ä\u202e" in text

    def test_personal_values_are_hidden_and_said_to_be(
        self,
        console: Client,
        settings: Any,
        request_export: Fixture,
        work: Fixture,
    ) -> None:
        settings.EVENTSTORE = {
            "PERSONAL_PATHS": ("/data/email", "/metadata/actor/name")
        }
        store.append_event(
            new_event(
                data={"email": "mia@example.com", "n": 1},
                metadata={"actor": {"type": "user", "id": "7", "name": "Mia Secret"}},
            ),
            TENANT,
        )
        for kind in ("ndjson", "csv", "html"):
            request_export(console, format=kind)
            text = content(download(console, work()))

            assert "mia@example.com" not in text
            assert "Mia Secret" not in text
            assert "/data/email" in text

    def test_who_may_takes_personal_values_out_but_only_when_asked_to(
        self,
        client: Client,
        reader: Fixture,
        settings: Any,
        request_export: Fixture,
        work: Fixture,
    ) -> None:
        settings.EVENTSTORE = {"PERSONAL_PATHS": ("/data/email",)}
        store.append_event(new_event(data={"email": "mia@example.com"}), TENANT)
        client.force_login(reader(Role.DPO))

        request_export(client)
        without = content(download(client, work()))
        request_export(client, with_personal="on")
        included = content(download(client, work()))

        assert "mia@example.com" not in without
        assert "mia@example.com" in included

    def test_without_view_payload_no_payload_leaves(
        self,
        client: Client,
        reader: Fixture,
        events: Fixture,
        request_export: Fixture,
        work: Fixture,
    ) -> None:
        events(1, data={"note": "for few eyes"})
        client.force_login(reader(Role.SECURITY))

        request_export(client, columns=["position", "metadata"])

        assert "for few eyes" not in content(download(client, work()))

    @pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
    def test_a_cell_of_a_spreadsheet_is_no_formula(
        self, console: Client, request_export: Fixture, work: Fixture, sign: str
    ) -> None:
        attack = f"{sign}cmd|' /C calc'!A0"
        store.append_event(
            new_event(
                metadata={
                    "actor": {"type": "user", "id": attack, "name": attack},
                    "correlation_id": attack,
                }
            ),
            TENANT,
        )
        request_export(console, format="csv")

        text = content(download(console, work()))

        cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
        assert cells.count(f"'{attack}") == 3
        assert not [cell for cell in cells if cell.startswith(sign)]

    def test_times_of_a_spreadsheet_are_utc_to_the_microsecond(
        self, console: Client, events: Fixture, request_export: Fixture, work: Fixture
    ) -> None:
        events(1)
        request_export(console, format="csv", columns=["occurred_at", "stored_at"])

        row = list(csv.reader(io.StringIO(content(download(console, work())))))[1]

        stored = StoredEvent.objects.get()
        assert row[0] == stored.occurred_at.isoformat(timespec="microseconds")
        assert row[1].endswith("+00:00")

    def test_the_report_is_a_page_of_its_own_that_runs_nothing(
        self, console: Client, request_export: Fixture, work: Fixture
    ) -> None:
        attack = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
        store.append_event(
            new_event(attack, aggregate_id=attack, data={attack: attack}), TENANT
        )
        request_export(console, format="html")

        text = content(download(console, work()))

        assert "<script" not in text
        assert "<img" not in text
        assert "&lt;script&gt;" in text
        assert "default-src 'none'" in text
        assert not [mark for mark in ('src="', "href=", "url(") if mark in text]
        assert "End of the report: 1 event, and no more match" in text

    def test_the_report_speaks_one_language_and_says_where_it_comes_from(
        self,
        console: Client,
        events: Fixture,
        request_export: Fixture,
        work: Fixture,
        settings: Any,
    ) -> None:
        settings.AUDIT_CONSOLE = {
            **settings.AUDIT_CONSOLE,
            "TITLE": "Revision",
            "BADGE": "Abnahme",
        }
        events(2)
        console.post("/audit/language/", {"language": "de"})
        request_export(console, format="html")

        text = content(download(console, work()))

        assert "Revision, Abnahme" in text
        assert "verborgen" in text
        assert not re.search(r">[^<]*\b(hidden|not covered|proof|events)\b", text)
        assert "counter(page)" in text


class TestWhoMay:
    @pytest.fixture
    def export(
        self, console: Client, events: Fixture, request_export: Fixture, work: Fixture
    ) -> Export:
        events(2)
        request_export(console)
        made: Export = work()
        return made

    def test_the_owner_downloads_by_post_alone_and_it_is_counted(
        self, console: Client, export: Export
    ) -> None:
        assert console.get(f"/audit/exports/{export.pk}/file/").status_code == 405
        content(download(console, export))
        content(download(console, export))

        export.refresh_from_db()
        assert export.downloads == 2
        assert acts_about(export) == [
            "request export",
            "begin export",
            "end export",
            "download",
            "download",
        ]

    def test_nobody_else_downloads_not_even_who_sees_all(
        self, export: Export, reader: Fixture
    ) -> None:
        other = Client()
        other.force_login(reader(Role.DPO, name="dora"))

        page = other.get(f"/audit/exports/{export.pk}/")
        assert "Only the owner can download the file." in page.content.decode()
        assert download(other, export).status_code == 404
        assert download(other, export, "manifest").status_code == 404
        assert other.post(f"/audit/exports/{export.pk}/").status_code == 404

    def test_another_auditor_does_not_even_see_it(
        self, export: Export, reader: Fixture
    ) -> None:
        other = Client()
        other.force_login(reader(Role.AUDITOR, name="ben"))

        assert other.get(f"/audit/exports/{export.pk}/").status_code == 404
        assert str(export.pk) not in other.get("/audit/exports/").content.decode()

    def test_without_the_grant_there_is_no_room(
        self, client: Client, reader: Fixture, export: Export
    ) -> None:
        client.force_login(reader(Role.PLATFORM_ADMIN, name="rob"))

        assert client.get("/audit/exports/").status_code == 403
        assert client.get("/audit/exports/new/").status_code == 403
        assert 'href="/audit/exports/"' not in client.get("/audit/").content.decode()

    def test_an_owner_whose_grant_is_gone_gets_nothing_any_more(
        self, console: Client, export: Export
    ) -> None:
        TenantGrant.objects.all().delete()
        TenantGrant.objects.create(
            user=User.objects.get(), tenant_id="globex", role=Role.AUDITOR
        )

        assert download(console, export).status_code == 404

    def test_nothing_is_made_for_somebody_whose_grant_is_gone(
        self, console: Client, events: Fixture, request_export: Fixture, work: Fixture
    ) -> None:
        events(1)
        request_export(console)
        TenantGrant.objects.all().delete()

        export = work()

        assert export.state == "failed"
        assert "grants for this export were withdrawn" in export.failure

    def test_a_download_that_cannot_be_recorded_shows_nothing(
        self, console: Client, export: Export, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: Any) -> None:
            raise access.AccessNotRecordedError

        monkeypatch.setattr(access, "write", refuse)

        assert download(console, export).status_code == 503

    def test_events_of_a_tenant_without_a_grant_never_leave(
        self,
        client: Client,
        reader: Fixture,
        events: Fixture,
        request_export: Fixture,
        work: Fixture,
    ) -> None:
        events(2)
        events(3, tenant="globex")
        client.force_login(reader(Role.AUDITOR))

        request_export(client, "tenant=*")

        assert work().events == 2
        assert client.get("/audit/exports/new/?tenant=globex").status_code == 404

    def test_personal_filters_are_forgotten_once_the_file_is_there(
        self,
        client: Client,
        reader: Fixture,
        settings: Any,
        events: Fixture,
        request_export: Fixture,
        work: Fixture,
    ) -> None:
        settings.EVENTSTORE = {"PERSONAL_PATHS": ("/data/email",)}
        events(1, data={"email": "mia@example.com"})
        events(1, data={"email": "ben@example.com"}, aggregate_type="Other")
        client.force_login(reader(Role.DPO))
        answer = client.post("/audit/events/", {"q": "data.email:mia@example.com"})

        export = request_export(client, answer["Location"].partition("?")[2])
        assert "mia@" not in export.parameters + export.description
        made = work()

        assert (made.events, made.kept) == (1, {})


class TestLives:
    def test_it_can_be_cancelled_while_it_is_written(
        self,
        console: Client,
        events: Fixture,
        request_export: Fixture,
        small_pieces: None,
        folder: Path,
    ) -> None:
        events(25)
        export = request_export(console)
        claimed = queue.claim("a worker")
        assert claimed is not None

        def cancel() -> bool:
            console.post(f"/audit/exports/{export.pk}/")
            return False

        with pytest.raises(queue.LostExport):
            making.make(claimed, cancel)
        sweeping.sweep()

        export.refresh_from_db()
        assert export.state == "cancelled"
        assert [path for path in folder.rglob("*") if path.is_file()] == []
        assert acts_about(export)[-1] == "cancel export"

    def test_nothing_is_kept_of_what_is_cancelled_in_the_last_moment(
        self,
        console: Client,
        events: Fixture,
        request_export: Fixture,
        settings: Any,
        folder: Path,
    ) -> None:
        settings.STORAGES = {
            **settings.STORAGES,
            "exports": {
                "BACKEND": f"{__name__}.CancelledMeanwhile",
                "OPTIONS": {"location": str(folder)},
            },
        }
        events(3)
        export = request_export(console)

        let_work()

        export.refresh_from_db()
        assert export.state == "cancelled"
        assert [path for path in folder.rglob("*") if path.is_file()] == []

    def test_a_file_that_has_had_its_days_stays_even_if_no_worker_deletes_it(
        self, console: Client, events: Fixture, request_export: Fixture, work: Fixture
    ) -> None:
        events(1)
        request_export(console)
        export = work()
        Export.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

        page = console.get(f"/audit/exports/{export.pk}/").content.decode()

        assert download(console, export).status_code == 404
        assert "Download the file" not in page
        assert "Its days are over" in page

    def test_a_failure_is_on_record_and_told_in_the_language_of_its_owner(
        self, console: Client, events: Fixture, request_export: Fixture
    ) -> None:
        events(1)
        console.post("/audit/language/", {"language": "de"})
        export = request_export(console)
        Export.objects.update(attempts=queue.MOST_ATTEMPTS)

        let_work()

        export.refresh_from_db()
        assert export.state == "failed"
        assert "Fortschritt" in export.failure
        row = AccessRecord.objects.latest("id")
        assert (row.act, row.outcome) == ("end export", "failed")

    def test_the_list_says_whose_events_left(
        self, client: Client, reader: Fixture, events: Fixture, request_export: Fixture
    ) -> None:
        events(1, "globex")
        client.force_login(reader(Role.AUDITOR, tenants=(TENANT, "globex")))
        request_export(client, "tenant=globex")

        page = client.get(f"/audit/exports/?tenant={TENANT}").content.decode()

        assert '<td data-label="Tenants">globex</td>' in page

    def test_its_file_is_deleted_after_its_days_and_the_record_stays(
        self,
        console: Client,
        events: Fixture,
        request_export: Fixture,
        work: Fixture,
        folder: Path,
    ) -> None:
        events(1)
        request_export(console)
        export = work()
        assert export.expires_at - export.finished_at == timedelta(days=7)
        Export.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

        sweeping.sweep()

        export.refresh_from_db()
        assert export.state == "expired"
        assert export.manifest["events"] == 1
        assert [path for path in folder.rglob("*") if path.is_file()] == []
        assert download(console, export).status_code == 404

    def test_an_export_that_nobody_makes_says_how_to_start_a_worker(
        self, console: Client, events: Fixture, request_export: Fixture
    ) -> None:
        events(1)
        export = request_export(console)
        address = f"/audit/exports/{export.pk}/"
        assert "manage.py audit_worker" in console.get(address).content.decode()

        queue.beat("a worker")

        assert "manage.py audit_worker" not in console.get(address).content.decode()

    def test_polling_leaves_no_records_and_ends_with_a_fresh_page(
        self, console: Client, events: Fixture, request_export: Fixture, work: Fixture
    ) -> None:
        events(1)
        export = request_export(console)
        headers = {"HX-Request": "true", "HX-Target": "progress"}
        before = AccessRecord.objects.count()

        text = console.get(f"/audit/exports/{export.pk}/", headers=headers)
        assert "0 events written so far" in text.content.decode()
        assert AccessRecord.objects.count() == before
        work()

        answer = console.get(f"/audit/exports/{export.pk}/", headers=headers)
        assert answer["HX-Refresh"] == "true"


class TestChecks:
    @pytest.mark.parametrize(
        ("alias", "complaint"),
        [
            ("elsewhere", "'elsewhere', not in STORAGES"),
            ("default", "'default', which hosts serve"),
            ("staticfiles", "'staticfiles', which hosts serve"),
        ],
    )
    def test_a_storage_that_is_missing_or_served_is_reported(
        self, settings: Any, alias: str, complaint: str
    ) -> None:
        settings.AUDIT_CONSOLE = {"EXPORT_STORAGE": alias}

        (found,) = exports_have_a_private_place()

        assert found.id == "audit_console.E003"
        assert complaint in found.msg

    @pytest.mark.parametrize("alias", ["", "exports"])
    def test_none_and_one_of_its_own_are_fine(self, settings: Any, alias: str) -> None:
        settings.AUDIT_CONSOLE = {"EXPORT_STORAGE": alias}

        assert exports_have_a_private_place() == []


def test_chosen_events_leave_alone(
    console: Client, events: Fixture, request_export: Fixture, work: Fixture
) -> None:
    events(5)
    positions = list(StoredEvent.objects.values_list("position", flat=True))
    chosen = sorted(positions)[1:4:2]

    request_export(console, "&".join(f"e={position}" for position in chosen))
    export = work()

    assert export is not None
    assert positions_of(content(download(console, export))) == chosen
