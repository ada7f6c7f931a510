from __future__ import annotations

import pytest

from eventstore import event_context, store
from tests.factories import new_event

pytestmark = pytest.mark.django_db


def stored_metadata(**metadata):
    event = store.append_event(new_event(metadata=metadata), "acme")
    assert store.get_event(event.event_id, "acme").metadata == event.metadata
    return event.metadata


@pytest.mark.parametrize("user", ["7", 7])
def test_a_user_id_becomes_an_actor(user):
    assert stored_metadata(user_id=user, ip="::1") == {
        "actor": {"type": "user", "id": "7"},
        "ip": "::1",
    }


def test_an_actor_wins_over_a_user_id():
    actor = {"type": "service", "id": "billing", "name": "Billing"}
    assert stored_metadata(user_id="7", actor=actor) == {"actor": actor}


def test_a_user_id_that_is_none_names_nobody():
    assert stored_metadata(user_id=None) == {}


def test_the_events_own_metadata_are_left_alone():
    metadata = {"user_id": "7"}
    event = new_event(metadata=metadata)
    with event_context(ip="::1"):
        store.append_event(event, "acme")
    assert metadata == {"user_id": "7"}
    assert event.metadata == {"user_id": "7"}


def test_the_context_fills_what_is_missing():
    with event_context(
        actor="ada", correlation_id="c-1", causation_id="e-0", ip="::1", channel="web"
    ):
        assert stored_metadata(ip="::2", more=[1]) == {
            "actor": {"type": "user", "id": "ada"},
            "correlation_id": "c-1",
            "causation_id": "e-0",
            "ip": "::2",
            "channel": "web",
            "more": [1],
        }
    assert stored_metadata() == {}


def test_contexts_nest_and_the_inner_one_wins():
    with event_context(actor="ada", ip="::1"):
        with event_context(ip="::2", correlation_id="c-1"):
            inner = stored_metadata()
        outer = stored_metadata()
    assert inner == {
        "actor": {"type": "user", "id": "ada"},
        "ip": "::2",
        "correlation_id": "c-1",
    }
    assert outer == {"actor": {"type": "user", "id": "ada"}, "ip": "::1"}


@pytest.mark.parametrize("inner", [{"user_id": "grace"}, {"actor": "grace"}])
@pytest.mark.parametrize("outer", [{"user_id": "ada"}, {"actor": "ada"}])
def test_the_inner_actor_wins_in_either_spelling(outer, inner):
    with event_context(**outer), event_context(**inner):
        assert stored_metadata() == {"actor": {"type": "user", "id": "grace"}}


def test_an_own_user_id_wins_over_the_contexts_actor():
    with event_context(actor="ada"):
        assert stored_metadata(user_id="7") == {"actor": {"type": "user", "id": "7"}}


def test_a_context_ends_with_its_block_also_after_an_error():
    with pytest.raises(RuntimeError), event_context(ip="::1"):
        raise RuntimeError
    assert stored_metadata() == {}


def test_every_event_of_a_batch_gets_the_context():
    with event_context(correlation_id="c-1"):
        stored = store.append_events([new_event() for _ in range(3)], "acme")
    assert {event.metadata["correlation_id"] for event in stored} == {"c-1"}
    assert stored[0].metadata is not stored[1].metadata
