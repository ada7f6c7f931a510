"""Functions as subscribers, and what their errors do to the others."""

from __future__ import annotations

import asyncio
import logging

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.contrib.auth import get_user_model
from django.db import DatabaseError, IntegrityError, connection, transaction

import eventstore
from eventstore import (
    DomainEventPublisher,
    DomainEventSubscriber,
    EventStorePublisher,
    store,
)
from eventstore.context import current_metadata
from tests.factories import new_event


@pytest.fixture
def publisher():
    return EventStorePublisher()


@pytest.fixture
def heard(publisher):
    """What a subscriber heard that comes after all that a test adds."""
    found = []

    class Last(DomainEventSubscriber):
        def is_subscribed_to(self, event):
            return True

        def handle(self, event):
            found.append(event)

    return found, Last()


@pytest.mark.django_db(transaction=True)
class TestFunctions:
    def test_a_function_is_told_of_the_types_it_names(self, publisher):
        told: list[object] = []

        @publisher.on_event("Approved", "Rejected")
        def note(event):
            told.append(event.event_type)

        for name in ("Approved", "Created", "Rejected"):
            publisher.publish(new_event(name), "acme")
        assert told == ["Approved", "Rejected"]

    def test_without_names_it_is_told_of_all(self, publisher):
        told: list[object] = []
        publisher.on_event()(told.append)
        stored = publisher.publish(new_event(), "acme")
        assert told == [stored]

    def test_the_decorated_function_stays_itself(self, publisher):
        def note(event):
            return event

        assert publisher.on_event("Approved")(note) is note

    def test_decorating_twice_tells_once(self, publisher):
        told: list[object] = []
        for _ in range(2):
            publisher.on_event("Created")(told.append)
        publisher.publish(new_event("Created"), "acme")
        assert len(told) == 1

    def test_a_decorator_without_parentheses_is_an_error(self, publisher):
        def note(event):
            """Never registered."""

        with pytest.raises(TypeError, match="on_event takes names of types"):
            publisher.on_event(note)

    def test_the_front_doors_decorator_is_the_process_publishers(self):
        told: list[object] = []

        def note(event):
            told.append(event)

        eventstore.on_event("OnlyHere")(note)
        eventstore.publisher.publish(new_event("OnlyHere"), "acme")
        assert len(told) == 1

    def test_after_a_roll_back_it_is_not_told(self, publisher):
        told: list[object] = []
        publisher.on_event()(told.append)

        @transaction.atomic
        def act():
            publisher.publish(new_event(), "acme")
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            act()
        assert told == []


@pytest.mark.django_db(transaction=True)
class TestAsyncHandlers:
    def test_an_async_function_is_run_to_its_end_from_sync_code(self, publisher):
        told: list[object] = []

        @publisher.on_event("Created")
        async def note(event):
            await asyncio.sleep(0)
            told.append((event.event_type, current_metadata()["causation_id"]))

        stored = publisher.publish(new_event("Created"), "acme")
        assert told == [("Created", stored.event_id)]

    def test_an_async_method_of_a_subscriber_is_run_too(self, publisher):
        told: list[object] = []

        class Notes(DomainEventSubscriber):
            def is_subscribed_to(self, event):
                return True

            async def handle(self, event):
                await asyncio.sleep(0)
                told.append(event)

        publisher.subscribe(Notes())
        publisher.publish(new_event(), "acme")
        assert len(told) == 1

    def test_from_async_code_it_runs_on_the_loop_that_is_there(self, publisher):
        loops = []

        @publisher.on_event()
        async def note(event):
            loops.append(asyncio.get_running_loop())

        async def main():
            await publisher.apublish(new_event(), "acme")
            return asyncio.get_running_loop()

        assert [async_to_sync(main)()] == loops

    def test_it_can_append_what_it_causes(self, publisher):
        @publisher.on_event("Created")
        async def follow(event):
            await store.aappend_event(new_event("Followed"), "acme")

        created = publisher.publish(new_event("Created"), "acme")
        followed = store.get_events_by_type("acme", "Followed")[0]
        assert followed.metadata["causation_id"] == created.event_id

    @pytest.mark.parametrize("error", [ValueError, asyncio.CancelledError])
    def test_one_that_fails_or_is_cancelled_stops_nobody(self, publisher, heard, error):
        @publisher.on_event()
        async def fail(event):
            raise error

        found, last = heard
        publisher.subscribe(last)
        publisher.publish(new_event(), "acme")
        assert len(found) == 1


def _break_transaction(event):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")


def _leave_a_roll_back(event):
    with transaction.atomic():
        get_user_model().objects.create(username="half")
        raise ValueError("changed my mind")


def _violate(event):
    get_user_model().objects.create(username="taken")


async def _violate_from_async(event):
    await sync_to_async(_violate)(event)


BREAKERS = [_break_transaction, _leave_a_roll_back, _violate, _violate_from_async]


