"""Nothing is learnt that is not on record, however it is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from audit_console.models import AccessRecord
from eventstore import store
from eventstore.roles import Role
from tests.audit_console.conftest import TENANT
from tests.factories import new_event

pytestmark = pytest.mark.django_db(transaction=True)
LIVE = {"HX-Request": "true", "HX-Target": "live"}


@pytest.fixture(autouse=True)
def no_purposes(settings: Any) -> None:
    settings.AUDIT_CONSOLE = {"PURPOSES": {}}


def _newest() -> AccessRecord:
    return AccessRecord.objects.latest("id")


def test_a_long_query_hides_nothing_behind_its_beginning(
    console: Client, history: None
) -> None:
    padding = "&".join(f"type={n}{'x' * 150}" for n in range(40))

    console.get(f"/audit/events/?{padding}&q=data.title:needle")

    assert "data.title:needle" in _newest().query


def test_a_record_that_is_cut_says_how_much_was_asked(
    console: Client, history: None
) -> None:
    console.get(f"/audit/events/?type={'x' * 5000}")

    assert "characters" in _newest().query[-60:]


def test_the_way_to_an_event_by_its_id_is_on_record(
    console: Client, history: None
) -> None:
    store.append_event(new_event(event_id="e-1", aggregate_id="R-2"), TENANT)
    before = AccessRecord.objects.count()

    response = console.get(f"/audit/event/?tenant={TENANT}&id=e-1")

    assert response.status_code == 302
    assert AccessRecord.objects.count() == before + 1
    assert _newest().objects_seen[0].startswith("event:")


def test_what_aggregates_were_asked_for_is_on_record(
    console: Client, history: None
) -> None:
    console.get("/audit/aggregates/?type=Requirement&id=R-1")

    assert _newest().query == "type:Requirement"
    assert "aggregate:Requirement:R-1" in _newest().objects_seen


def test_a_query_that_took_too_long_is_on_record(
    console: Client, history: None, settings: Any
) -> None:
    settings.AUDIT_CONSOLE = {**settings.AUDIT_CONSOLE, "STATEMENT_SECONDS": 0.001}
    store.append_events(
        [new_event(aggregate_id=f"R-{n}", data={"n": n}) for n in range(3000)], TENANT
    )

    # It matches nothing, so that every event is looked at.
    response = console.get("/audit/events/?q=type:RequirementCreated+data.n:-1&cols=id")

    assert response.status_code == 503
    assert (_newest().act, _newest().outcome) == ("list events", "failed")


def test_a_poll_answers_only_for_what_is_followed_on_record(
    console: Client, history: None
) -> None:
    page = "/audit/events/?tenant=acme&q=type:RequirementCreated"
    html = console.get(f"{page}&live=1").content.decode()
    found = re.search(r'data-live hx-get="([^"]*)"', html)
    assert found is not None
    poll = f"/audit/events/{unescape(found.group(1))}"
    other = poll.replace("RequirementCreated", "RequirementApproved")
    store.append_events(
        [
            new_event(aggregate_id="R-2"),
            new_event("RequirementApproved", aggregate_id="R-3"),
        ],
        TENANT,
    )

    assert console.get(poll, headers=LIVE).status_code == 200
    assert console.get(other, headers=LIVE).status_code == 204
    assert console.get(f"{page}&since=0", headers=LIVE).status_code == 204


def test_a_poll_answers_nobody_else(
    console: Client, history: None, reader: Callable[..., User]
) -> None:
    html = console.get("/audit/events/?tenant=acme&live=1").content.decode()
    found = re.search(r'data-live hx-get="([^"]*)"', html)
    assert found is not None
    poll = f"/audit/events/{unescape(found.group(1))}"
    store.append_event(new_event(aggregate_id="R-2"), TENANT)
    assert console.get(poll, headers=LIVE).status_code == 200

    console.force_login(reader(Role.AUDITOR, name="ben"))

    assert console.get(poll, headers=LIVE).status_code == 204


def test_what_others_saw_elsewhere_cannot_be_found_by_its_name(
    client: Client, reader: Callable[..., User], history: None
) -> None:
    store.append_event(new_event(aggregate_id="Secret-1"), "globex")
    both = reader(Role.DPO, name="both", tenants=(TENANT, "globex"))
    client.force_login(both)
    client.get("/audit/aggregates/?tenant=*")
    client.force_login(reader(Role.DPO, name="local"))

    html = client.get(
        "/audit/access/?object=aggregate:Requirement:Secret-1"
    ).content.decode()

    assert "both" not in html
