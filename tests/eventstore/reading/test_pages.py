from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from eventstore import AmbiguousAggregate, EventNotFound, InvalidCursor, Page, store
from tests.factories import new_event

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def log():
    """Forty events of two types on four aggregates; business time runs backwards."""
    return store.append_events(
        [
            new_event(
                "RequirementCreated" if number % 3 else "RequirementApproved",
                aggregate_type="Requirement" if number % 2 else "Release",
                aggregate_id=f"A-{number % 4}",
                data={"number": number},
                occurred_at=START - timedelta(minutes=number // 2),
            )
            for number in range(40)
        ],
        "acme",
    )


def numbers(events):
    return [event.data["number"] for event in events]


def by_type(**page):
    return store.get_events_by_type("acme", "RequirementCreated", **page)


def by_aggregate_type(**page):
    return store.get_events_by_aggregate_type("acme", "Release", **page)


def after(**page):
    return store.get_events_after("acme", 0, **page)


def since(**page):
    return store.get_events_since("acme", START - timedelta(minutes=15), **page)


def of_aggregate(**page):
    return store.get_events_for_aggregate("A-1", "acme", **page)


READS = {
    by_type: [number for number in range(40) if number % 3],
    by_aggregate_type: [*range(0, 40, 2)],
    after: [*range(40)],
    since: [number + twin for number in range(30, -1, -2) for twin in (0, 1)],
    of_aggregate: [*range(1, 40, 4)],
}


@pytest.mark.parametrize(("read", "expected"), READS.items())
def test_a_read_returns_what_belongs_to_it_in_its_order(read, expected, log):
    assert numbers(read()) == expected
    assert read().next_cursor is None


@pytest.mark.parametrize(("read", "expected"), READS.items())
@pytest.mark.parametrize("limit", [1, 3, 7, 39, 40, 41, 1000])
def test_pages_in_a_row_are_the_whole(read, expected, limit, log):
    page = read(limit=limit)
    found = numbers(page)
    while page.next_cursor is not None:
        assert isinstance(page, Page)
        assert len(page) == limit
        page = read(limit=limit, cursor=page.next_cursor)
        assert page, "a cursor is given only when there is more"
        found += numbers(page)
    assert found == expected


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("limit", [0, -1, True, "5", 2.0, 1 << 70])
def test_a_limit_that_is_none_is_refused(read, limit, log):
    with pytest.raises(ValueError, match="limit"):
        read(limit=limit)
    assert read(), "the transaction is still usable"


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "-1",
        "1e3",
        "٣",
        "1.2.3x",
        " 1",
        "9" * 19,
        "9" * 5000,
        "1\x00",
        "\ud800",
    ],
    ids=ascii,
)
def test_a_cursor_of_another_kind_is_refused(read, cursor, log):
    with pytest.raises(InvalidCursor):
        read(cursor=cursor)
    assert read(), "the transaction is still usable"


@pytest.mark.parametrize(
    "cursor", ["5.", ".5", "5", "99999999999999999999999.5", "x.5"]
)
def test_a_cursor_of_business_time_has_two_parts(cursor, log):
    with pytest.raises(InvalidCursor):
        since(cursor=cursor)


@pytest.mark.parametrize("read", READS)
def test_an_empty_result_has_no_cursor(read):
    page = read(limit=5)
    assert (list(page), page.next_cursor) == ([], None)


def test_a_page_without_a_limit_has_the_size_that_is_set(settings, log):
    settings.EVENTSTORE = {"PAGE_SIZE": 7}
    for read in (by_type, by_aggregate_type, after, since):
        assert len(read()) == 7
        assert read().next_cursor is not None
    assert len(of_aggregate()) == 10, "the history of an aggregate comes whole"


@pytest.mark.parametrize("size", [1, 3, 40, 1000])
def test_streams_yield_the_same_as_pages(size, settings, log):
    settings.EVENTSTORE = {"PAGE_SIZE": size}
    streams = {
        by_type: store.iter_events_by_type("acme", "RequirementCreated"),
        by_aggregate_type: store.iter_events_by_aggregate_type("acme", "Release"),
        after: store.iter_events_after("acme", 0),
        since: store.iter_events_since("acme", START - timedelta(minutes=15)),
        of_aggregate: store.iter_events_for_aggregate("A-1", "acme"),
    }
    for read, stream in streams.items():
        assert numbers(stream) == READS[read]


