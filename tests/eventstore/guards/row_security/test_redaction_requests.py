"""Requests for redactions in a hardened database behind row-level security."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import psycopg
import pytest
from django.contrib.auth.models import User
from django.db import connections

from eventstore import redaction, store
from eventstore.models import RedactionRequest, StoredEvent, TenantGrant
from eventstore.roles import Role
from eventstore.tenancy import scoped
from tests.eventstore.guards.conftest import World
from tests.eventstore.guards.row_security.conftest import in_scope
from tests.factories import new_event


@pytest.fixture
def _as_application(walled: World) -> Iterator[None]:
    """The application's role for users and grants, too: they lie beside the log."""
    usual = connections["default"]
    with walled.store():
        connections["default"] = connections[walled.database]
        try:
            yield
        finally:
            connections["default"] = usual


@pytest.fixture
def executed(_as_application: None) -> RedactionRequest:
    """A request that the application's role has taken all the way."""
    vera = User.objects.create(username=f"vera-{uuid.uuid4()}")
    otto = User.objects.create(username=f"otto-{uuid.uuid4()}")
    TenantGrant.objects.create(user=vera, tenant_id="a,b", role=Role.PRIVACY_OFFICER)
    TenantGrant.objects.create(user=otto, tenant_id="a,b", role=Role.DPO)
    event = store.append_event(new_event(), "a,b")
    made = redaction.draft(vera, [event.position], reason="why")
    redaction.submit(vera, made)
    redaction.approve(otto, made, events=1)
    return redaction.execute(otto, made)


def test_a_request_goes_all_the_way(walled: World, executed: RedactionRequest) -> None:
    assert executed.status == "executed"
    with scoped(("a,b",)):
        item = executed.items.get()
        events = StoredEvent.objects.using(walled.database)
        assert events.get(position=item.position).is_redacted
    with scoped(("initech",)):
        assert not RedactionRequest.objects.using(walled.database).exists()


def test_the_application_cannot_rewrite_the_timeline(
    walled: World, executed: RedactionRequest
) -> None:
    for statement in (
        "UPDATE event_redaction_steps SET note = 'never mind'",
        "DELETE FROM event_redaction_steps",
        "TRUNCATE event_redaction_requests CASCADE",
        "ALTER TABLE event_redaction_requests DISABLE TRIGGER eventstore_rules",
    ):
        with (
            in_scope(walled, "a,b") as cursor,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            cursor.execute(statement)
