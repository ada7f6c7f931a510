from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from eventstore import DomainEvent, InvalidEvent, StoredDomainEvent
from eventstore.cloudevents import from_cloudevent, to_cloudevent, to_json
from eventstore.serialization import decode_exactly

STORED = StoredDomainEvent(
    position=5_000_000_000,
    event_id="0199-1",
    tenant_id="acme & sons",
    aggregate_type="Requirement",
    aggregate_id="R/1",
    aggregate_version=3,
    event_type="RequirementApproved",
    event_version="v2",
    occurred_at=datetime(2026, 1, 31, 12, 0, 0, 250_000, UTC),
    stored_at=datetime(2026, 1, 31, 12, 0, 1, tzinfo=UTC),
    data={"by": "mia"},
    metadata={
        "correlation_id": "c-1",
        "causation_id": "c-0",
        "ip": "192.0.2.1",
        "actor": {"type": "user", "id": "7"},
    },
)
MINIMAL = {
    "specversion": "1.0",
    "id": "1",
    "source": "/x",
    "type": "Paid",
    "aggregatetype": "Order",
    "aggregateid": "7",
}


def test_every_fact_of_an_event_has_its_attribute():
    assert to_cloudevent(STORED) == {
        "specversion": "1.0",
        "id": "0199-1",
        "source": "/tenants/acme%20%26%20sons/aggregates/Requirement/R%2F1",
        "type": "RequirementApproved",
        "subject": "R/1",
        "time": "2026-01-31T12:00:00.250000Z",
        "datacontenttype": "application/json",
        "tenantid": "acme & sons",
        "aggregatetype": "Requirement",
        "aggregateid": "R/1",
        "aggregateversion": "3",
        "eventversion": "v2",
        "position": "5000000000",
        "recordedtime": "2026-01-31T12:00:01Z",
        "partitionkey": "acme%20%26%20sons/Requirement/R%2F1",
        "correlationid": "c-1",
        "causationid": "c-0",
        "data": {"by": "mia"},
    }


def test_the_source_can_begin_with_the_address_of_the_deployment(settings):
    settings.EVENTSTORE = {"CLOUDEVENTS_SOURCE": "https://qa.example.com"}
    assert to_cloudevent(STORED)["source"] == (
        "https://qa.example.com/tenants/acme%20%26%20sons/aggregates/Requirement/R%2F1"
    )


def test_the_rest_of_the_metadata_goes_along_only_when_it_is_asked_for():
    assert "192.0.2.1" not in json.dumps(to_cloudevent(STORED))
    assert json.loads(to_cloudevent(STORED, with_metadata=True)["metadata"]) == (
        STORED.metadata
    )


def test_a_redacted_event_says_so():
    assert to_cloudevent(replace(STORED, is_redacted=True))["redacted"] is True


def test_the_json_is_that_of_the_document():
    document = to_cloudevent(replace(STORED, data={"sum": Decimal("0.10"), "é": [1]}))
    assert b'"data":{"sum":0.10,"\xc3\xa9":[1]}' in to_json(document)


def test_attribute_names_are_of_the_characters_and_length_that_are_allowed():
    for name in to_cloudevent(STORED, with_metadata=True):
        assert name.isascii()
        assert name.isalnum()
        assert name == name.lower()
        assert len(name) <= 20


@pytest.mark.parametrize(
    "sign", ["\x00", "\n", "\x7f", "\x9f", "\ud800", "\ufdd0", "\uffff", "\U0001fffe"]
)
def test_an_id_with_a_sign_that_cloudevents_forbid_is_refused(sign):
    with pytest.raises(InvalidEvent) as refused:
        to_cloudevent(replace(STORED, event_id=f"a{sign}"))
    assert refused.value.where == "id"


_signs = st.characters(
    exclude_categories=["Cs", "Cc"],
    exclude_characters="".join(map(chr, range(0xFDD0, 0xFDF0)))
    + "".join(
        chr(plane << 16 | low) for plane in range(17) for low in (0xFFFE, 0xFFFF)
    ),
)
_texts = st.text(_signs, min_size=1, max_size=30)


def _objects(*numbers):
    values = st.recursive(
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(),
            st.text(_signs, max_size=20),
            *numbers,
        ),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text(_signs, max_size=9), inner, max_size=3)
        ),
        max_leaves=5,
    )
    return st.dictionaries(st.text(_signs, max_size=9), values, max_size=3)


_data = _objects(st.floats(allow_nan=False, allow_infinity=False))
#: Without floats: the text of metadata is read exactly, as ``Decimal``.
_metadata = _objects()
_moments = st.datetimes(
    min_value=datetime(1970, 1, 2),  # noqa: DTZ001 - the zone comes with timezones=
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001 - as above
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=-11))]),
)


@st.composite
def _stored(draw):
    ids = draw(st.fixed_dictionaries({}, optional={
        "correlation_id": _texts, "causation_id": _texts,
    }))  # fmt: skip
    return StoredDomainEvent(
        position=draw(st.integers(1, 1 << 62)),
        event_id=draw(_texts),
        tenant_id=draw(_texts),
        aggregate_type=draw(_texts),
        aggregate_id=draw(_texts),
        aggregate_version=draw(st.integers(1, 1 << 62)),
        event_type=draw(_texts),
        event_version=draw(_texts),
        occurred_at=draw(_moments),
        stored_at=draw(_moments),
        data=draw(_data),
        metadata=draw(_metadata) | ids,
    )