@pytest.mark.parametrize("size", [1, 2])
def test_a_stream_ends_though_the_log_grows_under_it(size, settings, log):
    settings.EVENTSTORE = {"PAGE_SIZE": size}

    def grow():
        store.append_event(
            new_event(
                aggregate_id="A-1", aggregate_type="Requirement", data={"number": 99}
            ),
            "acme",
        )

    for stream, expected in (
        (store.iter_events_after("acme", 0), READS[after]),
        (store.iter_events_for_aggregate("A-1", "acme"), READS[of_aggregate]),
    ):
        found = []
        for event in stream:
            found.append(event.data["number"])
            grow()
        assert found[: len(expected)] == expected
        assert len(found) < 100


@pytest.mark.parametrize("up_to", [1, 3, 10, 99])
def test_a_stream_of_an_aggregate_keeps_its_own_bound(up_to, settings, log):
    settings.EVENTSTORE = {"PAGE_SIZE": 2}
    stream = store.iter_events_for_aggregate("A-1", "acme", up_to_version=up_to)
    assert numbers(stream) == READS[of_aggregate][:up_to]


def test_after_a_position_begins_behind_it(log):
    assert numbers(store.get_events_after("acme", log[36].position)) == [37, 38, 39]
    assert list(store.get_events_after("acme", log[-1].position)) == []
    assert list(store.get_events_after("acme", log[-1].position + 10**9)) == []
    assert len(store.get_events_after("acme", -1)) == 40


def test_since_includes_the_very_moment(log):
    early = log[-1].occurred_at
    assert len(store.get_events_since("acme", early)) == 40
    assert len(store.get_events_since("acme", early + timedelta(microseconds=1))) == 38


@pytest.mark.parametrize(
    "read",
    [
        lambda naive: store.get_events_since("acme", naive),
        lambda naive: list(store.iter_events_since("acme", naive)),
        lambda naive: store.get_events_for_aggregate("A-1", "acme", as_of_stored=naive),
        lambda naive: store.get_events_for_aggregate(
            "A-1", "acme", as_of_occurred=naive
        ),
    ],
)
def test_a_moment_without_a_zone_is_refused(read, log):
    with pytest.raises(ValueError, match="time zone"):
        read(datetime(2026, 3, 1))  # noqa: DTZ001 - that is the fault


def test_a_foreign_tenant_sees_nothing(log):
    event = log[1]
    assert list(store.get_events_after("globex", 0)) == []
    assert list(store.get_events_by_type("globex", event.event_type)) == []
    assert list(store.get_events_by_aggregate_type("globex", "Release")) == []
    assert list(store.get_events_since("globex", START - timedelta(days=1))) == []
    assert list(store.get_events_for_aggregate("A-1", "globex")) == []
    assert list(store.iter_events_for_aggregate("A-1", "globex")) == []
    assert store.get_aggregate_version("A-1", "globex") == 0
    assert store.get_snapshots("A-1", "globex") == []
    assert store.get_redactions(event.event_id, "globex") == []
    with pytest.raises(EventNotFound) as refusal:
        store.get_event(event.event_id, "globex")
    assert refusal.value.event_id == event.event_id


def test_a_cursor_of_one_tenant_shows_nothing_of_another(log):
    cursor = store.get_events_after("acme", 0, limit=1).next_cursor
    assert list(store.get_events_after("globex", 0, cursor=cursor)) == []


def test_an_event_is_found_by_its_id(log):
    assert store.get_event(log[5].event_id, "acme") == log[5]
    with pytest.raises(EventNotFound):
        store.get_event("nowhere", "acme")


