"""What a reader may not see cannot be guessed either, by whatever is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from audit_console.models import AccessRecord
from eventstore import event_migrations
from eventstore.roles import Role
from eventstore.types import StoredDomainEvent
from tests.audit_console.conftest import TENANT

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "anna@example.org"
ACTOR = {"actor": {"type": "user", "id": SECRET}}


@pytest.fixture
def personal(settings: Any) -> Callable[..., None]:
    """Declare places to be personal."""

    def declare(*paths: str) -> None:
        settings.EVENTSTORE = {**settings.EVENTSTORE, "PERSONAL_PATHS": paths}

    return declare


def _panel(client: Client, name: str, query: str = "") -> str:
    response = client.get(
        f"/audit/events/?tenant={TENANT}&facet={name}&{query}",
        headers={"HX-Request": "true", "HX-Target": f"facet-{name}"},
    )
    return response.content.decode()


def test_a_facet_alone_counts_nothing_for_a_query_that_is_refused(
    login: Callable[..., Client],
    append: Callable[..., StoredDomainEvent],
    personal: Callable[..., None],
) -> None:
    personal("/data/email")
    append({"email": SECRET})
    client = login(Role.AUDITOR)

    assert "ParcelMoved" in _panel(client, "type")
    assert "ParcelMoved" not in _panel(client, "type", f"q=data.email:{SECRET}")


def test_a_facet_alone_does_not_look_into_payloads_for_one_who_may_not(
    login: Callable[..., Client], append: Callable[..., StoredDomainEvent]
) -> None:
    append({"title": "told-to-few"})
    client = login(Role.SECURITY)

    assert "ParcelMoved" not in _panel(client, "type", "q=data.title:told-to-few")


def test_the_facet_of_actors_who_are_personal_has_no_values(
    login: Callable[..., Client],
    append: Callable[..., StoredDomainEvent],
    personal: Callable[..., None],
) -> None:
    personal("/metadata/actor")
    append(metadata=ACTOR)

    assert SECRET not in _panel(login(Role.AUDITOR), "actor")


@pytest.mark.parametrize("path", ["/metadata/actor", "/metadata/actor/id"])
def test_no_page_names_an_actor_who_is_personal(
    login: Callable[..., Client],
    append: Callable[..., StoredDomainEvent],
    personal: Callable[..., None],
    page: Callable[..., str],
    path: str,
) -> None:
    personal(path)
    event = append({"n": 1}, metadata={**ACTOR, "correlation_id": "c-1"})
    client = login(Role.AUDITOR)
    key = {"tenant": TENANT, "type": "Parcel", "id": "P-1"}

    for address in (
        page("index"),
        page("events"),
        page("event", event.position),
        page("event_raw", event.position),
        page("compare", e=event.position),
        page("aggregates"),
        page("aggregate", **key),
        page("aggregate", **key, view="compact"),
        page("aggregate", **key, view="json"),
        page("aggregate_print", **key),
        page("state", **key),
        page("differences", **key),
        page("correlations", tenant=TENANT, id="c-1"),
    ):
        response = client.get(address)
        assert response.status_code == 200, address
        assert SECRET not in response.content.decode(), address


def test_a_correlation_that_is_personal_is_not_named(
    login: Callable[..., Client],
    append: Callable[..., StoredDomainEvent],
    personal: Callable[..., None],
    page: Callable[..., str],
) -> None:
    personal("/metadata/correlation_id")
    event = append({"n": 1}, metadata={"correlation_id": SECRET})
    client = login(Role.AUDITOR)

    for address in (
        page("events", cols="correlation"),
        page("event", event.position),
        page("aggregates"),
    ):
        assert SECRET not in client.get(address).content.decode(), address


def test_what_a_migration_says_of_a_hidden_value_stays_hidden(
    login: Callable[..., Client],
    append: Callable[..., StoredDomainEvent],
    personal: Callable[..., None],
    page: Callable[..., str],
    parcel: dict[str, str],
) -> None:
    def refuse(data: Any) -> Any:
        raise ValueError(data["email"])

    personal("/data/email")
    append({"email": SECRET})
    event_migrations.register_migration("ParcelMoved", "v1", "v2", refuse)
    try:
        html = login(Role.AUDITOR).get(page("state", **parcel)).content.decode()
    finally:
        event_migrations._steps.pop("ParcelMoved")

    assert "could not be folded" in html
    assert SECRET not in html


def test_what_the_neighbours_in_a_list_were_asked_by_is_on_record(
    login: Callable[..., Client],
    append: Callable[..., StoredDomainEvent],
    page: Callable[..., str],
) -> None:
    event = append({"title": "x"})
    client = login(Role.AUDITOR)

    client.get(page("event", event.position, q="data.title:x type:ParcelMoved"))

    record = AccessRecord.objects.latest("id")
    assert "data.title:x" in record.query


def test_a_migration_carries_no_hidden_value_to_another_place(
    login: Callable[..., Client],
    append: Callable[..., StoredDomainEvent],
    personal: Callable[..., None],
    page: Callable[..., str],
    parcel: dict[str, str],
) -> None:
    def rename(data: Any) -> Any:
        return {"contact": {"mail": data["email"]}}

    personal("/data/email")
    event = append({"email": SECRET})
    client = login(Role.AUDITOR)
    event_migrations.register_migration("ParcelMoved", "v1", "v2", rename)
    try:
        for address in (page("event", event.position), page("state", **parcel)):
            html = client.get(address).content.decode()
            assert "contact" in html
            assert SECRET not in html
    finally:
        event_migrations._steps.pop("ParcelMoved")
