from __future__ import annotations

import math
from collections import OrderedDict
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from eventstore import InvalidEvent, store
from tests.factories import new_event

pytestmark = pytest.mark.django_db

#: Bytes that each text may have.
LIMITS = {
    "event_id": 200,
    "aggregate_type": 200,
    "aggregate_id": 800,
    "event_type": 200,
    "event_version": 200,
}


def nested(depth):
    value: dict[str, Any] = {}
    for _ in range(depth - 1):
        value = {"in": value}
    return value


def refusal_of(event, tenant="acme", count=1):
    batch = [new_event() for _ in range(count - 1)]
    with pytest.raises(InvalidEvent) as refusal:
        store.append_events([*batch, event], tenant)
    assert str(refusal.value) == f"{refusal.value.where}: {refusal.value.what}"
    assert list(store.get_events_after("acme", 0)) == []
    return refusal.value


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("name", "limit"), LIMITS.items())
@pytest.mark.parametrize("letter", ["x", "é", "☃", "🦉"])
def test_texts_are_limited_in_bytes(name, limit, letter, count):
    width = len(letter.encode())
    whole = letter * (limit // width)
    full = whole + "x" * (limit - len(whole.encode()))
    assert getattr(store.append_event(new_event(**{name: full}), "full"), name) == full
    found = refusal_of(new_event(**{name: full + "x"}), count=count)
    assert (found.where, found.limit) == (name, limit)
    assert str(limit + 1) in found.what


@pytest.mark.parametrize("letter", ["t", "é"])
def test_a_tenant_is_limited_in_bytes(letter):
    full = letter * (200 // len(letter.encode()))
    store.append_event(new_event(), full)
    assert len(store.get_events_after(full, 0)) == 1
    found = refusal_of(new_event(), full + "x")
    assert (found.where, found.limit) == ("tenant_id", 200)


def test_the_longest_texts_of_all_fit_the_indexes_together():
    import random

    letters = "".join(chr(n) for n in range(0x21, 0x7F))
    noise = random.Random(7)  # what cannot be compressed
    full = {
        name: "".join(noise.choices(letters, k=limit)) for name, limit in LIMITS.items()
    }
    ids = ["".join(noise.choices(letters, k=200)) for _ in range(4)]
    metadata = {
        "correlation_id": ids[0],
        "causation_id": ids[1],
        "actor": {"type": "user", "id": ids[2]},
    }
    stored = store.append_event(new_event(metadata=metadata, **full), ids[3])
    assert store.get_event(stored.event_id, ids[3]).metadata == metadata
    store.redact_event(stored.event_id, ids[3], ["/metadata/actor", "/data/title"])


@pytest.mark.parametrize("name", [*LIMITS, "tenant_id"])
@pytest.mark.parametrize("value", ["", "a\x00b", "\ud800", 7, None, b"x", uuid4()])
def test_texts_that_are_none_are_refused_with_their_name(name, value):
    tenant = value if name == "tenant_id" else "acme"
    event = new_event(**({} if name == "tenant_id" else {name: value}))
    assert refusal_of(event, tenant).where == name


@pytest.mark.parametrize("metadata", [None, [], "x", 7])
def test_metadata_that_are_no_object_are_refused(metadata):
    assert refusal_of(new_event(metadata=metadata)).where == "metadata"


@pytest.mark.parametrize("data", [None, [], "x", 7, True, [{"a": 1}], {"a", "b"}])
def test_a_payload_that_is_no_object_is_refused(data):
    assert refusal_of(new_event(data=data)).where == "data"


FAULTS = [
    (float("nan"), "nan"),
    (math.inf, "inf"),
    (-math.inf, "-inf"),
    (Decimal("NaN"), "NaN"),
    (Decimal("sNaN"), "sNaN"),
    (Decimal("Infinity"), "Infinity"),
    ({1, 2}, "set"),
    ((n for n in "ab"), "generator"),
    (b"bytes", "bytes"),
    (datetime(2026, 1, 1, tzinfo=UTC), "datetime"),
    (uuid4(), "UUID"),
    (object(), "object"),
    (1j, "complex"),
    (OrderedDict(a=1), "OrderedDict"),
    (Decimal("1E+131072"), "numeric"),
    (Decimal("1E-16384"), "numeric"),
    (10**131072, "numeric"),
]


@pytest.mark.parametrize("document", ["data", "metadata"])
@pytest.mark.parametrize(("value", "word"), FAULTS, ids=range(len(FAULTS)))
def test_what_json_lacks_is_refused_with_its_place(document, value, word):
    found = refusal_of(
        new_event(**{document: {"items": [{"price": 1}, {"price": value}]}})
    )
    assert found.where == f"{document}.items[1].price"
    assert word in found.what


@pytest.mark.parametrize("key", [1, None, True, 1.5, ("a",), b"x"])
def test_keys_that_are_no_text_are_refused_with_their_place(key):
    found = refusal_of(new_event(data={"items": [{key: 1}]}))
    assert found.where.startswith("data.items[0]")
    assert "key" in found.what


@pytest.mark.parametrize("text", ["\x00", "a\x00", "\\\x00", "\\\\\x00", '"\x00"'])
@pytest.mark.parametrize("place", ["value", "key", "deep"])
@pytest.mark.parametrize("document", ["data", "metadata"])
def test_a_nul_character_is_refused(document, text, place):
    made = {"value": {"a": text}, "key": {text: 1}, "deep": {"a": [{"b": [text]}]}}
    found = refusal_of(new_event(**{document: made[place]}))
    assert found.where.startswith(document)
    assert "0000" in found.what


@pytest.mark.parametrize("text", ["\ud800", "a\udfff", "\udc00\ud800"])
@pytest.mark.parametrize("place", ["value", "key", "deep"])
@pytest.mark.parametrize("document", ["data", "metadata"])
def test_a_lone_surrogate_is_refused(document, text, place):
    made = {"value": {"a": text}, "key": {text: 1}, "deep": {"a": [{"b": [text]}]}}
    found = refusal_of(new_event(**{document: made[place]}))
    assert found.where.startswith(document)
    assert "surrogate" in found.what


@pytest.mark.parametrize("number", [Decimal("1.5"), 10**5000], ids=["short", "long"])
def test_faults_of_texts_are_found_beside_numbers_of_any_size(number):
    assert refusal_of(new_event(data={"n": number, "t": "\x00"})).where == "data"
    assert refusal_of(new_event(data={"n": number, "t": "\ud800"})).where == "data"


@pytest.mark.parametrize("text", [r"\u0000", r"\\u0000", r"\ud800", "\u2028", "\x7f"])
def test_texts_that_only_look_faulty_are_kept(text):
    stored = store.append_event(new_event(data={text: text}), "acme")
    assert store.get_event(stored.event_id, "acme").data == {text: text}


@pytest.mark.parametrize("document", ["data", "metadata"])
def test_documents_nest_to_the_limit_and_no_deeper(document):
    store.append_event(new_event(**{document: nested(100)}), "full")
    assert getattr(store.get_events_after("full", 0)[0], document) == nested(100)
    found = refusal_of(new_event(**{document: nested(101)}))
    assert found.where.startswith(document)
    assert "deep" in found.what
    assert found.limit == 100


def test_a_document_that_contains_itself_is_refused():
    endless: dict[str, Any] = {}
    endless["self"] = [endless]
    assert "deep" in refusal_of(new_event(data=endless)).what


@pytest.mark.parametrize("document", ["data", "metadata"])
def test_documents_are_limited_in_bytes(document):
    empty = len('{"text":""}')
    full = {"text": "é" * ((1_000_000 - empty) // 2)}
    full["text"] += "x" * ((1_000_000 - empty) % 2)
    store.append_event(new_event(**{document: full}), "full")
    found = refusal_of(new_event(**{document: {"text": full["text"] + "x"}}))
    assert (found.where, found.limit) == (document, 1_000_000)
    assert "1,000,001" in found.what


def test_numbers_count_with_the_digits_that_the_database_gives_back():
    """Each of these takes ten bytes to write and 131,072 to read."""
    found = refusal_of(new_event(data={"many": [Decimal("1E+131071")] * 20}))
    assert (found.where, found.limit) == ("data", 1_000_000)


def test_limits_are_settings(settings):
    settings.EVENTSTORE = {
        "MAX_PAYLOAD_BYTES": 50,
        "MAX_METADATA_BYTES": 40,
        "MAX_DEPTH": 2,
    }
    assert refusal_of(new_event(data={"text": "x" * 50})).limit == 50
    assert refusal_of(new_event(metadata={"text": "x" * 40})).limit == 40
    assert refusal_of(new_event(data=nested(3))).limit == 2


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 1, 1),  # noqa: DTZ001 - that is the fault
        "2026-01-01T00:00:00Z",
        None,
        0,
        datetime.now(UTC).date(),
    ],
)
def test_a_moment_that_is_no_aware_datetime_is_refused(moment):
    assert refusal_of(new_event(occurred_at=moment)).where == "occurred_at"


def test_a_moment_may_lie_a_little_in_the_future():
    now = datetime.now(UTC)
    store.append_event(new_event(occurred_at=now + timedelta(seconds=290)), "full")
    found = refusal_of(new_event(occurred_at=now + timedelta(seconds=400)))
    assert (found.where, found.limit) == ("occurred_at", 300)


@pytest.mark.parametrize("hours", [-12, 0, 5.5, 14])
def test_moments_of_any_zone_come_back_in_utc(hours):
    zone = timezone(timedelta(hours=hours))
    moment = datetime(2026, 2, 28, 23, 59, 59, 999999, tzinfo=zone)
    stored = store.append_event(new_event(occurred_at=moment), "acme")
    assert stored.occurred_at == moment
    assert store.get_event(stored.event_id, "acme").occurred_at == moment
    assert stored.occurred_at.tzinfo is UTC


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00+14:00", "0001-01-01T00:00:01+00:01"]
)
def test_a_moment_before_the_first_year_in_utc_is_refused(moment):
    """It would be stored, and no read could give it back."""
    found = refusal_of(new_event(occurred_at=datetime.fromisoformat(moment)))
    assert found.where == "occurred_at"


