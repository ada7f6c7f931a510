"""Two people in two browsers, and events to redact."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from eventstore import redaction, store
from eventstore.models import RedactionRequest
from eventstore.roles import Role
from eventstore.types import StoredDomainEvent
from tests.audit_console.conftest import TENANT
from tests.factories import new_event


@pytest.fixture(autouse=True)
def no_purposes(settings: Any) -> None:
    """Ask nobody why they read: that has tests of its own."""
    settings.AUDIT_CONSOLE = {"PURPOSES": {}}


def browser_of(user: User) -> Client:
    """Return a browser in which somebody is logged in; CSRF is checked."""
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def officer(reader: Callable[..., User]) -> User:
    return reader(Role.PRIVACY_OFFICER, name="vera")


@pytest.fixture
def dpo(reader: Callable[..., User]) -> User:
    return reader(Role.DPO, name="otto")


@pytest.fixture
def vera(officer: User) -> Client:
    return browser_of(officer)


@pytest.fixture
def otto(dpo: User) -> Client:
    return browser_of(dpo)


@pytest.fixture
def events(db: None) -> list[StoredDomainEvent]:
    """Two events about a customer, one of another type."""
    given = {"aggregate_type": "Customer", "aggregate_id": "C-17"}
    return [
        store.append_event(
            new_event(
                event_type,
                data={"name": "Ingrid Solheim", "at": {"city": city, "zip": "5003"}},
                metadata={"ip": "192.0.2.7"},
                **given,
            ),
            TENANT,
        )
        for event_type, city in (
            ("CustomerMoved", "Bergen"),
            ("CustomerMoved", "Oslo"),
            ("CustomerCalled", "Moss"),
        )
    ]


@pytest.fixture
def waiting(
    officer: User, dpo: User, events: list[StoredDomainEvent]
) -> RedactionRequest:
    """A request that waits: two fields of the first event, the second whole."""
    first, second, _third = events
    made = redaction.draft(
        officer, [first.position, second.position], reason="Erasure DSR-2041"
    )
    redaction.choose_fields(
        officer, made, {first.position: ["/data/name", "/metadata/ip"]}
    )
    redaction.submit(officer, made)
    return made
