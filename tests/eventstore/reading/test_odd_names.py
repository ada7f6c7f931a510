"""Names that PostgreSQL's text cannot hold name nothing; asking is no error."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from eventstore import EventNotFound, store
from tests.factories import new_event

pytestmark = pytest.mark.django_db

BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("odd", ["a\0b", "\0", "\ud800", "R-1\udfff"])
def test_what_cannot_be_a_name_is_not_found(odd: str) -> None:
    store.append_event(new_event(event_id="e-1"), "acme")
    for event_id, tenant in ((odd, "acme"), ("e-1", odd)):
        with pytest.raises(EventNotFound):
            store.get_event(event_id, tenant)
        with pytest.raises(EventNotFound):
            store.redact_event(event_id, tenant, reason="none")
        assert store.get_redactions(event_id, tenant) == []
    for names in (
        (odd, "acme", "Requirement"),
        (odd, "acme"),
        ("R-1", odd, "Requirement"),
        ("R-1", odd),
        ("R-1", "acme", odd),
    ):
        assert not list(store.get_events_for_aggregate(*names))
        assert store.get_aggregate_version(*names) == 0
        assert list(store.iter_events_for_aggregate(*names)) == []
    for read in (store.get_events_by_type, store.get_events_by_aggregate_type):
        assert not list(read("acme", odd))
        assert not list(read(odd, "Requirement"))
    assert not list(store.get_events_after(odd, 0))
    assert not list(store.get_events_since(odd, BEGINNING))
    assert not store.get_snapshots("R-1", odd, "Requirement")
    # The transaction still works.
    assert store.get_event("e-1", "acme").event_id == "e-1"
