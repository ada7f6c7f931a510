from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.exceptions import InvalidEvent
from eventstore.transfer import lines
from tests.eventstore.transfer.logs import json_line, new_line

_BAD_FIELDS = [
    ({"event_id": 7}, "event_id: is 7, a int"),
    ({"event_id": ""}, "event_id: is empty."),
    ({"event_id": "a\0b"}, "event_id: contains a NUL character."),
    ({"event_id": "\ud800"}, "event_id: contains a lone surrogate."),
    ({"tenant_id": "t" * 201}, "tenant_id: has 201 bytes in UTF-8; at most 200 fit."),
    ({"aggregate_id": "é" * 401}, "aggregate_id: has 802 bytes in UTF-8"),
    ({"aggregate_type": None}, "aggregate_type: is None, a NoneType"),
    ({"event_type": []}, "event_type: is [], a list"),
    ({"event_version": 1}, "event_version: is 1, a int"),
    ({"occurred_at": 1442018818}, "occurred_at: is 1442018818, but must be text"),
    ({"occurred_at": "yesterday"}, "occurred_at: is 'yesterday'; it must be a time"),
    ({"occurred_at": "2015-09-12T00:46:58"}, "occurred_at: is '2015-09-12T00:46:58'"),
    ({"occurred_at": "2015-13-12T00:46:58Z"}, "occurred_at: is '2015-13-12T00:46:58Z'"),
    ({"occurred_at": "2015-09-12T00:46:58.1234567Z"}, "no more than microseconds"),
    ({"occurred_at": "0001-01-01T00:00:00+01:00"}, "occurred_at: is '0001-01-01"),
    (
        {"occurred_at": (datetime.now(UTC) + timedelta(days=1)).isoformat()},
        "more than 300 s in the future",
    ),
    ({"event_data": []}, "event_data: is a list, but must be a JSON object."),
    ({"event_data": None}, "event_data: is null, but must be a JSON object."),
    ({"event_data": {"a": ["\0"]}}, "event_data: contains the character"),
    ({"event_data": {"a": "\ud83e"}}, "event_data: contains a lone surrogate"),
    ({"event_data": {"a": "x" * 1_000_000}}, "event_data: has 1,000,008 bytes as JSON"),
    ({"metadata": "me"}, "metadata: is a str, but must be a JSON object."),
    ({"metadata": {"actor": "me"}}, 'metadata.actor: must be {"type": ..., "id": ...}'),
    ({"metadata": {"correlation_id": 7}}, "metadata.correlation_id: is 7; it must be"),
    (
        {"metadata": {"causation_id": "c" * 201}},
        "metadata.causation_id: is longer than",
    ),
    ({"position": "7"}, "position: is '7'; it must be a whole number from 1 up."),
    ({"aggregate_version": 0}, "aggregate_version: is 0; it must be a whole number"),
    ({"aggregate_version": True}, "aggregate_version: is True; it must be a whole"),
    ({"aggregate_version": 1 << 63}, "aggregate_version: is 9223372036854775808;"),
    ({"stored_at": 7}, "stored_at: is 7, but must be text"),
    ({"stored_at": "now"}, "stored_at: is 'now'; it must be a time of RFC 3339"),
    ({"is_redacted": "yes"}, "is_redacted: is 'yes', but must be true or false."),
    ({"is_redacted": True}, "is_redacted: is true, but neither event_data nor"),
    ({"user": "me"}, "line: has the unknown field 'user'; known are aggregate_id,"),
]
_BAD_TEXTS = [
    ("", "line: is no JSON: Expecting value at character 1."),
    ("[]", "line: is no JSON object."),
    ('"text"', "line: is no JSON object."),
    ("{}", "event_id: is missing.|tenant_id: is missing."),
    ('{"event_id": "1"', "line: is no JSON: Expecting"),
    ('{"event_id" "1"}', "line: is no JSON: Expecting ':' delimiter at character 13."),
    ("{,}", "line: is no JSON: "),
    ('{"a":1,}', "line: is no JSON: "),
    ('{"a":1} {"b":2}', "line: is no JSON: Extra data at character 9."),
    ('{"a": NaN}', "line: contains NaN, which is no JSON."),
    ('{"a": -Infinity}', "line: contains -Infinity, which is no JSON."),
    ('{"a": 1, "a": 2}', "line: names the key 'a' twice in one object."),
    ('{"a": {"b": 1, "b": 2}}', "line: names the key 'b' twice in one object."),
    ('{"a": "\t"}', "line: is no JSON: Invalid control character at"),
    ('{"a": ' + "[" * 100_000, "line: nests too deep."),
]


@pytest.mark.parametrize(("fields", "reason"), _BAD_FIELDS)
def test_a_bad_field_is_named(fields: dict[str, Any], reason: str):
    assert reason in _refusal(json.dumps(new_line(**fields)))


@pytest.mark.parametrize(("text", "reason"), _BAD_TEXTS)
def test_a_text_that_is_no_event_is_refused_with_its_reason(text: str, reason: str):
    said = _refusal(text)
    assert any(one in said for one in reason.split("|"))


@pytest.mark.parametrize("name", list(new_line()))
def test_a_missing_field_is_named(name: str):
    fields = new_line()
    del fields[name]
    assert _refusal(json_line(fields)) == f"{name}: is missing."


def test_bytes_that_are_no_utf8_are_refused_with_their_place():
    with pytest.raises(InvalidEvent, match=r"line: is no UTF-8: .* at byte 3"):
        lines.parse(1, b'{"\xff": 1}')


