"""Events as JSON Lines over HTTP, up and down."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections
from rest_framework.test import APIClient

from eventstore import publisher, store
from eventstore.models import TenantGrant
from eventstore.transfer import ExportFilters, export_log
from tests.eventstore.api.appends import BULK, LINES, draft, post
from tests.factories import new_event

pytestmark = pytest.mark.django_db


def line(number: int, **fields: Any) -> dict[str, Any]:
    return draft(event_id=f"e-{number}", data={"number": number}, **fields)


def joined(*lines: Any) -> bytes:
    texts = [
        text if isinstance(text, bytes) else json.dumps(text).encode() for text in lines
    ]
    return b"\n".join(texts) + b"\n"


def send(client: APIClient, *lines: Any, to: str = BULK, **headers: str) -> Any:
    return post(client, joined(*lines), to, content_type=LINES, **headers)


def received(client: APIClient, query: str = "") -> list[dict[str, Any]]:
    answer: Any = client.get(f"{BULK}{query}", headers={"accept": LINES})
    assert answer.status_code == 200
    return [
        json.loads(text) for text in b"".join(answer.streaming_content).splitlines()
    ]


class TestAnUpload:
    def test_stores_its_lines_in_their_order(self, writer: APIClient) -> None:
        answer = send(writer, *(line(number) for number in range(1_200)))
        assert answer.status_code == 200
        events = list(store.iter_events_after("acme", 0))
        assert answer.json() == {
            "lines": 1_200,
            "stored": 1_200,
            "known": 0,
            "refused": 0,
            "next_line": None,
            "last_position": events[-1].position,
            "errors": [],
        }
        assert [event.data["number"] for event in events] == list(range(1_200))
        assert {event.metadata["actor"]["name"] for event in events} == {"ann"}

    def test_can_be_repeated(self, writer: APIClient) -> None:
        send(writer, *(line(number) for number in range(30)))
        answer = send(writer, *(line(number) for number in range(60)))
        assert (answer.json()["stored"], answer.json()["known"]) == (30, 30)
        assert store.get_aggregate_version("R-1", "acme") == 60

    def test_stops_at_the_first_line_that_is_refused(self, writer: APIClient) -> None:
        bad = line(2, occurred_at="yesterday", surprise=1)
        answer = send(writer, line(0), b"", line(1), bad, line(3))
        assert (answer.status_code, answer.json()["code"]) == (422, "upload_stopped")
        found = answer.json()
        assert (found["stored"], found["refused"], found["next_line"]) == (2, 1, 4)
        assert [(e["line"], e["pointer"]) for e in found["errors"]] == [
            (4, "#/surprise"),
            (4, "#/occurred_at"),
        ]
        assert store.get_aggregate_version("R-1", "acme") == 2

    def test_skips_what_is_refused_if_it_is_to(self, writer: APIClient) -> None:
        answer = send(
            writer,
            line(0),
            b"{",
            line(1, event_type="eventstore.Forged"),
            b"\xff",
            b"[]",
            line(2, tenant_id="foreign"),
            {**line(3), "event_id": None},
            line(4, is_redacted=True),
            draft(),
            line(5),
            to=f"{BULK}?on_error=skip",
        )
        assert answer.status_code == 200
        assert (answer.json()["stored"], answer.json()["refused"]) == (2, 8)
        assert {e["line"] for e in answer.json()["errors"]} == set(range(2, 10))

    def test_finds_the_line_that_the_log_refuses(self, writer: APIClient) -> None:
        store.append_event(new_event(event_id="e-70"), "acme")
        answer = send(writer, *(line(number) for number in range(100)))
        assert answer.json()["next_line"] == 71
        assert answer.json()["stored"] == 70
        skipped = send(
            writer, *(line(number) for number in range(100)), to=f"{BULK}?on_error=skip"
        )
        assert skipped.json()["known"] == 70
        assert skipped.json()["stored"] == 29
        assert [e["line"] for e in skipped.json()["errors"]] == [71]

    def test_honours_the_versions_that_its_lines_name(self, writer: APIClient) -> None:
        numbered = [line(n, aggregate_version=n + 1) for n in range(5)]
        assert send(writer, *numbered).json()["stored"] == 5
        gap = line(7, aggregate_version=8)
        answer = send(writer, line(5, aggregate_version=6), gap)
        assert (answer.json()["stored"], answer.json()["next_line"]) == (1, 2)
        assert "version" in answer.json()["errors"][0]["detail"]

    def test_names_an_id_that_comes_twice(self, writer: APIClient) -> None:
        answer = send(writer, line(0), line(0), {**line(0), "data": {}})
        assert (answer.json()["stored"], answer.json()["next_line"]) == (2, 3)

    @pytest.mark.parametrize("coding", ["gzip", None])
    def test_may_be_packed(self, writer: APIClient, coding: str | None) -> None:
        packed = gzip.compress(joined(*(line(number) for number in range(10))))
        headers = {"content_encoding": coding} if coding else {}
        answer = post(writer, packed, BULK, content_type=LINES, **headers)
        assert answer.json()["stored"] == 10

    def test_that_is_cut_off_stores_what_was_whole(self, writer: APIClient) -> None:
        packed = gzip.compress(joined(*(line(number) for number in range(2_000))))
        answer = post(writer, packed[:-100], BULK, content_type=LINES)
        assert (answer.status_code, answer.json()["code"]) == (422, "upload_stopped")
        assert "cut off" in answer.json()["detail"]
        assert 0 < answer.json()["stored"] == store.get_aggregate_version("R-1", "acme")

    def test_in_anothers_name_needs_a_permission(
        self, writer: APIClient, ann: User
    ) -> None:
        forged = line(0, metadata={"actor": {"type": "user", "id": "7"}})
        answer = send(writer, forged)
        assert answer.json()["errors"][0]["pointer"] == "#/metadata/actor"
        TenantGrant.objects.create(user=ann, tenant_id="acme", role="gateway")
        assert send(writer, forged).json()["stored"] == 1

    def test_tells_subscribers_of_what_is_new(
        self,
        writer: APIClient,
        monkeypatch: pytest.MonkeyPatch,
        django_capture_on_commit_callbacks: Callable[..., Any],
    ) -> None:
        told: list[str] = []
        monkeypatch.setattr(publisher.deliver, "_subscribers", [])
        publisher.on_event()(lambda event: told.append(event.event_id))
        for _ in range(2):
            with django_capture_on_commit_callbacks(execute=True):
                send(writer, line(0), line(1))
        assert told == ["e-0", "e-1"]

    @pytest.mark.parametrize(
        ("query", "headers", "status"),
        [
            ("?on_error=maybe", {}, 400),
            ("?event_type=A", {}, 400),
            ("?tenant=foreign", {}, 404),
            ("", {"content_encoding": "br"}, 415),
        ],
    )
    def test_that_is_asked_for_wrongly_is_refused(
        self, writer: APIClient, query: str, headers: dict[str, str], status: int
    ) -> None:
        assert send(writer, line(0), to=BULK + query, **headers).status_code == status

    def test_is_of_lines(self, writer: APIClient) -> None:
        assert post(writer, [line(0)], BULK).status_code == 415

    def test_ends_when_the_permission_does(
        self, writer: APIClient, ann: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Watcher(io.BytesIO):
            """A body whose sender loses their grants on the way."""

            def read(self, size: int | None = -1) -> bytes:
                if store.get_aggregate_version("R-1", "acme"):
                    TenantGrant.objects.filter(user=ann, role="writer").delete()
                return super().read(size)

        monkeypatch.setattr("eventstore.api.bulk.uploading.CHUNK_LINES", 10)
        monkeypatch.setattr("django.test.client.FakePayload", Watcher)
        answer = send(writer, *(line(number) for number in range(2_000)))
        report = answer.json()
        assert (answer.status_code, report["code"]) == (422, "upload_stopped")
        assert "grants" in report["detail"]
        assert 0 < report["stored"] < 2_000
        assert report["next_line"] == report["stored"] + 1
        assert store.get_aggregate_version("R-1", "acme") == report["stored"]

    def test_needs_the_permission_to_append(self, client: APIClient) -> None:
        assert send(client, line(0)).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_an_upload_commits_its_chunks_in_a_host_with_atomic_requests(
    writer: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connections["default"].settings_dict, "ATOMIC_REQUESTS", True)
    answer = send(writer, line(0), {})
    assert (answer.status_code, answer.json()["stored"]) == (422, 1)
    assert store.get_aggregate_version("R-1", "acme") == 1


class TestADownload:
    @pytest.mark.django_db(transaction=True)
    def test_is_what_the_command_exports(self, client: APIClient, ann: User) -> None:
        TenantGrant.objects.create(user=ann, tenant_id="acme", role="pii_reader")
        data = {"price": 1.50, "text": 'ö"\\\u2028\x7f', "deep": [{"a": None}]}
        metadata = {"actor": {"type": "user", "id": "7"}, "ip": "192.0.2.1"}
        for number in range(3):
            event = new_event(aggregate_id=f"R/{number}", data=data, metadata=metadata)
            store.append_event(event, "acme")
        store.append_event(new_event(), "foreign")
        exported = io.BytesIO()
        export_log(exported, ExportFilters(tenant_id="acme"))
        answer: Any = client.get(BULK, headers={"accept": LINES})
        assert exported.getvalue().count(b"\n") == 3
        assert b"".join(answer.streaming_content) == exported.getvalue()
        assert answer["Content-Type"] == LINES
        assert "attachment" in answer["Content-Disposition"]

    def test_goes_through_all_pages(
        self, client: APIClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("eventstore.api.bulk.downloading.PAGE", 7)
        monkeypatch.setattr("eventstore.api.bulk.downloading.PAGE_BYTES", 300)
        store.append_events([new_event(data={"n": n}) for n in range(50)], "acme")
        lines = received(client)
        assert [found["event_data"]["n"] for found in lines] == list(range(50))

    def test_is_packed_for_those_who_accept_it(self, client: APIClient) -> None:
        store.append_events([new_event(data={"n": n}) for n in range(50)], "acme")
        plain: Any = client.get(BULK)
        packed: Any = client.get(BULK, headers={"accept-encoding": "br, gzip"})
        text, less = (b"".join(answer.streaming_content) for answer in (plain, packed))
        assert plain.get("Content-Encoding") is None
        assert packed["Content-Encoding"] == "gzip"
        assert all("Accept-Encoding" in answer["Vary"] for answer in (plain, packed))
        # One member, and not one for each part: what follows one, many clients leave.
        reader = zlib.decompressobj(wbits=31)
        assert reader.decompress(less) == text
        assert (reader.eof, reader.unused_data) == (True, b"")
        assert len(less) < len(text) / 3

    def test_is_filtered_like_the_list(self, client: APIClient) -> None:
        store.append_events([new_event(), new_event("RequirementApproved")], "acme")
        (found,) = received(client, "?event_type=RequirementApproved")
        assert found["event_type"] == "RequirementApproved"
        assert not received(client, f"?position_after={found['position']}")
        for query in ("surprise=1", "fields=position", "payload=/a%3D1", "order=desc"):
            assert client.get(f"{BULK}?{query}").status_code == 400

    def test_hides_what_may_not_be_seen_and_says_so(self, client: APIClient) -> None:
        store.append_event(new_event(metadata={"ip": "192.0.2.1"}), "acme")
        (found,) = received(client)
        assert (found["metadata"]["ip"], found["hidden"]) == (None, ["/metadata/ip"])

    def test_ends_with_a_mark_when_the_grant_is_taken(
        self, client: APIClient, ann: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("eventstore.api.bulk.downloading.PAGE", 2)
        store.append_events([new_event() for _ in range(6)], "acme")
        answer: Any = client.get(BULK)
        parts = iter(answer.streaming_content)
        first = next(parts)
        TenantGrant.objects.filter(user=ann).delete()
        mark = json.loads(b"".join(parts))["cut"]
        assert mark["code"] == "permission_denied"
        last = json.loads(first.splitlines()[-1])
        assert mark["position_after"] == last["position"]

    def test_ends_with_a_mark_when_the_database_fails(
        self, client: APIClient, sql: Callable[..., Any]
    ) -> None:
        store.append_event(new_event(), "acme")
        answer: Any = client.get(BULK)
        parts = answer.streaming_content
        sql("ALTER TABLE event_snapshots RENAME TO elsewhere")
        sql("ALTER TABLE stored_domain_events RENAME TO gone")
        mark = json.loads(b"".join(parts))["cut"]
        assert (mark["code"], mark["position_after"]) == ("unavailable", 0)

    def test_can_be_uploaded_elsewhere(self, writer: APIClient, ann: User) -> None:
        for role in ("gateway", "pii_reader"):
            for tenant in ("acme", "copy"):
                TenantGrant.objects.create(user=ann, tenant_id=tenant, role=role)
        event = new_event(data={"n": 1e-7}, metadata={"ip": "192.0.2.1"})
        store.append_event(event, "acme")
        lines = received(writer, "?tenant=acme")
        for found in lines:
            del found["tenant_id"]
        answer = send(writer, *lines, to=f"{BULK}?tenant=copy")
        assert answer.json()["stored"] == 1
        assert store.get_event(event.event_id, "copy").data == event.data

    def test_of_a_foreign_tenant_is_not_there(self, client: APIClient) -> None:
        for tenant in ("foreign", "missing"):
            assert client.get(f"{BULK}?tenant={tenant}").status_code == 404

    def test_needs_the_permission_to_export(self, client: APIClient, ann: User) -> None:
        TenantGrant.objects.filter(user=ann).update(role="platform_admin")
        assert client.get(BULK).status_code == 403

    def test_is_not_sent_for_its_headers(self, client: APIClient) -> None:
        answer = client.head(BULK)
        assert answer.status_code == 200
        assert answer["Content-Type"] == LINES
