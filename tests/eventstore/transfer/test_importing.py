from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from eventstore import IsolationLevelError, store
from eventstore.redacting import redactions_of
from eventstore.sql import copying
from eventstore.transfer import chunks
from tests.eventstore.transfer.conftest import Imported
from tests.eventstore.transfer.logs import json_line, new_line
from tests.factories import new_event

pytestmark = pytest.mark.django_db

BringIn = Callable[..., Imported]


@pytest.fixture(params=[3, chunks.CHUNK_LINES])
def chunk_size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """What holds for a chunk must hold across chunks."""
    monkeypatch.setattr(chunks, "CHUNK_LINES", request.param)
    return int(request.param)


@pytest.fixture(params=["import", "dry run"])
def bring_in_both_ways(
    request: pytest.FixtureRequest, bring_in_lines: BringIn, chunk_size: int
) -> BringIn:
    """A dry run says what an import then does."""
    return lambda *lines, **options: bring_in_lines(
        *lines, **options, dry_run=request.param == "dry run"
    )


def test_each_bad_line_is_named_with_its_number_and_the_good_ones_are_stored(
    bring_in_both_ways: BringIn,
):
    imported = bring_in_both_ways(
        new_line(1),
        "",
        "no JSON",
        new_line(2, event_type=""),
        b"\xff\xfe\n",
        new_line(3),
        new_line(1, event_type="Another"),
        new_line(4, aggregate_version=7),
        new_line(5, is_redacted=True),
        json_line(new_line(6)).replace("}", ",}", 1),
    )
    assert imported.counts == (2, 0, 7)
    assert [line.partition(": ")[0] for line in imported.said] == [
        f"line {number}" for number in (3, 4, 5, 7, 8, 9, 10)
    ]
    assert imported.said[3:5] == [
        "line 7: event_id: belongs to another event.",
        (
            "line 8: aggregate_version: is 7, but 3 comes next in this aggregate. "
            "Import the missing events first, or use --renumber."
        ),
    ]


def test_what_is_stored_already_is_known_and_a_repeated_line_too(
    bring_in_lines: BringIn, bring_in_both_ways: BringIn
):
    bring_in_lines(new_line(1), new_line(2))
    imported = bring_in_both_ways(
        new_line(2), new_line(3), new_line(3), new_line(1), new_line(3)
    )
    assert imported.counts == (1, 4, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"aggregate_id": "R-2"},
        {"aggregate_type": "Release"},
        {"event_type": "Another"},
        {"event_version": "v2"},
        {"event_data": {"title": "another"}},
        {"event_data": {"title": "number 1", "more": 1}},
    ],
)
def test_an_id_that_belongs_to_another_event_is_a_bad_line(
    change: dict[str, Any], bring_in_lines: BringIn, bring_in_both_ways: BringIn
):
    bring_in_lines(new_line(1))
    assert bring_in_both_ways(new_line(1, **change)).said == [
        "line 1: event_id: belongs to another event."
    ]
    assert bring_in_both_ways(new_line(2), new_line(2, **change)).counts == (1, 0, 1)


def test_metadata_and_times_do_not_make_another_event(bring_in_lines: BringIn):
    bring_in_lines(new_line(1))
    again = new_line(1, metadata={"ip": "::1"}, occurred_at="2016-01-01T00:00:00Z")
    assert bring_in_lines(again).counts == (0, 1, 0)


def test_one_id_is_two_events_in_two_tenants(bring_in_both_ways: BringIn):
    lines = (new_line(1), new_line(1, tenant_id="other"))
    assert bring_in_both_ways(*lines).counts == (2, 0, 0)


def test_versions_must_go_on_where_the_aggregate_stands(
    bring_in_lines: BringIn, bring_in_both_ways: BringIn
):
    bring_in_lines(new_line(1), new_line(2))
    imported = bring_in_both_ways(
        new_line(3, aggregate_version=3),
        new_line(4, aggregate_version=5),
        new_line(5, aggregate_version=4),
        new_line(6, aggregate_version=4),
        new_line(7),
        new_line(8, aggregate_version=6),
        new_line(9, aggregate_version=1, aggregate_id="R-2"),
        new_line(10, aggregate_version=1, aggregate_type="Release"),
    )
    assert imported.counts == (6, 0, 2)
    assert [line.split(",")[0] for line in imported.said] == [
        "line 2: aggregate_version: is 5",
        "line 4: aggregate_version: is 4",
    ]


