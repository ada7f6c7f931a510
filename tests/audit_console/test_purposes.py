"""Why somebody reads is asked once a session and stamped on every record."""

from __future__ import annotations

import time
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.utils import timezone

from audit_console.access import Act
from audit_console.models import AccessRecord
from audit_console.views.base import Page

pytestmark = pytest.mark.django_db


class PayloadPage(Page):
    act = Act.VIEW_EVENT
    template_name = "audit_console/overview/page.html"
    shows_payload = True

    def context(self):
        return {}


def ask(console: Client, user: User, **headers: str):
    request = RequestFactory().get("/audit/some/?tenant=acme", headers=headers)
    request.session = console.session
    request.user = user
    return PayloadPage.as_view()(request)


def state(console: Client, **more: str):
    given = {"purpose": "audit", "reference": "Q3", "next": "/audit/access/", **more}
    return console.post("/audit/purpose/", given)


def test_the_first_payload_leads_to_the_question_and_back(
    console: Client, auditor: User
) -> None:
    answer = ask(console, auditor)

    assert answer.status_code == 302
    assert (
        answer["Location"] == "/audit/purpose/?next=%2Faudit%2Fsome%2F%3Ftenant%3Dacme"
    )


def test_a_fragment_with_payload_leads_the_whole_page_to_the_question(
    console: Client, auditor: User
) -> None:
    answer = ask(console, auditor, hx_request="true")

    assert answer["HX-Redirect"].startswith("/audit/purpose/")


@pytest.mark.parametrize(
    ("page", "back"),
    [
        ("http://testserver/audit/events/?type=A%26B", "/audit/events/?type=A%26B"),
        ("http://[x", ""),
        ("", ""),
    ],
)
def test_a_fragment_leads_back_to_the_page_that_asked_for_it(
    console: Client, auditor: User, page: str, back: str
) -> None:
    answer = ask(console, auditor, hx_request="true", hx_current_url=page)

    assert answer["HX-Redirect"] == f"/audit/purpose/?{urlencode({'next': back})}"


def test_a_stated_purpose_is_stamped_on_what_follows(console: Client) -> None:
    answer = state(console)

    assert answer["Location"] == "/audit/access/"
    console.get("/audit/")
    row = AccessRecord.objects.order_by("-id")[0]
    assert (row.purpose, row.reference) == ("audit", "Q3")


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/audit/", "/admin/", ""]
)
def test_the_question_leads_nowhere_else(console: Client, elsewhere: str) -> None:
    assert state(console, next=elsewhere)["Location"] == "/audit/"


def test_an_unknown_purpose_is_refused_and_said(console: Client) -> None:
    answer = state(console, purpose="curiosity")

    assert answer.status_code == 200
    assert "curiosity" in answer.content.decode()


@pytest.mark.parametrize(
    ("minutes", "is_due"), [(29, False), (31, True)], ids=["in use", "idle"]
)
def test_a_purpose_expires_when_idle(
    console: Client, auditor: User, minutes: int, is_due: bool, monkeypatch
) -> None:
    state(console)
    later = (timezone.now() + timedelta(minutes=minutes)).timestamp()
    monkeypatch.setattr(time, "time", lambda: later)

    assert (ask(console, auditor).status_code == 302) is is_due


def test_a_purpose_expires_after_eight_hours_of_use(
    console: Client, auditor: User, monkeypatch
) -> None:
    state(console)
    start = timezone.now().timestamp()
    for quarter in range(33):
        monkeypatch.setattr(time, "time", lambda quarter=quarter: start + quarter * 900)
        console.get("/audit/")

    assert ask(console, auditor).status_code == 302


def test_without_purposes_nobody_is_asked(
    console: Client, auditor: User, settings
) -> None:
    settings.AUDIT_CONSOLE = {"PURPOSES": {}}

    assert ask(console, auditor).status_code == 200
