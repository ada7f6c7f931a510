from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from eventstore import (
    EventNotFound,
    InvalidEvent,
    Redaction,
    RedactionRefused,
    event_context,
    store,
)
from tests.factories import new_event

pytestmark = pytest.mark.django_db

GONE = {"redacted": True}
DATA = {
    "customer": {"email": "ada@example.org", "name": "Ada"},
    "items": [{"note": "call Ada"}, "second", None],
    "a/b": "slash-secret",
    "m~n": "tilde-secret",
    "~1": "escape-secret",
    "": "empty-secret",
    "0": "digit-secret",
    "empty": None,
    "sum": 7,
}
METADATA = {
    "ip": "2001:db8::7",
    "correlation_id": "spring-sale",
    "actor": {"type": "user", "id": "ada"},
}


@pytest.fixture
def event():
    store.append_event(new_event(), "acme")
    found = store.append_event(new_event(data=DATA, metadata=METADATA), "acme")
    store.append_event(new_event(), "acme")
    return found


def after(event):
    return store.get_event(event.event_id, "acme")


def notices():
    return store.get_events_by_type("acme", "eventstore.EventRedacted")


def test_without_fields_the_payload_goes_and_the_metadata_stay(event):
    store.redact_event(event.event_id, "acme")
    assert after(event).data == GONE
    assert after(event).metadata == METADATA
    assert after(event).is_redacted


def test_row_order_and_the_rest_stay(event):
    before = store.get_events_for_aggregate("R-1", "acme")
    store.redact_event(event.event_id, "acme", ["/data", "/metadata"])
    now = store.get_events_for_aggregate("R-1", "acme")
    for old, new in zip(before, now, strict=True):
        for name in vars(old):
            if name not in ("data", "metadata", "is_redacted"):
                assert getattr(new, name) == getattr(old, name)
    assert now[1].data == now[1].metadata == GONE
    assert [new.is_redacted for new in now] == [False, True, False]


@pytest.mark.parametrize(
    ("pointer", "secret"),
    [
        ("/data/customer/email", "ada@example.org"),
        ("/data/items/0/note", "call Ada"),
        ("/data/items/1", "second"),
        ("/data/a~1b", "slash-secret"),
        ("/data/m~0n", "tilde-secret"),
        ("/data/~01", "escape-secret"),
        ("/data/", "empty-secret"),
        ("/data/0", "digit-secret"),
        ("/data/sum", "7"),
        ("/data/empty", None),
        ("/data/items/2", None),
        ("/metadata/ip", "2001:db8::7"),
        ("/metadata/actor", "user"),
        ("/metadata/actor/id", "'ada'"),
        ("/metadata/correlation_id", "spring-sale"),
    ],
)
def test_one_value_goes_and_its_neighbours_stay(event, pointer, secret):
    record = store.redact_event(event.event_id, "acme", [pointer])
    found = {"data": after(event).data, "metadata": after(event).metadata}
    places = [
        token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]
    ]
    old: Any = {"data": DATA, "metadata": METADATA}
    new: Any = found
    for place in places[:-1]:
        old, new = (
            (old[int(place)], new[int(place)])
            if isinstance(old, list)
            else (old[place], new[place])
        )
    last = int(places[-1]) if isinstance(old, list) else places[-1]
    assert new[last] == GONE
    new[last] = old[last]
    assert found == {"data": DATA, "metadata": METADATA}, "nothing else has changed"
    assert record.fields == (pointer,)
    if secret is not None:
        for text in (str(record), *(str(notice) for notice in notices())):
            assert secret not in text.replace(event.event_id, "").replace(
                pointer, ""
            ) or secret in ("7", "user", "second")


def test_several_fields_go_together_and_are_one_record(event):
    fields = ["/data/customer", "/data/customer/email", "/metadata/ip", "/metadata/ip"]
    record = store.redact_event(event.event_id, "acme", fields)
    assert after(event).data == {**DATA, "customer": GONE}
    assert after(event).metadata == {**METADATA, "ip": GONE}
    assert record.fields == tuple(fields)
    assert len(notices()) == 1


