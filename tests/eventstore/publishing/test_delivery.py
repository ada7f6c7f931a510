from __future__ import annotations

import logging

import pytest
from asgiref.sync import async_to_sync
from django.db import transaction
from django.http import HttpResponse
from django.test import TestCase
from django.urls import path

from eventstore import (
    ConcurrencyError,
    DomainEventPublisher,
    DomainEventSubscriber,
    EventStorePublisher,
    EventStoreService,
    event_context,
    store,
)
from tests.factories import new_event


class Listener(DomainEventSubscriber):
    """Keeps what it is told, and can fail or act on it."""

    def __init__(self, act=None, *types):
        self.heard = []
        self.act = act
        self.types = types

    def is_subscribed_to(self, event):
        return not self.types or event.event_type in self.types

    def handle(self, event):
        self.heard.append(event)
        if self.act:
            self.act(event)


@pytest.fixture
def publisher():
    return EventStorePublisher()


@pytest.fixture
def listener(publisher):
    found = Listener()
    publisher.subscribe(found)
    return found


def fail(event):
    raise RuntimeError("the mail server is down")


@pytest.mark.django_db(transaction=True)
class TestOutsideATransaction:
    def test_what_is_published_is_stored_and_then_delivered(self, publisher):
        seen = Listener(lambda event: store.get_event(event.event_id, "acme"))
        publisher.subscribe(seen)
        stored = publisher.publish(new_event(), "acme")
        assert seen.heard == [stored]

    def test_a_batch_is_delivered_in_its_order(self, publisher, listener):
        batch = [new_event(aggregate_id=f"R-{number % 3}") for number in range(9)]
        stored = publisher.publish_all(batch, "acme")
        assert listener.heard == stored

    def test_nothing_refused_is_delivered(self, publisher, listener):
        with pytest.raises(ConcurrencyError):
            publisher.publish(new_event(), "acme", expected_version=3)
        assert listener.heard == []

    def test_an_empty_batch_tells_nobody(self, publisher, listener):
        assert publisher.publish_all([], "acme") == []
        assert listener.heard == []

    def test_a_failing_subscriber_loses_nothing_and_stops_nobody(
        self, publisher, caplog
    ):
        before, after = Listener(), Listener()
        for one in (before, Listener(fail), after):
            publisher.subscribe(one)
        with caplog.at_level(logging.ERROR, "eventstore"):
            stored = publisher.publish_all([new_event(), new_event()], "acme")
        assert before.heard == after.heard == stored
        assert len(store.get_events_after("acme", 0)) == 2
        assert len(caplog.records) == 2
        assert caplog.records[0].event_id == stored[0].event_id
        assert "the mail server is down" in caplog.text

    def test_a_subscriber_that_cannot_say_what_it_wants_stops_nobody(self, publisher):
        class Undecided(Listener):
            def is_subscribed_to(self, event):
                raise RuntimeError

        after = Listener()
        publisher.subscribe(Undecided())
        publisher.subscribe(after)
        publisher.publish(new_event(), "acme")
        assert len(after.heard) == 1

    def test_subscribers_hear_what_they_asked_for_once_and_until_they_leave(
        self, publisher
    ):
        picky = Listener(None, "RequirementApproved")
        publisher.subscribe(picky)
        publisher.subscribe(picky)
        publisher.publish_all([new_event(), new_event("RequirementApproved")], "acme")
        assert [event.event_type for event in picky.heard] == ["RequirementApproved"]
        publisher.unsubscribe(picky)
        publisher.unsubscribe(picky)
        publisher.publish(new_event("RequirementApproved"), "acme")
        assert len(picky.heard) == 1

    def test_a_retry_delivers_again(self, publisher, listener):
        event = new_event()
        assert publisher.publish(event, "acme") == publisher.publish(event, "acme")
        assert len(listener.heard) == 2

    def test_a_redaction_is_delivered(self, publisher, listener):
        stored = publisher.publish(new_event(), "acme")
        done = publisher.redact_event(stored.event_id, "acme", reason="asked for")
        assert listener.heard[-1].event_type == "eventstore.EventRedacted"
        assert listener.heard[-1].data["event_id"] == stored.event_id
        assert listener.heard[-1].aggregate_id == done.redaction_id

    def test_what_is_published_while_handling_is_caused_by_what_is_handled(
        self, publisher
    ):
        def answer(event):
            if event.event_type != "Third":
                following = {"First": "Second", "Second": "Third"}[event.event_type]
                publisher.publish(new_event(following), "acme")

        publisher.subscribe(Listener(answer))
        with event_context(correlation_id="c-1", ip="::1"):
            publisher.publish(new_event("First"), "acme")
        first, second, third = store.get_events_after("acme", 0)
        assert "causation_id" not in first.metadata
        assert second.metadata["causation_id"] == first.event_id
        assert third.metadata["causation_id"] == second.event_id
        assert {
            event.metadata["correlation_id"] for event in (first, second, third)
        } == {"c-1"}

    def test_a_conversation_without_a_correlation_id_gets_that_of_its_first_event(
        self, publisher
    ):
        def answer(event):
            if event.event_type == "First":
                publisher.publish(new_event("Second"), "acme")

        publisher.subscribe(Listener(answer))
        first = publisher.publish(new_event("First"), "acme")
        _, second = store.get_events_after("acme", 0)
        assert second.metadata == {
            "causation_id": first.event_id,
            "correlation_id": first.event_id,
        }

    def test_what_goes_through_the_domain_publisher_alone_is_not_stored(self, listener):
        lonely = DomainEventPublisher()
        lonely.subscribe(listener)
        stored = store.append_event(new_event(), "acme")
        lonely.publish(stored)
        assert listener.heard == [stored]
        assert len(store.get_events_after("acme", 0)) == 1


