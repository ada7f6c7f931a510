from __future__ import annotations

import pytest

from eventstore import ConcurrencyError, store
from tests.factories import new_event

pytestmark = pytest.mark.django_db


def test_append_gives_versions_from_one():
    first = store.append_event(new_event(), "acme", expected_version=0)
    second = store.append_event(new_event(), "acme", expected_version=1)
    assert (first.aggregate_version, second.aggregate_version) == (1, 2)
    assert first.position < second.position


def test_append_with_a_stale_version_is_refused_and_names_both_versions():
    store.append_event(new_event(), "acme")
    with pytest.raises(ConcurrencyError) as refusal:
        store.append_event(new_event(), "acme", expected_version=0)
    assert (refusal.value.expected, refusal.value.actual) == (0, 1)


@pytest.mark.django_db(transaction=True)
def test_transactional_tests_can_empty_the_log():
    store.append_event(new_event(), "acme")
    assert len(store.get_events_after("acme", 0)) == 1
