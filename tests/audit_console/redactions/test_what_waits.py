"""The overview says what waits, and for whom."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client

from eventstore.models import RedactionRequest
from eventstore.roles import Role

pytestmark = pytest.mark.django_db


def test_a_request_waits_for_whoever_may_approve_it(
    vera: Client, otto: Client, waiting: RedactionRequest
) -> None:
    asked, asks = (who.get("/audit/").content.decode() for who in (otto, vera))

    assert "1 waits for you" in asked
    assert "for a second person" in asks
    link = re.search(r'class="card" href="([^"]*status=submitted[^"]*)"', asked)
    assert link is not None
    listed = otto.get(unescape(link.group(1))).content.decode()
    assert listed.count(waiting.reference) >= 1
    assert "1 request, newest first" in listed


@pytest.mark.usefixtures("events")
def test_nothing_waits_before_anything_is_asked_for(vera: Client) -> None:
    assert "nobody waits" in vera.get("/audit/").content.decode()


@pytest.mark.usefixtures("events")
def test_who_may_not_export_has_no_card_of_exports(
    vera: Client, reader: Callable[..., User], client: Client
) -> None:
    client.force_login(reader(Role.PLATFORM_ADMIN, name="paul"))

    assert "Exports under way" in vera.get("/audit/").content.decode()
    assert "Exports under way" not in client.get("/audit/").content.decode()
