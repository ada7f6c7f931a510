from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from eventstore import DomainEvent, ProcessManager, applies, handles, store
from eventstore.subscriptions.declaration import SubscriptionRegistry
from tests.eventstore.subscriptions.bench import Bench
from tests.factories import new_event

pytestmark = pytest.mark.django_db(transaction=True)


class Trip(ProcessManager):
    """Books a hotel and a flight; undoes what it has when the flight is full."""

    aggregate_type = "Trip"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.status = "new"

    @handles("TripWanted")
    def wanted(self, event):
        self.record("TripBegun")
        self.set_timeout("too late", timezone.now() + timedelta(hours=1))
        self.publish(command("BookHotel"), undo=command("CancelHotel"))
        self.publish(command("BookFlight"), undo=command("CancelFlight"))

    @handles("FlightFull")
    def full(self, event):
        self.cancel_timeout("too late")
        self.compensate()
        if event.data.get("bad"):
            raise ValueError("bad")

    def on_timeout(self, name):
        self.record("TripEscalated", {"why": name})

    @applies("TripBegun")
    def _begun(self, event):
        self.status = "begun"

    @applies("TripEscalated")
    def _escalated(self, event):
        self.status = "escalated"


def command(event_type: str) -> DomainEvent:
    return DomainEvent(event_type=event_type, aggregate_type="Desk", aggregate_id="1")


def tell(event_type: str, trip: str = "t-1", **data: object) -> None:
    event = new_event(event_type, data=data, metadata={"correlation_id": trip})
    store.append_event(event, "acme")


def commands() -> list[str]:
    desk = store.get_events_for_aggregate("1", "acme", "Desk")
    return [event.event_type for event in desk]


@pytest.fixture
def bench() -> Bench:
    registry = SubscriptionRegistry()
    Trip.register(registry)
    return Bench(registry.get("process:Trip"))


def pass_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE event_process_timeouts SET due_at = now() - interval '1 s'"
        )


def pass_time_of(trip: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE event_process_timeouts SET due_at = now() - interval '1 s' "
            "WHERE correlation_id = %s",
            [trip],
        )


def test_a_process_remembers_its_state_as_events_of_its_own(bench):
    tell("TripWanted")
    bench.run()
    trip = Trip.load("t-1", "acme")
    assert trip.status == "begun"
    assert commands() == ["BookHotel", "BookFlight"]


def test_commands_belong_to_the_conversation_and_name_their_cause(bench):
    tell("TripWanted")
    bench.run()
    wanted = store.get_events_by_type("acme", "TripWanted")[0]
    booked = store.get_events_by_type("acme", "BookHotel")[0]
    assert booked.metadata["correlation_id"] == "t-1"
    assert booked.metadata["causation_id"] == wanted.event_id


def test_a_decision_that_is_made_again_commands_once(bench):
    tell("TripWanted")
    bench.run()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE event_subscriptions SET position = 0")
    bench.run()
    assert commands() == ["BookHotel", "BookFlight"]
    assert bench.failures() == []


def test_compensation_undoes_the_steps_the_latest_first(bench):
    tell("TripWanted")
    tell("FlightFull")
    bench.run()
    assert commands() == ["BookHotel", "BookFlight", "CancelFlight", "CancelHotel"]
    tell("FlightFull")
    bench.run()
    assert len(commands()) == 4, "there is nothing left to undo"


def test_a_handler_that_fails_leaves_nothing_behind(bench):
    tell("TripWanted")
    tell("FlightFull", bad=True)
    bench.run()
    assert commands() == ["BookHotel", "BookFlight"]
    assert bench.failures() == [("R-1", "retrying", 1)]


def test_a_timeout_comes_once_and_belongs_to_the_conversation(bench):
    tell("TripWanted")
    bench.run()
    assert Trip.load("t-1", "acme").status == "begun"
    pass_time()
    bench.run()
    bench.run()
    assert Trip.load("t-1", "acme").status == "escalated"
    (escalated,) = store.get_events_by_type("acme", "TripEscalated")
    assert escalated.metadata["correlation_id"] == "t-1"


def test_a_cancelled_timeout_does_not_come(bench):
    tell("TripWanted")
    tell("FlightFull")
    bench.run()
    pass_time()
    bench.run()
    assert Trip.load("t-1", "acme").status == "begun"


def test_a_timeout_that_fails_stays_due_and_stops_nothing(bench, monkeypatch):
    tell("TripWanted")
    bench.run()
    pass_time()
    works = Trip.on_timeout
    monkeypatch.setattr(Trip, "on_timeout", lambda *_: 1 / 0)
    tell("TripWanted", trip="t-2")
    bench.run()
    assert Trip.load("t-2", "acme").status == "begun"
    monkeypatch.setattr(Trip, "on_timeout", works)
    pass_time()
    bench.run()
    assert Trip.load("t-1", "acme").status == "escalated"


def test_a_timeout_that_fails_keeps_no_other_process_waiting(bench, monkeypatch):
    for trip in ("t-1", "t-2"):
        tell("TripWanted", trip=trip)
    bench.run()
    for trip in ("t-1", "t-2"):
        pass_time_of(trip)
    works = Trip.on_timeout
    asked = []

    def on_timeout(self, name):
        asked.append(self.aggregate_id)
        if self.aggregate_id == "t-1":
            raise ValueError("bad")
        works(self, name)

    monkeypatch.setattr(Trip, "on_timeout", on_timeout)
    bench.run()
    bench.run()
    assert asked == ["t-1", "t-2"], "the one that fails is put off"
    assert Trip.load("t-2", "acme").status == "escalated"


def test_events_without_a_conversation_begin_no_process(bench):
    store.append_event(new_event("TripWanted"), "acme")
    bench.run()
    assert commands() == []


def test_processes_of_two_tenants_do_not_meet(bench):
    tell("TripWanted")
    event = new_event("TripWanted", metadata={"correlation_id": "t-1"})
    store.append_event(event, "globex")
    bench.run()
    assert len(store.get_events_by_type("acme", "BookHotel")) == 1
    assert len(store.get_events_by_type("globex", "BookHotel")) == 1