@pytest.mark.django_db(transaction=True)
class TestInsideATransaction:
    def test_delivery_waits_for_the_outermost_commit(self, publisher, listener):
        with transaction.atomic():
            with transaction.atomic():
                stored = publisher.publish(new_event(), "acme")
                assert list(store.get_events_after("acme", 0)) == [stored]
            assert listener.heard == []
        assert listener.heard == [stored]

    def test_nothing_is_delivered_after_a_roll_back(self, publisher, listener):
        with transaction.atomic():
            publisher.publish(new_event(), "acme")
            transaction.set_rollback(True)
        assert listener.heard == []
        assert list(store.get_events_after("acme", 0)) == []

    def test_a_savepoint_that_is_rolled_back_takes_its_deliveries_along(
        self, publisher, listener
    ):
        with transaction.atomic():
            kept = publisher.publish(new_event(), "acme")
            with transaction.atomic():
                publisher.publish(new_event(), "acme")
                transaction.set_rollback(True)
        assert listener.heard == [kept]
        assert list(store.get_events_after("acme", 0)) == [kept]

    @pytest.mark.parametrize("size", [1, 2])
    def test_a_refused_append_leaves_the_outer_block_usable(
        self, publisher, listener, size
    ):
        with transaction.atomic():
            first = publisher.publish(new_event(), "acme")
            with pytest.raises(ConcurrencyError):
                publisher.publish_all(
                    [new_event() for _ in range(size)], "acme", expected_version=0
                )
            second = publisher.publish(new_event(), "acme", expected_version=1)
        assert listener.heard == [first, second]

    def test_a_failing_subscriber_does_not_undo_what_is_committed(self, publisher):
        publisher.subscribe(Listener(fail))
        with transaction.atomic():
            publisher.publish(new_event(), "acme")
        assert len(store.get_events_after("acme", 0)) == 1


class InsideATestCase(TestCase):
    """Django's own TestCase: everything happens in a transaction that never commits."""

    def setUp(self):
        self.publisher = EventStorePublisher()
        self.listener = Listener()
        self.publisher.subscribe(self.listener)

    def test_one_sees_what_one_appended(self):
        stored = self.publisher.publish(new_event(), "acme")
        assert list(store.get_events_after("acme", 0)) == [stored]
        assert list(store.get_events_by_type("acme", stored.event_type)) == [stored]
        assert list(store.iter_events_after("acme", 0)) == [stored]
        assert store.wait_for(stored.position, timeout=0) == stored.position

    def test_delivery_can_be_captured_as_any_callback_on_commit(self):
        with self.captureOnCommitCallbacks(execute=True):
            stored = self.publisher.publish(new_event(), "acme")
            assert self.listener.heard == []
        assert self.listener.heard == [stored]

    def test_a_refusal_leaves_the_test_usable(self):
        store.append_event(new_event(), "acme")
        with pytest.raises(ConcurrencyError):
            store.append_event(new_event(), "acme", expected_version=0)
        assert len(store.get_events_after("acme", 0)) == 1


