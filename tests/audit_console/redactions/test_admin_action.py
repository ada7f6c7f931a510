"""The ordinary admin leads to the console, and begins drafts there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from eventstore.roles import Role
from eventstore.types import StoredDomainEvent
from tests.audit_console.redactions.conftest import browser_of

pytestmark = pytest.mark.django_db

EVENTS = "/admin/eventstore/storedevent/"


@pytest.fixture
def staff(reader: Callable[..., User]) -> Callable[..., Client]:
    """Log somebody in who may also see the admin's pages of the log."""

    def make(role: Role) -> Client:
        user = reader(role, name="staff")
        user.is_staff = True
        user.save()
        seen = Permission.objects.filter(
            content_type__app_label="eventstore", codename__startswith="view_"
        )
        user.user_permissions.set(seen)
        return browser_of(user)

    return make


def test_ticked_events_begin_a_draft_in_the_console(
    staff: Callable[..., Client], events: list[StoredDomainEvent]
) -> None:
    browser = staff(Role.PRIVACY_OFFICER)
    shown = browser.get(EVENTS).content.decode()
    assert "Draft a redaction of the selected events" in shown
    assert f'href="/audit/events/{events[0].position}/"' in shown

    answer = browser.post(
        EVENTS,
        {
            "action": "draft_redaction",
            "_selected_action": [events[0].position, events[2].position],
            # What is not on the page is not meant, whatever the browser says.
            "select_across": "1",
        },
    )

    query = f"e={events[0].position}&e={events[2].position}"
    assert answer["Location"] == f"/audit/redactions/new/?{query}"
    page = browser.get(answer["Location"]).content.decode()
    assert page.count('name="e"') == 2


def test_more_than_200_ticked_events_are_refused(
    staff: Callable[..., Client], events: list[StoredDomainEvent]
) -> None:
    answer = staff(Role.PRIVACY_OFFICER).post(
        EVENTS,
        {"action": "draft_redaction", "_selected_action": list(range(1, 202))},
        follow=True,
    )

    assert "One request has 200 events at most." in answer.content.decode()


def test_who_may_not_request_has_no_action(
    staff: Callable[..., Client], events: list[StoredDomainEvent]
) -> None:
    browser = staff(Role.AUDITOR)
    assert "draft_redaction" not in browser.get(EVENTS).content.decode()

    browser.post(
        EVENTS,
        {"action": "draft_redaction", "_selected_action": [events[0].position]},
    )
    outsider = browser.get(EVENTS).content.decode()
    assert "_selected_action" not in outsider


def test_who_may_not_enter_the_console_gets_no_links(
    staff: Callable[..., Client], events: list[StoredDomainEvent]
) -> None:
    assert "/audit/" not in staff(Role.READER).get(EVENTS).content.decode()


@pytest.mark.parametrize("model", ["storedevent", "eventsnapshot", "eventredaction"])
def test_each_list_still_works(
    staff: Callable[..., Client], events: list[StoredDomainEvent], model: str
) -> None:
    answer = staff(Role.AUDITOR).get(f"/admin/eventstore/{model}/")

    assert answer.status_code == 200
