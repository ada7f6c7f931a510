"""The console in hosts with a themed admin and a transaction around each request."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.template import loader
from django.test import Client
from django.urls import reverse
from django.utils import translation

from audit_console import links
from audit_console.models import AccessRecord
from audit_console.urls import routes
from eventstore.models import TenantGrant
from eventstore.roles import Role
from tests.audit_console.conftest import TENANT
from tests.audit_console.test_frame import address_of, assert_secured

# Truly committed: a transaction around the request would be one around the record.
pytestmark = pytest.mark.django_db(transaction=True)

PREFIX = "/internal/tools/evidence/"


@pytest.fixture(params=["plain", "unfold", "jazzmin"])
def host(request: pytest.FixtureRequest, settings, monkeypatch) -> str:
    """A host with a theme; its templates come before the admin's."""
    theme = [] if request.param == "plain" else [request.param]
    settings.INSTALLED_APPS = [*theme, *settings.INSTALLED_APPS]
    # Read anew, with the theme's templates.
    settings.TEMPLATES = copy.deepcopy(settings.TEMPLATES)
    settings.ROOT_URLCONF = "tests.audit_console.host_urls"
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    return str(request.param)


@pytest.fixture
def browser(client: Client) -> Client:
    user = User.objects.create_user("anna", password="a long enough secret")
    TenantGrant.objects.create(user=user, tenant_id=TENANT, role=Role.AUDITOR)
    client.force_login(user)
    return client


def test_every_page_is_the_consoles_own(host: str, browser: Client) -> None:
    addresses = [PREFIX + address_of(route) for route in routes]
    addresses += [PREFIX + own for own in ("password/", "password/done/", "nowhere/")]

    for address in addresses:
        answer = browser.get(address)

        assert_secured(answer)
        assert answer.status_code in {200, 302, 400, 403, 404, 405}, address
        text = answer.content.decode()
        assert "unfold" not in text
        assert "jazzmin" not in text
        assert "/staff/" not in text
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            assert text.count("<main") == 1, address
            assert f'href="{PREFIX}"' in text


def test_log_in_and_log_out_are_the_consoles_own(host: str, browser: Client) -> None:
    bye = browser.post(f"{PREFIX}logout/")
    log_in = browser.get(f"{PREFIX}login/")
    given = {"username": "anna", "password": "a long enough secret", "next": PREFIX}
    again = browser.post(f"{PREFIX}login/", given)

    for answer in (bye, log_in):
        assert answer.status_code == 200
        assert_secured(answer)
        assert 'class="console entrance"' in answer.content.decode()
    assert f'name="next" value="{PREFIX}"' in log_in.content.decode()
    assert again["Location"] == PREFIX


def test_the_theme_is_there_but_for_the_console(host: str) -> None:
    """Else the tests above would show nothing."""
    template: Any = loader.get_template("admin/base_site.html")

    assert host == "plain" or host in Path(str(template.origin)).parts


def test_a_record_outlives_the_failure_of_the_request(
    host: str, browser: Client
) -> None:
    browser.get(f"{PREFIX}nowhere/")

    assert AccessRecord.objects.get().outcome == "not found"


def test_names_are_found_in_the_console_and_in_the_admin(host: str) -> None:
    assert reverse("audit_console:access") == f"{PREFIX}access/"
    assert reverse("admin:index") == "/staff/"


def test_addresses_are_those_of_the_language_of_the_page(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.audit_console.translated_urls"

    for language in ("en", "de", "en"):
        with translation.override(language):
            assert links.event_url(1) == f"/{language}/audit/events/1/"
            saved = f"/{language}/audit/saved/"
            assert links.own_address(saved) == saved


@pytest.mark.parametrize("urlconf", ["host_urls", "translated_urls"])
def test_the_address_of_an_event_is_that_of_its_route(
    settings: Any, urlconf: str
) -> None:
    settings.ROOT_URLCONF = f"tests.audit_console.{urlconf}"

    assert links.event_url(12) == reverse("audit_console:event", args=(12,))