def test_known_events_may_come_before_new_ones(
    bring_in_lines: BringIn, bring_in_both_ways: BringIn
):
    lines = [new_line(number, aggregate_version=number) for number in range(1, 9)]
    bring_in_lines(*lines[:5])
    assert bring_in_both_ways(*lines).counts == (3, 5, 0)


def test_renumber_lets_events_follow_whatever_is_stored(
    bring_in_lines: BringIn, chunk_size: int
):
    store.append_event(new_event(), "acme")
    numbers = (7, 9, 3, 3)
    imported = bring_in_lines(
        *(
            new_line(place, aggregate_version=number)
            for place, number in enumerate(numbers)
        ),
        renumber=True,
    )
    assert imported.counts == (4, 0, 0)
    history = store.get_events_for_aggregate("R-1", "acme")
    assert [event.aggregate_version for event in history] == [1, 2, 3, 4, 5]
    assert [event.event_id for event in history[1:]] == [
        f"event-{place}" for place in range(4)
    ]


def test_the_clock_of_the_database_says_when_a_line_was_stored(
    bring_in_lines: BringIn, sql: Callable[..., Any]
):
    before = datetime.now(UTC)
    bring_in_lines(
        new_line(1, stored_at="2001-01-01T00:00:00Z", position=77), new_line(2)
    )
    first, second = store.get_events_for_aggregate("R-1", "acme")
    assert before < first.stored_at <= second.stored_at
    head = sql("SELECT current_version, last_stored_at FROM event_aggregates")
    assert head == [(2, second.stored_at)]


def test_an_import_goes_no_further_back_than_the_last_event(
    bring_in_lines: BringIn, sql: Callable[..., Any]
):
    store.append_event(new_event(), "acme")
    sql("UPDATE event_aggregates SET last_stored_at = now() + interval '1 hour'")
    bring_in_lines(new_line(1))
    last = sql("SELECT last_stored_at FROM event_aggregates")[0][0]
    assert store.get_events_for_aggregate("R-1", "acme")[-1].stored_at == last


def test_refused_lines_leave_no_aggregate_behind(
    bring_in_lines: BringIn, footprint: Callable[[], Any]
):
    bring_in_lines(new_line(1))
    before = footprint()
    refused = bring_in_lines(
        new_line(2, aggregate_id="R-2", aggregate_version=9),
        new_line(1, aggregate_id="R-3"),
    )
    assert refused.counts == (0, 0, 2)
    assert footprint()[:2] == before[:2]


def test_a_dry_run_leaves_no_trace(
    bring_in_lines: BringIn, footprint: Callable[[], Any], sql: Callable[..., Any]
):
    bring_in_lines(new_line(1))
    before = footprint()
    position = "SELECT last_value FROM stored_domain_events_position_seq"
    drawn = sql(position)
    assert bring_in_lines(new_line(1), new_line(2), dry_run=True).counts == (1, 1, 0)
    assert footprint() == before
    assert sql(position) == drawn
    assert sql("SELECT count(*) FROM eventstore_import_lines") == [(0,)]
    assert sql("SELECT to_regclass('pg_temp.eventstore_preview')") == [(None,)]


def test_rejects_are_the_bad_lines_as_they_were(
    bring_in_lines: BringIn, tmp_path: Path
):
    bad = ['{"event_id": ', json_line(new_line(2, event_version=None))]
    rejects = tmp_path / "bad.jsonl"
    bring_in_lines(bad[0], new_line(1), bad[1], b"\xff\r\n", rejects=str(rejects))
    assert rejects.read_bytes() == f"{bad[0]}\n{bad[1]}\n".encode() + b"\xff\n"


def test_no_more_than_fifty_bad_lines_are_shown(bring_in_lines: BringIn):
    imported = bring_in_lines(*["bad"] * 60, new_line(1))
    assert imported.counts == (1, 0, 60)
    assert len(imported.said) == 51
    assert imported.said[-1] == "Further bad lines are counted and not shown."


def test_reserved_names_come_in(bring_in_lines: BringIn):
    imported = bring_in_lines(
        new_line(
            1,
            event_type="eventstore.EventRedacted",
            aggregate_type="eventstore.Redaction",
        )
    )
    assert imported.counts == (1, 0, 0)


def test_a_redacted_event_comes_with_a_record_of_its_import(bring_in_lines: BringIn):
    line = new_line(
        1,
        event_data={"email": {"redacted": True}, "name": "left"},
        metadata={"ip": {"redacted": True}},
        is_redacted=True,
    )
    assert bring_in_lines(line).counts == (1, 0, 0)
    event = store.get_events_for_aggregate("R-1", "acme")[0]
    assert event.is_redacted
    (record,) = redactions_of("event-1", "acme")
    assert (record.kind, record.fields, record.position) == (
        "imported",
        ("/data/email", "/metadata/ip"),
        event.position,
    )
    assert record.actor == {"type": "system", "id": "eventstore_import"}
    assert bring_in_lines(line).counts == (0, 1, 0)
    assert len(redactions_of("event-1", "acme")) == 1


