from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client, modify_settings, override_settings
from drf_spectacular.drainage import GENERATOR_STATS
from openapi_spec_validator import OpenAPIV31SpecValidator
from pytest_django.live_server_helper import LiveServer
from rest_framework.test import APIClient

from eventstore import store
from eventstore.api.documents import PATH
from eventstore.models import TenantGrant
from eventstore_project.openapi.document import as_text
from tests.factories import new_event
from tests.not_run import not_run

SCHEMA = "/api/v1/schema/"
READERS = ("/api/v1/docs/", "/api/v1/redoc/")


def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(PATH.read_bytes())
    return found


def test_the_document_is_what_the_code_says_and_nothing_is_guessed() -> None:
    with GENERATOR_STATS.silence():
        GENERATOR_STATS.reset()
        made = as_text()

    assert not GENERATOR_STATS._warn_cache
    assert not GENERATOR_STATS._error_cache
    assert made == PATH.read_text(), "python -m eventstore_project.openapi"


def test_the_document_is_openapi_3_1() -> None:
    assert document()["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(document()).validate()


def test_every_operation_says_all_that_it_has_to() -> None:
    operations = [
        (path, method, operation)
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
    ]

    assert operations
    for path, method, operation in operations:
        assert operation["summary"], (path, method)
        assert operation["description"], (path, method)
        assert operation["tags"], (path, method)
        assert {"401", "429", "default"} <= set(operation["responses"]), (path, method)
        assert all(p.get("description") or "$ref" in p for p in operation["parameters"])
    ids = [operation["operationId"] for _, _, operation in operations]
    assert len(ids) == len(set(ids))


def test_every_tag_is_described() -> None:
    used = {
        tag
        for methods in document()["paths"].values()
        for operation in methods.values()
        for tag in operation["tags"]
    }

    assert used == {tag["name"] for tag in document()["tags"]}


def test_the_document_is_served_for_where_the_api_is_mounted(
    client: APIClient,
) -> None:
    answer = client.get(SCHEMA, headers={"Accept": "application/json"})

    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    assert answer.json() == {**document(), "servers": [{"url": "/api/v1"}]}


def test_the_document_has_a_media_type_of_its_own(client: APIClient) -> None:
    kind = "application/vnd.oai.openapi+json"

    assert client.get(SCHEMA, headers={"Accept": kind})["Content-Type"] == kind


def test_who_has_the_document_is_not_sent_it_again(client: APIClient) -> None:
    tag = client.get(SCHEMA)["ETag"]

    again = client.get(SCHEMA, headers={"If-None-Match": tag})

    assert again.status_code == 304
    assert again.content == b""


@pytest.mark.django_db
@pytest.mark.parametrize("address", [SCHEMA, *READERS])
def test_strangers_read_nothing_about_the_api(address: str) -> None:
    assert Client().get(address).status_code == 401


@pytest.mark.parametrize("address", READERS)
def test_a_host_without_the_files_says_how_to_get_them(
    client: APIClient, address: str
) -> None:
    with modify_settings(INSTALLED_APPS={"remove": "drf_spectacular_sidecar"}):
        answer = client.get(address)

    assert answer.status_code == 404
    assert "django-eventstore[openapi]" in answer.json()["detail"]


@override_settings(STATIC_URL="https://files.example/static/")
def test_files_on_another_host_are_allowed_by_the_pages(client: APIClient) -> None:
    page = client.get(READERS[0])

    assert "script-src 'self' https://files.example;" in page["Content-Security-Policy"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("address", "place"),
    [(READERS[0], ".opblock-summary-description"), (READERS[1], "h2")],
)
def test_the_pages_show_the_document_under_a_strict_policy(
    live_server: LiveServer, ann: User, address: str, place: str
) -> None:
    client = Client()
    client.force_login(ann)
    session = client.cookies["sessionid"].value
    complaints: list[str] = []
    elsewhere: list[str] = []
    with browser() as chromium:
        context = chromium.new_context()
        context.add_cookies(
            [{"name": "sessionid", "value": session, "url": live_server.url}]
        )
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: elsewhere.append(request.url))
        policy = page.goto(live_server.url + address).headers["content-security-policy"]
        page.locator(place, has_text="Append to an aggregate").first.wait_for()
        context.close()

    assert complaints == []
    assert "unsafe" not in policy
    assert [
        url for url in elsewhere if not url.startswith((live_server.url, "data:"))
    ] == []


@pytest.mark.django_db(transaction=True)
def test_a_list_is_tried_out_as_it_stands(live_server: LiveServer, ann: User) -> None:
    """No example of a filter is in the way, nor a tenant that is not the user's."""
    store.append_event(new_event(event_id="e-1"), "acme")
    TenantGrant.objects.create(user=ann, tenant_id="globex")
    client = Client()
    client.force_login(ann)
    session = client.cookies["sessionid"].value
    with browser() as chromium:
        context = chromium.new_context()
        context.add_cookies(
            [{"name": "sessionid", "value": session, "url": live_server.url}]
        )
        page = context.new_page()
        page.goto(live_server.url + READERS[0])
        operation = page.locator("#operations-events-events_list")
        operation.locator(".opblock-summary").click()
        operation.locator(".try-out__btn").click()
        with page.expect_response(lambda answer: "/events/" in answer.url) as found:
            operation.locator("button.execute").click()
        answer = found.value.json()
        told = operation.locator(".parameters", has_text="As in: acme").count()
        context.close()

    assert [event["event_id"] for event in answer["results"]] == ["e-1"]
    assert told


@contextlib.contextmanager
def browser() -> Any:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        not_run("playwright", "it drives the browser")
    if not Path("/usr/bin/chromium").exists():
        not_run("chromium", "the pages are looked at in it")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        yield chromium
        chromium.close()
