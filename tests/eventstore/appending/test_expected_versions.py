from __future__ import annotations

from typing import Any

import pytest

from eventstore import ConcurrencyError, InvalidEvent, store
from tests.factories import new_event

pytestmark = pytest.mark.usefixtures("either_way")

R1, R2 = ("Requirement", "R-1"), ("Requirement", "R-2")


def event_of(aggregate_id: str, **fields: Any) -> Any:
    return new_event(aggregate_id=aggregate_id, **fields)


def test_nothing_expected_means_any_version():
    versions = [
        store.append_event(new_event(), "acme").aggregate_version for _ in "abc"
    ]
    assert versions == [1, 2, 3]


@pytest.mark.parametrize("expected", [1, 2, 999, (1 << 62) - 1])
def test_a_version_ahead_of_the_aggregate_is_refused(expected):
    with pytest.raises(ConcurrencyError) as refusal:
        store.append_event(new_event(), "acme", expected_version=expected)
    found = refusal.value
    assert (found.aggregate_type, found.aggregate_id) == R1
    assert (found.expected, found.actual, found.retryable) == (expected, 0, True)


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize("expected", [-1, True, False, "1", 1.0, 1 << 62, [], object()])
def test_an_expected_version_that_is_no_whole_number_is_refused(expected, size):
    events = [new_event() for _ in range(size)]
    with pytest.raises(InvalidEvent) as refusal:
        store.append_events(events, "acme", expected_version=expected)
    assert refusal.value.where == "expected_version"


@pytest.mark.parametrize("version", [-1, True, "1", 1.5])
def test_a_mapping_with_a_faulty_version_is_refused(version):
    with pytest.raises(InvalidEvent) as refusal:
        store.append_events([new_event()], "acme", expected_version={R1: version})
    assert refusal.value.where == "expected_version"


@pytest.mark.parametrize("key", ["R-1", ("Requirement",), ("a", "b", "c"), 7])
def test_a_mapping_with_a_key_that_names_no_aggregate_is_refused(key):
    with pytest.raises(InvalidEvent) as refusal:
        store.append_events([new_event()], "acme", expected_version={key: 0})
    assert refusal.value.where == "expected_version"


def test_a_mapping_that_names_an_aggregate_the_batch_lacks_is_refused():
    with pytest.raises(InvalidEvent, match="R-2") as refusal:
        store.append_events([event_of("R-1")], "acme", expected_version={R1: 0, R2: 0})
    assert refusal.value.where == "expected_version"


def test_a_number_holds_for_every_aggregate_of_the_batch():
    batch = [event_of("R-1"), event_of("R-2"), event_of("R-1")]
    stored = store.append_events(batch, "acme", expected_version=0)
    assert [event.aggregate_version for event in stored] == [1, 1, 2]
    with pytest.raises(ConcurrencyError) as refusal:
        store.append_events(
            [event_of("R-2"), event_of("R-1")], "acme", expected_version=1
        )
    assert (refusal.value.aggregate_id, refusal.value.actual) == ("R-1", 2)


def test_a_mapping_sets_each_aggregate_and_leaves_the_others_free():
    store.append_events([event_of("R-2")] * 1, "acme")
    stored = store.append_events(
        [event_of("R-1"), event_of("R-2"), event_of("R-3")],
        "acme",
        expected_version={R1: 0, R2: 1},
    )
    assert [event.aggregate_version for event in stored] == [1, 2, 1]


def test_a_mapping_names_the_aggregate_that_stands_elsewhere():
    store.append_events([event_of("R-1"), event_of("R-2")], "acme")
    with pytest.raises(ConcurrencyError) as refusal:
        store.append_events(
            [event_of("R-1"), event_of("R-2")],
            "acme",
            expected_version={R1: 1, R2: 0},
        )
    found = refusal.value
    assert (found.aggregate_id, found.expected, found.actual) == ("R-2", 0, 1)


def test_a_mapping_works_for_a_single_event():
    store.append_event(new_event(), "acme", expected_version={R1: 0})
    with pytest.raises(ConcurrencyError):
        store.append_event(new_event(), "acme", expected_version={R1: 0})


def test_the_same_id_of_another_type_or_tenant_is_another_aggregate():
    store.append_event(new_event(), "acme", expected_version=0)
    store.append_event(new_event(aggregate_type="Release"), "acme", expected_version=0)
    store.append_event(new_event(), "globex", expected_version=0)
    assert store.get_aggregate_version("R-1", "globex") == 1


def test_a_batch_counts_each_of_its_events_once_against_the_expected_version():
    store.append_events([new_event() for _ in range(3)], "acme", expected_version=0)
    stored = store.append_events(
        [new_event() for _ in range(2)], "acme", expected_version=3
    )
    assert [event.aggregate_version for event in stored] == [4, 5]


def test_none_in_a_mapping_means_any_version_of_that_aggregate():
    store.append_events([event_of("R-1"), event_of("R-2")], "acme")
    store.append_event(event_of("R-1"), "acme")
    expected: Any = {R1: None, R2: 1}
    store.append_events([event_of("R-1"), event_of("R-2")], "acme", expected)
    with pytest.raises(ConcurrencyError):
        store.append_events([event_of("R-1"), event_of("R-2")], "acme", expected)
    assert store.get_aggregate_version("R-1", "acme") == 3
