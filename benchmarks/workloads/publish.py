"""Publish with three subscribers in the process."""

from __future__ import annotations

from benchmarks import sample, sides
from benchmarks.figures import Section
from benchmarks.harness import Loop, in_turn
from benchmarks.stage import Stage
from eventstore import (
    DomainEventSubscriber,
    EventStorePublisher,
    StoredDomainEvent,
)

PUBLISH = "publish, 3 subscribers"


class Counter(DomainEventSubscriber):
    """Counts what it is told."""

    def __init__(self) -> None:
        self.told = 0

    def is_subscribed_to(self, event: StoredDomainEvent) -> bool:
        """Listen to the type of the sample."""
        return event.event_type == sample.EVENT_TYPE

    def handle(self, event: StoredDomainEvent) -> None:
        """Count."""
        self.told += 1


def measure(stage: Stage) -> Section:
    """Measure publishing beside appending alone."""
    stage.empty()
    publisher = EventStorePublisher()
    for _ in range(3):
        publisher.subscribe(Counter())
    ids = sides.aggregate_ids(PUBLISH, sides.Client())
    runners = {
        sides.SERVICE: sides.make(sides.SERVICE, sides.Client()),
        PUBLISH: Loop(lambda: publisher.publish(sample.new_event(ids()), "tenant-0")),
    }
    measured = in_turn(
        runners, rounds=stage.plan.rounds, seconds=stage.plan.slice_seconds
    )
    section = Section(
        "Publish to three subscribers in the process",
        "Persisted first, then delivered; each subscriber counts.",
    )
    section.add_rates(measured, sides.SERVICE, unit="events/s")
    section.compare(
        "publish with 3 in-process subscribers", measured, PUBLISH, sides.SERVICE, 0.85
    )
    return section