@pytest.mark.parametrize(
    "pointer",
    [
        "/data/nowhere",
        "/data/customer/phone",
        "/data/items/3",
        "/data/items/-",
        "/data/items/-1",
        "/data/items/01",
        "/data/items/00",
        "/data/items/99999999999999999999",
        "/data/items/note",
        "/data/sum/0",
        "/data/sum/digits",
        "/data/empty/x",
        "/data/Customer",
        "/data/a/b",
        "/metadata/nowhere",
        "/metadata/actor/name",
    ],
)
@pytest.mark.parametrize("also", [[], ["/metadata/ip"]])
def test_a_pointer_that_leads_nowhere_is_refused_and_nothing_goes(event, pointer, also):
    with pytest.raises(RedactionRefused) as refusal:
        store.redact_event(event.event_id, "acme", [*also, pointer])
    assert pointer in str(refusal.value)
    assert after(event) == event
    assert list(notices()) == []
    assert store.get_redactions(event.event_id, "acme") == []


@pytest.mark.parametrize(
    "pointer",
    [
        "",
        "/",
        "data/sum",
        "/aggregate_id",
        "/Data/sum",
        "/data/~2",
        "/data/x~",
        "/dataset/x",
        "/data/a\x00",
        "/data/\ud800",
        " /data/sum",
        "/data/sum\n/x\x00",
        7,
        None,
        ("/data/sum",),
    ],
    ids=ascii,
)
def test_what_is_no_pointer_is_refused(event, pointer):
    with pytest.raises(RedactionRefused):
        store.redact_event(event.event_id, "acme", [pointer])
    assert after(event) == event


def test_a_single_text_is_no_list_of_fields(event):
    with pytest.raises(RedactionRefused, match="list"):
        store.redact_event(event.event_id, "acme", "/data/sum")


def test_an_event_of_another_tenant_is_not_found(event):
    with pytest.raises(EventNotFound):
        store.redact_event(event.event_id, "globex")
    assert after(event) == event
    store.append_event(new_event(event_id=event.event_id), "globex")
    store.redact_event(event.event_id, "globex")
    assert after(event) == event
    assert store.get_redactions(event.event_id, "acme") == []


def test_an_unknown_event_is_not_found():
    with pytest.raises(EventNotFound):
        store.redact_event("nowhere", "acme")


def test_the_record_says_who_when_why_and_what(event):
    before = datetime.now(UTC)
    record = store.redact_event(
        event.event_id,
        "acme",
        ["/data/customer/email"],
        reason="erasure request",
        actor={"type": "user", "id": "dpo", "name": "Grace"},
        request_id="request-7",
    )
    assert isinstance(record, Redaction)
    assert (record.tenant_id, record.event_id) == ("acme", event.event_id)
    assert record.position == event.position
    assert record.fields == ("/data/customer/email",)
    assert record.reason == "erasure request"
    assert record.actor == {"type": "user", "id": "dpo", "name": "Grace"}
    assert record.request_id == "request-7"
    assert record.kind == "redacted"
    assert abs((record.recorded_at - before).total_seconds()) < 60
    assert store.get_redactions(event.event_id, "acme") == [record]


def test_who_is_the_actor_of_the_context_unless_named(event):
    with event_context(actor="ada", correlation_id="c-9"):
        first = store.redact_event(event.event_id, "acme", ["/data/sum"])
        second = store.redact_event(
            event.event_id, "acme", ["/data/items"], actor="dpo"
        )
    assert first.actor == {"type": "user", "id": "ada"}
    assert second.actor == {"type": "user", "id": "dpo"}
    assert {notice.metadata["correlation_id"] for notice in notices()} == {"c-9"}
    assert [notice.actor_id for notice in notices()] == ["ada", "dpo"]


def test_consumers_are_told_by_an_event_without_values(event):
    record = store.redact_event(
        event.event_id, "acme", ["/data/customer/email", "/metadata/ip"]
    )
    [notice] = notices()
    assert notice.aggregate_type == "eventstore.Redaction"
    assert notice.aggregate_id == record.redaction_id
    assert notice.aggregate_version == 1
    assert notice.position > event.position
    assert notice.data == {
        "event_id": event.event_id,
        "position": event.position,
        "event_type": event.event_type,
        "aggregate_type": "Requirement",
        "aggregate_id": "R-1",
        "aggregate_version": 2,
        "fields": ["/data/customer/email", "/metadata/ip"],
    }