def approve(request):
    """A view as a host writes it: a refusal is answered, the rest goes on."""
    before = store.append_event(new_event(), "acme")
    found = [event.position for event in store.get_events_after("acme", 0)]
    try:
        store.append_event(new_event(), "acme", expected_version=0)
    except ConcurrencyError:
        view_publisher.publish(new_event("RequirementApproved"), "acme")
    heard = len(view_listener.heard)
    if "fail" in request.GET:
        raise RuntimeError("after the events")
    return HttpResponse(f"{found == [before.position]} {heard}")


view_listener = Listener()
view_publisher = EventStorePublisher()
view_publisher.subscribe(view_listener)
urlpatterns = [path("approve/", approve)]


@pytest.mark.django_db(transaction=True)
class TestAtomicRequests:
    @pytest.fixture(autouse=True)
    def atomic_requests(self, settings):
        from django.db import connection

        settings.ROOT_URLCONF = __name__
        connection.settings_dict["ATOMIC_REQUESTS"] = True
        view_listener.heard.clear()
        yield
        connection.settings_dict["ATOMIC_REQUESTS"] = False

    def test_a_view_sees_its_own_events_and_delivery_waits_for_its_end(self, client):
        assert client.get("/approve/").content == b"True 0"
        assert [event.event_type for event in view_listener.heard] == [
            "RequirementApproved"
        ]
        assert len(store.get_events_after("acme", 0)) == 2

    def test_a_view_that_fails_leaves_no_event_and_tells_nobody(self, client):
        with pytest.raises(RuntimeError):
            client.get("/approve/?fail")
        assert view_listener.heard == []
        assert list(store.get_events_after("acme", 0)) == []


@pytest.mark.django_db(transaction=True)
class TestAsyncTwins:
    def test_they_do_what_the_others_do(self, publisher, listener):
        async def scenario():
            with event_context(actor="ada"):
                one = await store.aappend_event(new_event(event_id="e-1"), "acme")
            two, three = await publisher.apublish_all(
                [new_event(), new_event(aggregate_id="R-2")], "acme"
            )
            assert await store.aget_event("e-1", "acme") == one
            assert await store.aget_aggregate_version("R-1", "acme") == 2
            assert await store.aget_events_for_aggregate("R-1", "acme") == [one, two]
            assert await publisher.areplay_events("R-1", "acme") == [one, two]
            assert await store.aget_events_after("acme", 0, limit=1) == [one]
            assert await store.await_for(three.position) == three.position
            streamed = [event async for event in store.aiter_events_after("acme", 0)]
            assert streamed == [one, two, three]
            kinds = store.aiter_events_by_type("acme", "RequirementCreated")
            assert [event async for event in kinds] == streamed
            history = store.aiter_events_for_aggregate("R-1", "acme")
            assert [event async for event in history] == [one, two]
            await store.arecord_snapshot("R-1", "acme", "s", one.event_id)
            assert len(await store.aget_snapshots("R-1", "acme")) == 1
            await store.aredact_event("e-1", "acme")
            assert (await store.aget_event("e-1", "acme")).is_redacted
            return one, two, three

        one, two, three = async_to_sync(scenario)()
        assert one.metadata["actor"]["id"] == "ada"
        assert listener.heard == [two, three]

    def test_they_refuse_what_the_others_refuse(self):
        async def scenario():
            await store.aappend_event(new_event(), "acme")
            await store.aappend_event(new_event(), "acme", expected_version=0)

        with pytest.raises(ConcurrencyError):
            async_to_sync(scenario)()

    def test_a_stream_may_be_left_early(self, settings):
        settings.EVENTSTORE = {"PAGE_SIZE": 2}
        store.append_events([new_event() for _ in range(7)], "acme")

        async def scenario():
            async for event in store.aiter_events_after("acme", 0):
                return event.aggregate_version
            return None

        assert async_to_sync(scenario)() == 1

    def test_every_call_that_reaches_the_database_has_a_twin(self):
        without = {"redaction_mark", "migrations"}
        for owner in (EventStoreService, EventStorePublisher):
            calls = {
                name
                for name in vars(owner)
                if name.startswith(("append", "get_", "iter_", "record", "redact"))
                or name in ("publish", "publish_all", "replay_events", "wait_for")
            }
            assert {f"a{name}" for name in calls - without} <= set(vars(owner)) | {
                "aredaction_mark"
            }
