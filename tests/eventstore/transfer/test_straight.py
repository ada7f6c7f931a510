"""Chunks that are new and whole go into the log by one COPY; others are judged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from eventstore import store
from tests.eventstore.transfer.conftest import Imported
from tests.eventstore.transfer.logs import new_line

pytestmark = pytest.mark.django_db

BringIn = Callable[..., Imported]


@pytest.fixture
def judged(bring_in_lines: BringIn) -> Callable[..., tuple[Any, bool]]:
    """Import lines, and tell whether they were judged one by one."""

    def judged(*lines: Any, **options: Any) -> tuple[Any, bool]:
        with CaptureQueriesContext(connection) as captured:
            imported = bring_in_lines(*lines, **options)
        asked = any(
            "FROM eventstore_import_chunk_v1" in query["sql"] for query in captured
        )
        return imported.counts, asked

    return judged


def versions() -> list[int]:
    found = store.get_events_for_aggregate("R-1", "acme", after_snapshot=False)
    assert [event.position for event in found] == sorted(
        event.position for event in found
    )
    return [event.aggregate_version for event in found]


def test_what_is_new_is_not_judged(judged: Any):
    lines = [new_line(1), new_line(2), new_line(3, tenant_id="other")]
    assert judged(*lines) == ((3, 0, 0), False)
    assert judged(new_line(4, aggregate_version=3)) == ((1, 0, 0), False)
    assert versions() == [1, 2, 3]


def test_the_recorded_time_does_not_go_back(judged: Any):
    judged(new_line(1), new_line(2))
    first, second = store.get_events_for_aggregate("R-1", "acme")
    assert first.stored_at == second.stored_at
    judged(new_line(3))
    assert store.get_events_for_aggregate("R-1", "acme")[2].stored_at > first.stored_at


@pytest.mark.parametrize("options", [{}, {"renumber": True}])
def test_versions_are_as_named_unless_they_are_to_be_ignored(
    options: dict[str, bool], judged: Any
):
    lines = [new_line(1, aggregate_version=1), new_line(2, aggregate_version=7)]
    renumber = "renumber" in options
    assert judged(*lines, **options) == (
        (2, 0, 0) if renumber else (1, 0, 1),
        not renumber,
    )
    assert versions() == ([1, 2] if renumber else [1])


@pytest.mark.parametrize("known", [1, 2, 3])
def test_a_chunk_with_a_known_line_stores_the_others_once(known: int, judged: Any):
    judged(new_line(known))
    assert judged(*map(new_line, (1, 2, 3))) == ((2, 1, 0), True)
    assert versions() == [1, 2, 3]


def test_a_line_that_comes_twice_is_stored_once(judged: Any):
    assert judged(new_line(1), new_line(2), new_line(1), new_line(3)) == (
        (3, 1, 0),
        True,
    )
    assert versions() == [1, 2, 3]


def test_a_redacted_line_gets_its_record(judged: Any):
    gone = new_line(2, event_data={"redacted": True}, is_redacted=True)
    assert judged(new_line(1), gone) == ((2, 0, 0), True)
    assert [e.is_redacted for e in store.get_events_for_aggregate("R-1", "acme")] == [
        False,
        True,
    ]