def test_repeating_it_is_harmless_and_returns_the_record(event):
    first = store.redact_event(event.event_id, "acme", ["/data/customer"], reason="a")
    for fields in (["/data/customer"], ["/data/customer/email"], ["/data/customer"]):
        assert store.redact_event(event.event_id, "acme", fields, reason="b") == first
    assert len(notices()) == 1
    whole = store.redact_event(event.event_id, "acme", reason="c")
    assert whole.fields == ()
    for again in (None, [], ["/data"], ["/data/customer/email"], ["/data/nowhere"]):
        assert store.redact_event(event.event_id, "acme", again) == whole
    assert [found.reason for found in store.get_redactions(event.event_id, "acme")] == [
        "c",
        "a",
    ]
    assert len(notices()) == 2


def test_what_is_gone_already_does_not_keep_the_rest_from_going(event):
    store.redact_event(event.event_id, "acme", ["/data/customer"])
    store.redact_event(event.event_id, "acme", ["/data/customer/email", "/data/sum"])
    assert after(event).data == {**DATA, "customer": GONE, "sum": GONE}
    assert len(notices()) == 2


def test_a_payload_that_only_looks_redacted_is_redacted_on_record():
    stored = store.append_event(new_event(data=dict(GONE)), "acme")
    assert not stored.is_redacted
    record = store.redact_event(stored.event_id, "acme")
    assert after(stored).is_redacted
    assert store.get_redactions(stored.event_id, "acme") == [record]


def test_the_stores_own_events_stay(event):
    store.redact_event(event.event_id, "acme")
    [notice] = notices()
    with pytest.raises(RedactionRefused, match="record of the store"):
        store.redact_event(notice.event_id, "acme")
    assert after(notice) == notice


@pytest.mark.parametrize(
    "given",
    [
        {"actor": "é" * 101},
        {"actor": {"type": "user"}},
        {"actor": {"type": "user", "id": 7}},
        {
            "actor": {
                "type": "user",
                "id": "x",
                "born": datetime(1815, 12, 10, tzinfo=UTC),
            }
        },
        {"reason": "a\x00b"},
        {"reason": "\ud800"},
        {"reason": None},
        {"reason": 7},
        {"request_id": "a\x00b"},
        {"request_id": 7},
        {"request_id": "x" * 201},
    ],
    ids=ascii,
)
def test_a_record_that_cannot_be_stored_is_refused_and_nothing_goes(event, given):
    with pytest.raises(InvalidEvent) as refusal:
        store.redact_event(event.event_id, "acme", **given)
    assert refusal.value.where.split(".")[-1] in (*given, "id", "born", "actor")
    assert after(event) == event, "the transaction is usable"
    assert list(notices()) == []


def test_a_context_that_cannot_be_stored_is_refused(event):
    with event_context(correlation_id="é" * 101), pytest.raises(InvalidEvent):
        store.redact_event(event.event_id, "acme")
    assert after(event) == event


def test_numbers_beside_what_goes_keep_their_digits(sql):
    from decimal import Decimal

    stored = store.append_event(
        new_event(data={"a": Decimal("1.500"), "b": 10**5000, "c": "x"}), "acme"
    )
    text = "SELECT event_data ->> 'a', event_data ->> 'b' FROM stored_domain_events"
    before = sql(text)
    store.redact_event(stored.event_id, "acme", ["/data/c"])
    assert sql(text + " WHERE is_redacted") == before


@pytest.mark.django_db(transaction=True)
def test_two_at_once_leave_one_record(session, waiting):
    event = store.append_event(new_event(), "acme")
    session.begin()
    first = session.run(store.redact_event, event.event_id, "acme", reason="first")
    second = waiting.start(store.redact_event, event.event_id, "acme", reason="second")
    with pytest.raises(TimeoutError):
        second.result(timeout=0.3)
    session.commit()
    assert second.result(timeout=10) == first
    assert len(notices()) == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_once_remove_both_of_what_they_were_asked(session, waiting):
    event = store.append_event(new_event(data={"a": 1, "b": 2, "c": 3}), "acme")
    session.begin()
    session.run(store.redact_event, event.event_id, "acme", ["/data/a"])
    second = waiting.start(store.redact_event, event.event_id, "acme", ["/data/b"])
    with pytest.raises(TimeoutError):
        second.result(timeout=0.3)
    session.commit()
    second.result(timeout=10)
    assert after(event).data == {"a": GONE, "b": GONE, "c": 3}
    assert len(store.get_redactions(event.event_id, "acme")) == 2


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_was_not_removed(session):
    event = store.append_event(new_event(), "acme")
    session.begin()
    session.run(store.redact_event, event.event_id, "acme")
    session.roll_back()
    assert after(event) == event
    assert list(notices()) == []