@pytest.mark.parametrize(
    "call",
    [
        lambda: store.get_events_for_aggregate("7", "acme"),
        lambda: list(store.iter_events_for_aggregate("7", "acme")),
        lambda: store.get_aggregate_version("7", "acme"),
        lambda: store.get_snapshots("7", "acme"),
        lambda: store.prune_snapshots("7", "acme"),
        lambda: store.record_snapshot("7", "acme", "s", "e"),
    ],
)
def test_an_id_of_two_types_needs_the_type(call):
    for kind in ("Requirement", "Release"):
        store.append_event(new_event(aggregate_type=kind, aggregate_id="7"), "acme")
    with pytest.raises(AmbiguousAggregate, match="Release, Requirement") as refusal:
        call()
    assert refusal.value.aggregate_id == "7"
    assert refusal.value.aggregate_types == ("Release", "Requirement")
    assert len(store.get_events_for_aggregate("7", "acme", "Release")) == 1
    assert store.get_aggregate_version("7", "acme", "Requirement") == 1


@pytest.mark.parametrize(
    ("bounds", "versions"),
    [
        ({}, range(1, 11)),
        ({"after_version": 4}, range(5, 11)),
        ({"up_to_version": 4}, range(1, 5)),
        ({"after_version": 4, "up_to_version": 6}, range(5, 7)),
        ({"after_version": 10}, range(0)),
        ({"up_to_version": 0}, range(0)),
        ({"after_version": 6, "up_to_version": 4}, range(0)),
        ({"after_version": -5}, range(1, 11)),
    ],
)
def test_a_range_of_versions(bounds, versions, log):
    found = store.get_events_for_aggregate("A-1", "acme", **bounds)
    assert [event.aggregate_version for event in found] == [*versions]


def test_as_of_a_recorded_moment():
    moments: list[datetime] = []
    for _ in range(3):
        stored = store.append_event(
            new_event(occurred_at=START - timedelta(days=len(moments))), "acme"
        )
        moments.append(stored.stored_at)

    def as_of(moment):
        return len(store.get_events_for_aggregate("R-1", "acme", as_of_stored=moment))

    assert [as_of(moment) for moment in moments] == [1, 2, 3]
    assert as_of(moments[0] - timedelta(microseconds=1)) == 0


def test_as_of_a_business_moment_keeps_the_order_of_versions():
    for day in (1, 5, 3):
        store.append_event(
            new_event(occurred_at=START + timedelta(days=day - 30)), "acme"
        )
    found = store.get_events_for_aggregate(
        "R-1", "acme", as_of_occurred=START + timedelta(days=3 - 30)
    )
    assert [event.aggregate_version for event in found] == [1, 3]


def test_a_history_begins_after_the_newest_snapshot_unless_asked(log):
    history = store.get_events_for_aggregate("A-1", "acme")
    store.record_snapshot("A-1", "acme", "s-1", history[3].event_id)
    store.record_snapshot("A-1", "acme", "s-2", history[6].event_id)
    store.record_snapshot("A-1", "acme", "s-0", history[1].event_id)

    def versions(**how):
        found = store.get_events_for_aggregate("A-1", "acme", **how)
        return [event.aggregate_version for event in found]

    assert versions() == [8, 9, 10]
    assert versions(after_snapshot=False) == [*range(1, 11)]
    assert versions(after_version=8) == [9, 10]
    assert versions(up_to_version=7) == []
    snapshots = {
        event.aggregate_version: event.snapshot_id
        for event in store.get_events_after("acme", 0)
        if event.aggregate_id == "A-1" and event.snapshot_id
    }
    assert snapshots == {2: "s-0", 4: "s-1", 7: "s-2"}


@pytest.mark.parametrize("streamed", [True, False])
def test_a_snapshot_between_two_pages_tears_no_hole(streamed, settings, log):
    history = store.get_events_for_aggregate("A-1", "acme")
    settings.EVENTSTORE = {"PAGE_SIZE": 2}
    if streamed:
        stream = store.iter_events_for_aggregate("A-1", "acme")
        found = [next(stream)]
        store.record_snapshot("A-1", "acme", "s-1", history[7].event_id)
        found += stream
    else:
        page = store.get_events_for_aggregate("A-1", "acme", limit=2)
        found = [*page]
        store.record_snapshot("A-1", "acme", "s-1", history[7].event_id)
        while page.next_cursor:
            page = store.get_events_for_aggregate(
                "A-1", "acme", limit=2, cursor=page.next_cursor
            )
            found += page
    assert numbers(found) == READS[of_aggregate]
