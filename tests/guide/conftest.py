"""The guide's domain: requirements and releases, with a publisher of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from eventstore import (
    Aggregate,
    DomainEvent,
    EventMigrationHandler,
    EventStorePublisher,
    EventStoreService,
    StoredDomainEvent,
    applies,
)


class Requirement(Aggregate):
    """The guide's ``RequirementAggregate``: made of its first event's data."""

    aggregate_type = "Requirement"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.title = ""
        self.status = "draft"
        self.score = 0

    @classmethod
    def create(cls, aggregate_id: str, title: str) -> Requirement:
        requirement = cls(aggregate_id)
        requirement.record("RequirementCreated", {"title": title})
        return requirement

    def analyze(self, score: int = 80) -> None:
        self.record("RequirementAnalyzed", {"score": score})

    def approve(self, approver: str = "ada") -> None:
        self.record("RequirementApproved", {"approver": approver})

    @applies("RequirementCreated")
    def _created(self, event: DomainEvent | StoredDomainEvent) -> None:
        self.title = event.data.get("title", "")

    @applies("RequirementAnalyzed")
    def _analyzed(self, event: DomainEvent | StoredDomainEvent) -> None:
        self.score = event.data["score"]

    @applies("RequirementApproved")
    def _approved(self, event: DomainEvent | StoredDomainEvent) -> None:
        self.status = "approved"


@pytest.fixture
def requirement() -> Callable[..., Requirement]:
    return Requirement.create


@pytest.fixture
def aggregate_class() -> type[Requirement]:
    return Requirement


@pytest.fixture
def migration_handler() -> EventMigrationHandler:
    """A registry of its own: the process's is for the process."""
    return EventMigrationHandler()


@pytest.fixture
def event_store(migration_handler: EventMigrationHandler) -> EventStoreService:
    return EventStoreService(migration_handler)


@pytest.fixture
def event_store_publisher(event_store: EventStoreService) -> EventStorePublisher:
    return EventStorePublisher(event_store)


@pytest.fixture
def approved_v1() -> Callable[..., Any]:
    def make(**data: Any) -> DomainEvent:
        return DomainEvent(
            event_type="RequirementApproved",
            aggregate_type="Requirement",
            aggregate_id="R-1",
            event_version="v1",
            data=data,
        )

    return make