def test_a_line_from_before_a_redaction_is_known_and_brings_nothing_back(
    bring_in_lines: BringIn, bring_in_both_ways: BringIn
):
    bring_in_lines(new_line(1))
    store.redact_event("event-1", "acme", ["/data/title"])
    assert bring_in_both_ways(new_line(1)).counts == (0, 1, 0)
    gone = {"title": {"redacted": True}}
    again = new_line(1, event_data=gone, is_redacted=True)
    assert bring_in_both_ways(again).counts == (0, 1, 0)
    assert store.get_events_for_aggregate("R-1", "acme")[0].data == gone


def test_a_line_that_lacks_what_is_still_stored_says_so(
    bring_in_lines: BringIn, bring_in_both_ways: BringIn
):
    bring_in_lines(new_line(1))
    line = new_line(1, event_data={"redacted": True}, is_redacted=True)
    assert bring_in_both_ways(line).said == [
        (
            "line 1: is_redacted: is true, but the stored event still holds what was "
            "removed here. Redact it with redact_event()."
        )
    ]


def test_the_context_adds_nothing_to_what_a_line_says(bring_in_lines: BringIn):
    from eventstore import event_context

    with event_context(actor="me", ip="::1"):
        bring_in_lines(new_line(1))
    assert store.get_events_for_aggregate("R-1", "acme")[0].metadata == {}


def test_texts_of_any_kind_come_in_whole(bring_in_lines: BringIn):
    texts = [
        '"\\/',
        "\\N",
        "a\tb\nc\rd",
        "\\t",
        "שלום",
        "🦊",
        "'",
        " ",
        "%s",
        "\x01\x7f",
    ]
    written = [
        new_line(number, aggregate_id=text, event_data={text: [text]})
        for number, text in enumerate(texts)
    ]
    ascii_only = [
        json.dumps(new_line(number + 100, aggregate_id=text, event_data={text: [text]}))
        for number, text in enumerate(texts)
    ]
    assert bring_in_lines(*written, *ascii_only).counts == (20, 0, 0)
    for text in texts:
        history = store.get_events_for_aggregate(text, "acme")
        assert [event.data for event in history] == [{text: [text]}] * 2


def test_a_line_that_is_too_long_is_passed_over(
    bring_in_lines: BringIn, settings: Any, tmp_path: Path
):
    settings.EVENTSTORE = {"MAX_PAYLOAD_BYTES": 1_000, "MAX_METADATA_BYTES": 1_000}
    long = json_line(new_line(1, event_data={"text": "x" * 500_000}))
    imported = bring_in_lines(long, new_line(2), long + " " * 200_000, new_line(3))
    assert imported.counts == (2, 0, 2)
    assert imported.said[1] == (
        "line 3: line: has more than 112,000 bytes, more than any event may have."
    )


def test_a_value_that_only_the_database_refuses_costs_no_other_line(
    bring_in_lines: BringIn, monkeypatch: pytest.MonkeyPatch
):
    # A check of ours that is too kind.
    monkeypatch.setattr("eventstore.serialization._MAX_SCALE", 1_000_000)
    too_small = json_line(new_line(2)).replace('"number 2"', "1e-20000")
    imported = bring_in_lines(new_line(1), too_small, new_line(3))
    assert imported.counts == (2, 0, 1)
    assert imported.said[0].startswith("line 2: line: the database cannot hold it: ")


def test_lines_beyond_the_limits_are_refused_by_the_database_too(
    sql: Callable[..., Any],
):
    columns = [
        "7",
        "",
        "",
        "acme",
        "T",
        "i" * 801,
        "e",
        "t",
        "v1",
        "2020-01-01Z",
        "{}",
        "{}",
    ]
    copying.copy_in("import_stage", [copying.copy_line(columns)])
    assert sql("SELECT * FROM eventstore_import_chunk_v1(false)") == [
        (7, "limit", None)
    ]
    assert sql("SELECT count(*) FROM stored_domain_events") == [(0,)]


@pytest.mark.django_db(transaction=True)
def test_another_isolation_level_is_refused(bring_in_lines: BringIn):
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        with pytest.raises(IsolationLevelError):
            bring_in_lines(new_line(1))