class TestIsolation:
    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("fail", BREAKERS)
    def test_after_the_commit_one_that_breaks_its_transaction_stops_nobody(
        self, publisher, fail
    ):
        get_user_model().objects.create(username="taken")
        read = []
        publisher.on_event()(fail)
        publisher.on_event()(lambda event: read.append(store.get_event(
            event.event_id, "acme")))  # fmt: skip
        stored = publisher.publish(new_event(), "acme")
        assert [event.event_id for event in read] == [stored.event_id]
        assert not get_user_model().objects.filter(username="half").exists()

    @pytest.mark.django_db
    @pytest.mark.parametrize("fail", BREAKERS)
    def test_inside_an_open_transaction_neither_the_others_nor_the_caller_suffer(
        self, fail
    ):
        get_user_model().objects.create(username="taken")
        deliver, read = DomainEventPublisher(), []
        deliver.on_event()(fail)
        deliver.on_event()(lambda event: read.append(store.get_event(
            event.event_id, "acme")))  # fmt: skip
        stored = store.append_event(new_event(), "acme")
        deliver.publish(stored)
        assert [event.event_id for event in read] == [stored.event_id]
        assert get_user_model().objects.filter(username="taken").exists()

    @pytest.mark.django_db(transaction=True)
    def test_one_that_fails_to_say_what_it_wants_stops_nobody(self, publisher, heard):
        class Broken(DomainEventSubscriber):
            def is_subscribed_to(self, event):
                raise RuntimeError("no idea")

            def handle(self, event):
                """Never called."""

        found, last = heard
        publisher.subscribe(Broken())
        publisher.subscribe(last)
        publisher.publish(new_event(), "acme")
        assert len(found) == 1

    @pytest.mark.django_db(transaction=True)
    def test_the_log_names_the_function_and_holds_no_payload(self, publisher, caplog):
        publisher.on_event()(_break_transaction)
        with caplog.at_level(logging.ERROR):
            publisher.publish(new_event(data={"secret": "hunter2"}), "acme")
        [record] = caplog.records
        assert record.subscriber == "_break_transaction"
        assert "hunter2" not in caplog.text

    @pytest.mark.django_db(transaction=True)
    def test_in_an_aborted_transaction_the_callers_own_error_stays(self):
        deliver = DomainEventPublisher()
        told: list[object] = []
        deliver.on_event()(told.append)
        stored = store.append_event(new_event(), "acme")

        @transaction.atomic
        def act():
            get_user_model().objects.create(username="a")
            try:
                get_user_model().objects.create(username="a")
            finally:
                deliver.publish(stored)

        with pytest.raises(IntegrityError):
            act()
        assert told == [stored]


@pytest.mark.django_db(transaction=True)
class TestStrict:
    def test_a_single_error_surfaces_as_it_is_after_all_were_told(
        self, publisher, heard
    ):
        found, last = heard
        publisher.on_event()(_break_transaction)
        publisher.subscribe(last)
        with publisher.strict(), pytest.raises(DatabaseError, match="division by zero"):
            publisher.publish(new_event(), "acme")
        assert len(found) == 1
        assert store.get_events_by_type("acme", "RequirementCreated")

    def test_several_errors_surface_together(self, publisher):
        def fail(event):
            raise ValueError(event.event_type)

        publisher.on_event()(fail)
        with publisher.strict(), pytest.raises(ExceptionGroup) as raised:
            publisher.publish_all([new_event("A"), new_event("B")], "acme")
        assert [str(error) for error in raised.value.exceptions] == ["A", "B"]

    def test_a_cancelled_handler_surfaces_as_an_error(self, publisher):
        @publisher.on_event()
        async def cancelled(event):
            raise asyncio.CancelledError

        with publisher.strict(), pytest.raises(RuntimeError, match="was cancelled"):
            publisher.publish(new_event(), "acme")

    def test_outside_the_block_errors_are_logged_again(self, publisher):
        publisher.on_event()(_break_transaction)
        with publisher.strict():
            pass
        publisher.publish(new_event(), "acme")

    def test_blocks_nest(self, publisher):
        publisher.on_event()(_break_transaction)
        with publisher.strict():
            with publisher.strict():
                pass
            with pytest.raises(DatabaseError):
                publisher.publish(new_event(), "acme")

    def test_it_holds_for_async_publishing(self, publisher):
        publisher.on_event()(_break_transaction)

        async def main():
            with publisher.strict():
                await publisher.apublish(new_event(), "acme")

        with pytest.raises(DatabaseError):
            async_to_sync(main)()

    def test_the_setting_makes_every_publisher_strict(self, publisher, settings):
        settings.EVENTSTORE = {"STRICT_DELIVERY": True}
        publisher.on_event()(_break_transaction)
        with pytest.raises(DatabaseError):
            publisher.publish(new_event(), "acme")


@pytest.mark.django_db
def test_the_delivering_publisher_has_async_twins():
    deliver, told = DomainEventPublisher(), list[object]()
    deliver.on_event()(told.append)
    stored = store.append_event(new_event(), "acme")
    async_to_sync(deliver.apublish)(stored)
    async_to_sync(deliver.apublish_all)([stored])
    assert told == [stored, stored]