def test_the_first_moment_of_all_can_be_read_back():
    first = datetime(1, 1, 1, tzinfo=UTC)
    stored = store.append_event(new_event(occurred_at=first), "acme")
    assert store.get_event(stored.event_id, "acme").occurred_at == first


@pytest.mark.parametrize(
    "name", ["eventstore.EventRedacted", "eventstore.", "eventstore.x"]
)
@pytest.mark.parametrize("field", ["event_type", "aggregate_type"])
@pytest.mark.parametrize("count", [1, 3])
def test_reserved_names_are_refused(field, name, count):
    found = refusal_of(new_event(**{field: name}), count=count)
    assert found.where == field
    assert name in found.what


@pytest.mark.parametrize("name", ["eventstore", "Eventstore.x", "my.eventstore.x"])
def test_names_that_only_look_reserved_are_free(name):
    stored = store.append_event(new_event(event_type=name, aggregate_type=name), "acme")
    assert (stored.event_type, stored.aggregate_type) == (name, name)


@pytest.mark.parametrize("key", ["correlation_id", "causation_id"])
@pytest.mark.parametrize(
    ("value", "limit"), [(7, None), ({}, None), (True, None), ("é" * 101, 200)]
)
def test_ids_in_the_metadata_are_short_texts(key, value, limit):
    found = refusal_of(new_event(metadata={key: value}))
    assert (found.where, found.limit) == (f"metadata.{key}", limit)


@pytest.mark.parametrize(
    "actor",
    [
        "ada",
        7,
        None,
        {},
        {"type": "user"},
        {"id": 7},
        {"id": None},
        [],
        {"redacted": True},
    ],
)
def test_an_actor_without_an_id_as_text_is_refused(actor):
    found = refusal_of(new_event(metadata={"actor": actor}))
    assert found.where in ("metadata.actor", "metadata.actor.id")


def test_an_actor_id_is_limited_in_bytes():
    actor = {"type": "user", "id": "é" * 101}
    found = refusal_of(new_event(metadata={"actor": actor}))
    assert (found.where, found.limit) == ("metadata.actor.id", 200)
    found = refusal_of(new_event(metadata={"user_id": "é" * 101}))
    assert found.where == "metadata.actor.id"