@pytest.mark.parametrize(
    "number",
    ["1E400", "-1.5e-300", "0.1000000000000000000000000001", "9" * 400, "1.00", "-0"],
)
def test_numbers_pass_as_they_are_written(number: str):
    text = json_line(new_line()).replace('"number 1"', number)
    document = _columns(lines.parse(1, text.encode()))[10]
    kept = json.loads(document, parse_float=Decimal, parse_int=Decimal)["title"]
    assert kept.as_tuple() == Decimal(number).as_tuple()


@pytest.mark.parametrize("number", ["1e131072", "1e-16384", "9" * 131_073])
def test_numbers_that_the_database_cannot_hold_are_refused(number: str):
    text = json_line(new_line()).replace('"number 1"', number)
    assert _refusal(text).startswith("event_data.title: is beyond what PostgreSQL's")


def test_levels_count_within_a_document():
    deep: Any = "end"
    for _ in range(99):
        deep = [deep]
    lines.parse(1, json_line(new_line(event_data={"deep": deep})).encode())
    said = _refusal(json_line(new_line(event_data={"deep": [deep]})))
    assert said == "event_data: nests deeper than 100 levels."


def test_the_short_form_of_an_actor_is_made_an_actor():
    row = lines.parse(1, json_line(new_line(metadata={"user_id": 7})).encode())
    assert '{"actor":{"type":"user","id":"7"}}' in row.staged


def test_a_removed_value_may_stand_where_an_id_is_wanted_if_the_line_says_so():
    gone = {"redacted": True}
    metadata = {"actor": {"type": "user", "id": gone}, "correlation_id": gone}
    row = lines.parse(
        1, json_line(new_line(metadata=metadata, is_redacted=True)).encode()
    )
    assert json.loads(_columns(row)[2]) == [
        "/metadata/actor/id",
        "/metadata/correlation_id",
    ]
    assert "metadata" in _refusal(json_line(new_line(metadata=metadata)))


@pytest.mark.parametrize(
    ("fields", "removed"),
    [
        ({"event_data": {"redacted": True}}, ["/data"]),
        ({"event_data": {"a/b": [1, {"~": {"redacted": True}}]}}, ["/data/a~1b/1/~0"]),
        ({"metadata": {"actor": {"redacted": True}}}, ["/metadata/actor"]),
    ],
)
def test_the_places_of_removed_values_are_found(
    fields: dict[str, Any], removed: list[str]
):
    row = lines.parse(1, json_line(new_line(**fields, is_redacted=True)).encode())
    assert json.loads(_columns(row)[2]) == removed


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
        _VALUES,
        max_size=5,
    ),
    st.booleans(),
    st.sampled_from([None, 1]),
)
def test_a_document_passes_whole_however_it_is_written(
    data: dict[str, Any], is_ascii: bool, indent: int | None
):
    text = json.dumps(new_line(event_data=data), ensure_ascii=is_ascii, indent=indent)
    row = lines.parse(1, text.replace("\n", " ").encode())
    assert json.loads(_columns(row)[10]) == data


_INNER = {"event_data": {"a": 1}, "metadata": {"b": [2]}}


@pytest.mark.parametrize("is_turned", [False, True])
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": "), (" ,\t", " : ")])
@pytest.mark.parametrize(
    "fields",
    [
        {"event_data": {"metadata": {}, "event_data": {"is": "inner"}}},
        {"event_data": _INNER, "metadata": _INNER},
        {"event_data": {"x": '"event_data":{}'}, "metadata": {'"metadata":': "y"}},
        {"event_data": {'"event_data': 1, "NaN": "Infinity"}},
        {"event_data": {"is": "NaN"}, "metadata": {"is": "-Infinity"}},
        {"aggregate_id": '"event_data":{"not": "this"}', "event_type": "NaN"},
    ],
)
def test_the_documents_are_those_of_the_line_wherever_their_names_stand(
    fields: dict[str, Any], separators: tuple[str, str], *, is_turned: bool
):
    line = new_line(**fields)
    items = reversed(line.items()) if is_turned else line.items()
    row = lines.parse(1, json.dumps(dict(items), separators=separators).encode())
    *_, data, metadata = _columns(row)
    assert json.loads(data) == line["event_data"]
    assert json.loads(metadata) == line["metadata"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        # The first that has the name is an inner one, and that of the line is none.
        (('"metadata":{', '"metadata":{"event_data":{"a":1},'), "event_data: must be"),
        (('"event_data":{', '"event_data":0,"event_data":{'), "names the key"),
        (('"event_data":{', '"event_data":{},"event_data":{'), "names the key"),
        (('"event_data":{', '"event_data":NaN,"x":{'), "contains NaN"),
        (('"metadata":{', '"metadata":{"a":Infinity,'), "contains Infinity"),
        (('"metadata":{', '"metadata":{"a":1,"a":1,'), "names the key 'a' twice"),
        (('"metadata":{', '"metadata" {'), "is no JSON"),
        (('"metadata":{', '"metadata":{,'), "is no JSON"),
    ],
)
def test_what_is_no_line_stays_none_however_its_documents_are_found(
    change: tuple[str, str], reason: str
):
    line = new_line(metadata={"ip": "192.0.2.1"})
    if reason.startswith("event_data: must be"):
        line = {"metadata": line.pop("metadata"), **line, "event_data": 0}
        reason = "event_data: is a int, but must be a JSON object."
    text = json.dumps(line, separators=(",", ":")).replace(*change)
    assert reason in _refusal(text)


def _columns(row: lines.ImportRow) -> list[str]:
    """What PostgreSQL makes of a row of COPY, if nothing but a backslash is escaped."""
    return row.staged.rstrip("\n").replace("\\\\", "\\").split("\t")


def _refusal(text: str) -> str:
    with pytest.raises(InvalidEvent) as refusal:
        lines.parse(1, text.encode(errors="surrogatepass"))
    return str(refusal.value)