@hypothesis_settings(max_examples=50, deadline=None)
@given(_stored())
def test_what_goes_out_as_json_comes_back_as_the_same_event(stored):
    text = to_json(to_cloudevent(stored, with_metadata=True)).decode()
    assert from_cloudevent(json.loads(text), tenant_id=stored.tenant_id) == (
        DomainEvent(
            event_id=stored.event_id,
            event_type=stored.event_type,
            aggregate_type=stored.aggregate_type,
            aggregate_id=stored.aggregate_id,
            event_version=stored.event_version,
            occurred_at=stored.occurred_at,
            data=stored.data,
            metadata=stored.metadata,
        )
    )


def test_numbers_of_any_size_survive_both_ways():
    stored = replace(STORED, data={"n": Decimal("1.10"), "big": 1 << 90})
    text = to_json(to_cloudevent(stored)).decode()
    assert from_cloudevent(decode_exactly(text)).data == stored.data


def test_a_foreign_event_needs_little():
    found = from_cloudevent({**MINIMAL, "traceparent": "00-1", "subject": None})
    assert (found.event_type, found.aggregate_type) == ("Paid", "Order")
    assert (found.event_version, found.data) == ("v1", {})
    assert found.metadata == {"traceparent": "00-1"}
    assert datetime.now(UTC) - found.occurred_at < timedelta(seconds=5)


def test_the_subject_stands_for_an_aggregate_id_that_is_not_given():
    given = {**MINIMAL, "aggregateid": None, "subject": "42"}
    assert from_cloudevent(given).aggregate_id == "42"


def test_what_the_log_decides_by_itself_is_not_taken_over():
    given = {**MINIMAL, "position": "9", "aggregateversion": "9", "redacted": True}
    assert from_cloudevent(given).metadata == {}


@pytest.mark.parametrize(
    "media_type",
    ["application/json", "Application/JSON; charset=utf-8", "application/x.y+json"],
)
def test_every_media_type_of_json_is_taken(media_type):
    given = {**MINIMAL, "datacontenttype": media_type, "data": {"a": 1}}
    assert from_cloudevent(given).data == {"a": 1}


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("2026-01-31T12:00:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31t13:00:00.5+01:00", datetime(2026, 1, 31, 12, 0, 0, 500000, UTC)),
    ],
)
def test_times_are_read_as_rfc_3339_has_them(time, expected):
    assert from_cloudevent({**MINIMAL, "time": time}).occurred_at == expected


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"specversion": "0.3"}, "specversion"),
        ({"specversion": 1}, "specversion"),
        ({"specversion": None}, "specversion"),
        ({"id": None}, "id"),
        ({"id": ""}, "id"),
        ({"id": 7}, "id"),
        ({"source": None}, "source"),
        ({"source": ""}, "source"),
        ({"source": "a b"}, "source"),
        ({"source": "%zz"}, "source"),
        ({"type": None}, "type"),
        ({"type": ""}, "type"),
        ({"subject": ""}, "subject"),
        ({"aggregatetype": None}, "aggregatetype"),
        ({"aggregateid": None}, "aggregateid"),
        ({"time": "2026-01-31"}, "time"),
        ({"time": "2026-01-31T12:00:00"}, "time"),
        ({"time": "20260131T120000Z"}, "time"),
        ({"time": "2026-02-30T12:00:00Z"}, "time"),
        ({"time": "2026-01-31T23:59:60Z"}, "time"),
        ({"time": "0001-01-01T00:00:00+14:00"}, "time"),
        ({"time": 0}, "time"),
        ({"datacontenttype": "text/xml"}, "datacontenttype"),
        ({"datacontenttype": "json"}, "datacontenttype"),
        ({"data": "text"}, "data"),
        ({"data": None}, "data"),
        ({"data": [1]}, "data"),
        ({"data_base64": "AA=="}, "data_base64"),
        ({"Upper": "x"}, "'Upper'"),
        ({"with_line": "x"}, "'with_line'"),
        ({"": "x"}, "''"),
        ({"ext": 1.5}, "ext"),
        ({"ext": {"a": 1}}, "ext"),
        ({"ext": 1 << 31}, "ext"),
        ({"ext": "tab\t"}, "ext"),
        ({"eventversion": 2}, "eventversion"),
        ({"metadata": "[]"}, "metadata"),
        ({"metadata": "{"}, "line"),
        ({"tenantid": "globex"}, "tenantid"),
    ],
)
def test_what_is_no_cloudevent_or_no_event_of_ours_is_refused_with_its_place(
    change, where
):
    with pytest.raises(InvalidEvent) as refused:
        from_cloudevent({**MINIMAL, **change}, tenant_id="acme")
    assert refused.value.where == where


@pytest.mark.parametrize("document", [None, [], "x", 1])
def test_what_is_no_object_is_refused(document):
    with pytest.raises(InvalidEvent, match="must be a JSON object"):
        from_cloudevent(document)


def test_integers_of_32_bits_are_taken_and_a_tenant_that_agrees():
    given = {**MINIMAL, "ext": -(1 << 31), "tenantid": "acme"}
    assert from_cloudevent(given, tenant_id="acme").metadata == {"ext": -(1 << 31)}
