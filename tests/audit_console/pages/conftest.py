"""Objects of the log to look at, and who looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from eventstore import store
from eventstore.roles import Role
from eventstore.types import StoredDomainEvent
from tests.audit_console.conftest import TENANT
from tests.factories import new_event


@pytest.fixture(autouse=True)
def no_purposes(settings: Any) -> None:
    """Ask nobody why they read: that has tests of its own."""
    settings.AUDIT_CONSOLE = {"PURPOSES": {}}


@pytest.fixture
def append() -> Callable[..., StoredDomainEvent]:
    """Append an event to a parcel, which has no code of its own."""

    def run(data: Any = None, event_type: Any = "ParcelMoved", **fields: Any) -> Any:
        tenant = fields.pop("tenant", TENANT)
        given = {"aggregate_type": "Parcel", "aggregate_id": "P-1", **fields}
        return store.append_event(
            new_event(event_type, data=data or {}, **given), tenant
        )

    return run


@pytest.fixture
def login(client: Client, reader: Callable[..., Any]) -> Callable[..., Client]:
    """Log somebody with these roles in."""

    def run(*roles: Role, **how: Any) -> Client:
        client.force_login(reader(*roles, **how))
        return client

    return run


@pytest.fixture
def page() -> Callable[..., str]:
    """Return the address of a page."""

    def address(name: str, *args: Any, **query: Any) -> str:
        path = reverse(f"audit_console:{name}", args=args)
        return f"{path}?{urlencode(query, doseq=True)}" if query else path

    return address


@pytest.fixture
def parcel() -> dict[str, str]:
    """The parcel that ``append`` appends to, as an address names it."""
    return {"tenant": TENANT, "type": "Parcel", "id": "P-1"}
