from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from audit_console.models import AccessRecord
from eventstore import event_migrations, store
from eventstore.context import caused_by
from eventstore.models import StoredEvent
from eventstore.roles import Role
from tests.audit_console.conftest import TENANT

pytestmark = pytest.mark.django_db


def text_of(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def test_what_an_event_changed_stands_before_everything_else(console, append, page):
    append({"status": "packed", "weight": 2})
    event = append({"status": "sent"})
    answer = console.get(page("event", event.position))
    (row,) = answer.context["change"]["diff"].rows
    assert row.summary == "status: packed → sent"
    text = text_of(answer)
    assert text.index('id="change"') < text.index('id="payload"')
    assert "merged payloads, no aggregate code" in text
    assert "as replayable today" in text


def test_numbers_and_long_strings_are_shown_exactly_and_folded(console, append, page):
    from decimal import Decimal

    amount = Decimal("12345678901234567890.1200")
    event = append({"amount": amount, "blob": 20_000 * "x"})
    text = text_of(console.get(page("event", event.position)))
    assert "12345678901234567890.1200" in text
    assert "20,000 characters" in text


def test_a_look_is_recorded_with_the_event(console, append, page):
    event = append()
    console.get(page("event", event.position))
    record = AccessRecord.objects.get()
    assert (record.act, record.tenants) == ("view event", ["acme"])
    assert record.objects_seen == [f"event:{event.position}"]


@pytest.mark.parametrize("position", [0, 1, 999_999, 10**18, 10**25])
def test_positions_without_an_event_are_not_found(console, page, position):
    assert console.get(page("event", position)).status_code == 404


def test_the_event_of_another_tenant_is_as_absent_as_none(console, append, page):
    event = append(tenant="other")
    assert console.get(page("event", event.position)).status_code == 404
    assert console.get(page("event_raw", event.position)).status_code == 404
    by_id = page("event_by_id", tenant="other", id=event.event_id)
    assert console.get(by_id).status_code == 404


@pytest.mark.parametrize("name", ["e/1:ü x", "e\u202e?&#", "a" * 190])
def test_an_id_leads_to_the_event_of_its_tenant(console, append, page, name):
    append(event_id=name, tenant="other")
    event = append(event_id=name)
    answer = console.get(page("event_by_id", tenant="acme", id=name))
    assert (answer.status_code, answer["Location"]) == (
        302,
        page("event", event.position),
    )


@pytest.mark.parametrize("name", ["", "no such", "a\0b", "x" * 5_000])
def test_an_id_of_nothing_is_not_found(console, append, page, name):
    append()
    assert console.get(page("event_by_id", tenant="acme", id=name)).status_code == 404


def test_neighbours_lead_through_the_aggregate(console, append, page):
    first, second, third = append(), append(), append()
    text = text_of(console.get(page("event", second.position)))
    assert f'rel="prev" href="{page("event", first.position)}"' in text
    assert f'rel="next" href="{page("event", third.position)}"' in text


def test_a_list_leads_on_from_event_to_event_and_back(console, append, page):
    older = append(event_type="ParcelLost")
    append()
    event = append(event_type="ParcelLost")
    newer = append(event_type="ParcelLost")
    answer = console.get(
        page("event", event.position, tenant="acme", q="type:ParcelLost")
    )
    results = answer.context["results"]
    assert results.newer.startswith(page("event", newer.position) + "?")
    assert results.older.startswith(page("event", older.position) + "?")
    assert "q=type%3AParcelLost" in results.older
    back = console.get(results.back.partition("#")[0])
    assert text_of(back).index(f'id="p{event.position}"') > 0
    assert f'id="p{newer.position}"' not in text_of(back)
    end = console.get(results.older)
    assert end.context["results"].older == ""


def test_without_a_list_or_with_a_faulty_one_there_are_no_results(
    console, append, page
):
    event = append()
    for query in ({}, {"q": "type:"}, {"tz": "UTC"}):
        answer = console.get(page("event", event.position, **query))
        assert answer.status_code == 200
        assert answer.context["results"] is None


def test_causes_effects_and_the_conversation_are_linked(console, append, page):
    cause = append()
    with caused_by(cause):
        event = append(event_type="ParcelLost")
    text = text_of(console.get(page("event", cause.position)))
    assert page("event", event.position) in text
    orphan = append(metadata={"causation_id": "lost"})
    assert "Cause not in store" in text_of(console.get(page("event", orphan.position)))


def test_versions_stand_beside_each_other_with_their_migrations(console, append, page):
    event = append({"place": "Oslo"}, event_type="ParcelVersioned")

    def rename(data):
        return {"city": data["place"]}

    event_migrations.register_migration("ParcelVersioned", "v1", "v2", rename)
    try:
        answer = console.get(page("event", event.position))
    finally:
        event_migrations._steps.pop("ParcelVersioned")
    stored, current = answer.context["versions"]["columns"]
    assert (stored.is_stored, current.is_current) == (True, True)
    assert current.migration.endswith("rename")
    assert [row.summary for row in current.changes.rows] == [
        "city: Oslo",
        "place: Oslo →",
    ]
    assert "what handlers see" in text_of(answer)


def test_a_migration_that_fails_leaves_the_stored_payload_in_sight(
    console, append, page
):
    event = append({"place": "Oslo"}, event_type="ParcelBroken")
    event_migrations.register_migration(
        "ParcelBroken", "v1", "v2", lambda data: data["missing"]
    )
    try:
        text = text_of(console.get(page("event", event.position)))
    finally:
        event_migrations._steps.pop("ParcelBroken")
    assert "Oslo" in text
    assert "The next migration failed" in text


def test_what_was_redacted_is_a_mark_with_reason_and_number(console, append, page):
    event = append({"email": "bo@example.org", "n": 1})
    redaction = store.redact_event(
        event.event_id, "acme", fields=["/data/email"], reason="case 47", actor="dpo"
    )
    text = text_of(console.get(page("event", event.position)))
    assert redaction.redaction_id in text
    assert "case 47" in text
    assert "/data/email" in text
    assert "bo@example.org" not in text


def test_without_view_payload_nothing_of_a_payload_is_there(login, append, page):
    append({"secret": "before"})
    event = append({"secret": "opensesame"})
    console = login(Role.SECURITY)
    text = text_of(console.get(page("event", event.position)))
    assert "opensesame" not in text
    assert "secret" not in text
    assert "view_payload" in text
    assert console.get(page("event_raw", event.position)).status_code == 403


@pytest.mark.parametrize(
    ("role", "sees"), [(Role.AUDITOR, False), (Role.PRIVACY_OFFICER, True)]
)
def test_personal_values_need_view_pii(login, append, page, settings, role, sees):
    settings.EVENTSTORE = {"PERSONAL_PATHS": ("/data/who/email",)}
    append({"who": {"email": "old@example.org"}})
    event = append(
        {"who": {"name": "Bo", "email": "bo@example.org"}},
        metadata={"ip": "192.0.2.77"},
    )
    console = login(role)
    for name in ("event", "event_raw"):
        text = text_of(console.get(page(name, event.position)))
        assert ("192.0.2.77" in text) is sees
        assert ("bo@example.org" in text) is sees
        assert "Bo" in text
    text = text_of(console.get(page("event", event.position)))
    assert ("old@example.org" in text) is sees
    assert ("who.email" in text) is True


def test_the_record_of_a_redaction_leads_to_what_was_redacted(console, append, page):
    event = append({"name": "Bo", "size": 1})
    store.redact_event(
        event.event_id, TENANT, fields=["/data/name"], reason="case 4", actor="dpo"
    )
    record = StoredEvent.objects.get(event_type="eventstore.EventRedacted")
    text = text_of(console.get(page("event", record.position)))
    assert f"dpo redacted {event.event_type} of Parcel P-1" in strip_tags(text)
    assert f'href="{page("event", event.position)}"' in text
    assert "/data/name" in text
    assert "case 4" in text
    listed = text_of(console.get(page("events", type="eventstore.EventRedacted")))
    assert f"dpo redacted {event.event_type} of Parcel P-1" in strip_tags(listed)


def test_the_file_is_the_event_with_every_digit(console, append, page):
    from decimal import Decimal

    event = append({"n": Decimal("1.500"), "text": "</script>"})
    answer = console.get(page("event_raw", event.position))
    assert answer["Content-Type"].startswith("application/json")
    assert answer["Content-Disposition"].startswith("attachment")
    assert '"n": 1.500' in text_of(answer)
    assert json.loads(answer.content)["data"]["text"] == "</script>"
    assert AccessRecord.objects.get().act == "download"


def test_who_looked_is_told_to_those_who_may_know(login, append, page):
    event = append()
    console = login(Role.LEAD_AUDITOR)
    console.get(page("event", event.position))
    assert "Viewed an event" in text_of(console.get(page("event", event.position)))


def test_who_looked_is_not_told_to_others(console, append, page):
    event = append()
    answer = console.get(page("event", event.position))
    assert "Who looked at this event" not in text_of(answer)


def test_an_event_page_asks_the_database_a_fixed_number_of_times(console, append, page):
    counts = []
    for size in (2, 40):
        with caused_by(append()):
            position = [append({"n": n}).position for n in range(size)][-1]
        with CaptureQueriesContext(connection) as queries:
            console.get(page("event", position))
        counts.append(len(queries))
    # A list that is full is counted, in a savepoint with a limit of its own.
    assert counts[1] <= counts[0] + 5
    assert counts[1] <= 30


def test_five_events_are_compared_and_more_are_refused_aloud(console, append, page):
    events = [append({"n": number, "same": 1}) for number in range(6)]
    positions = [event.position for event in events]
    answer = console.get(page("compare", e=[*positions, 10**12]))
    assert [event.position for event in answer.context["events"]] == positions[:5]
    assert "2 were left out" in text_of(answer)
    places = {place.path: place.differs for place in answer.context["data"]}
    assert places == {"n": True, "same": False}


def test_events_that_cannot_be_compared_are_named(console, append, page):
    mine, foreign = append(), append(tenant="other")
    answer = console.get(page("compare", e=[mine.position, foreign.position, "x y"]))
    text = text_of(answer)
    assert f"{foreign.position}, x y" in text
    assert len(answer.context["events"]) == 1


def test_nothing_to_compare_offers_a_way(console, page):
    assert "Which events?" in text_of(console.get(page("compare")))
