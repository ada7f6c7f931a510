"""What surrounds every page: gate, headers, errors, prefix, host."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from audit_console.scope import Scope
from audit_console.site import audit_console
from audit_console.urls import routes
from audit_console.views.overview import OverviewPage
from eventstore.roles import Role

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]
OWN = ["login/", "logout/", "password/", "password/done/", "nowhere/", "no-slash"]


def address_of(route: URLPattern) -> str:
    """An address that the route takes, whatever its parameters are."""
    text = str(route.pattern)
    text = re.sub(r"<int:\w+>", "1", text)
    text = re.sub(r"<uuid:\w+>", "00000000-0000-4000-8000-000000000000", text)
    return re.sub(r"<(?:\w+:)?\w+>", "x", text)


ADDRESSES = [f"/audit/{each}" for each in (*map(address_of, routes), *OWN)]


def assert_secured(answer) -> None:
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]
    assert answer["X-Request-ID"]
    assert "HX-Request" in answer["Vary"]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("method", ["get", "post"])
class TestHeaders:
    def test_a_stranger_gets_them(
        self, client: Client, address: str, method: str
    ) -> None:
        assert_secured(getattr(client, method)(address))

    def test_an_auditor_gets_them(
        self, console: Client, address: str, method: str
    ) -> None:
        assert_secured(getattr(console, method)(address))


@pytest.mark.parametrize("route", routes, ids=lambda route: route.name)
def test_another_tenant_is_as_if_it_did_not_exist(
    console: Client, route: URLPattern
) -> None:
    answer = console.get(f"/audit/{address_of(route)}?tenant=globex")

    assert answer.status_code in {404, 405}


class TestErrors:
    @pytest.fixture
    def failing(self, monkeypatch, client: Client) -> None:
        def context(self):
            raise ZeroDivisionError("a secret of the code")

        monkeypatch.setattr(OverviewPage, "context", context)
        client.raise_request_exception = False

    @pytest.mark.usefixtures("failing")
    def test_a_failure_is_a_page_with_headers_and_number_and_no_stack(
        self, console: Client
    ) -> None:
        answer = console.get("/audit/")

        assert answer.status_code == 500
        assert_secured(answer)
        assert answer["X-Request-ID"] in answer.content.decode()
        assert "secret of the code" not in answer.content.decode()

    @pytest.mark.usefixtures("failing")
    def test_a_failure_of_a_fragment_is_a_panel(self, console: Client) -> None:
        answer = console.get("/audit/", headers={"HX-Request": "true"})

        assert answer.status_code == 500
        assert "<html" not in answer.content.decode()
        assert 'role="alert"' in answer.content.decode()

    def test_a_form_without_its_token_is_refused_by_a_page(self, auditor: User) -> None:
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(auditor)

        answer = browser.post("/audit/purpose/", {"purpose": "audit"})

        assert answer.status_code == 403
        assert_secured(answer)
        assert "This form has expired" in answer.content.decode()

    def test_a_statement_that_takes_too_long_is_stopped_and_said(
        self, console: Client, monkeypatch, settings
    ) -> None:
        settings.AUDIT_CONSOLE = {"STATEMENT_SECONDS": 0.05}

        def context(self):
            from django.db import connection

            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(5)")

        monkeypatch.setattr(OverviewPage, "context", context)

        answer = console.get("/audit/")

        assert answer.status_code == 503
        assert "Stopped, for it took too long." in answer.content.decode()

    def test_a_fragment_without_a_session_reloads_the_page(
        self, client: Client
    ) -> None:
        answer = client.get("/audit/", headers={"HX-Request": "true"})

        assert answer["HX-Refresh"] == "true"
        assert "Location" not in answer


class TestPage:
    def test_it_cannot_write(self, console: Client, monkeypatch) -> None:
        def context(self):
            User.objects.create_user("made by a page")

        monkeypatch.setattr(OverviewPage, "context", context)
        console.raise_request_exception = False

        assert console.get("/audit/").status_code == 500
        assert not User.objects.filter(username="made by a page").exists()

    def test_row_level_security_is_told_whose_rows_these_are(
        self, console: Client, monkeypatch
    ) -> None:
        def context(self):
            from django.db import connection

            with connection.cursor() as cursor:
                cursor.execute("SELECT current_setting('eventstore.tenants')")
                return {"told": cursor.fetchone()[0]}

        monkeypatch.setattr(OverviewPage, "context", context)

        assert console.get("/audit/").context["told"] == "{acme}"

    def test_a_part_that_runs_out_of_time_leaves_the_rest(
        self, console: Client, monkeypatch
    ) -> None:
        def context(self):
            from django.db import connection

            def slow() -> None:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_sleep(5)")

            return {
                "slow": self.reading.part(slow, seconds=0.05),
                "quick": self.reading.part(User.objects.count),
            }

        monkeypatch.setattr(OverviewPage, "context", context)

        found = console.get("/audit/").context

        assert (found["slow"], found["quick"]) == (None, 1)

    def test_it_says_up_to_where_the_log_is_complete(
        self, console: Client, history: None
    ) -> None:
        answer = console.get("/audit/")

        horizon = answer.context["reading"].horizon
        assert f"Complete up to position {horizon:,}" in answer.content.decode()

    def test_the_zone_of_the_address_is_the_zone_of_the_times(
        self, console: Client
    ) -> None:
        assert "+05:45" in console.get("/audit/?tz=Asia/Kathmandu").content.decode()


class TestTenants:
    @pytest.fixture
    def browser(self, client: Client, reader: Callable[..., User]) -> Client:
        client.force_login(reader(Role.AUDITOR, tenants=("acme", "globex", "initech")))
        return client

    def scope(self, browser: Client, query: str = "") -> Scope:
        scope: Scope = browser.get(f"/audit/{query}").context["scope"]
        return scope

    def test_one_is_shown_at_first(self, browser: Client) -> None:
        assert self.scope(browser).tenants == ("acme",)

    def test_the_chosen_one_stays_chosen(self, browser: Client) -> None:
        assert self.scope(browser, "?tenant=globex").tenants == ("globex",)
        assert self.scope(browser).tenants == ("globex",)

    def test_all_can_be_shown_together(self, browser: Client) -> None:
        assert self.scope(browser, "?tenant=*").tenants == ("acme", "globex", "initech")
        assert self.scope(browser).is_all

    def test_nine_are_too_many(
        self, client: Client, reader: Callable[..., User]
    ) -> None:
        many = tuple(f"t{n}" for n in range(9))
        client.force_login(reader(Role.AUDITOR, tenants=many))

        assert client.get("/audit/?tenant=*").status_code == 404
        assert not self.scope(client).may_see_all


def test_the_log_in_page_of_the_host_is_used_where_it_is_named(
    client: Client, settings
) -> None:
    settings.AUDIT_CONSOLE = {"LOGIN_URL": "admin:login"}

    answer = client.get("/audit/login/?next=/audit/access/")

    assert answer["Location"] == "/admin/login/?next=/audit/access/"


def test_a_host_that_demands_a_log_in_everywhere_leaves_it_to_the_console(
    client: Client, settings
) -> None:
    settings.MIDDLEWARE = [
        *settings.MIDDLEWARE,
        "django.contrib.auth.middleware.LoginRequiredMiddleware",
    ]

    assert client.get("/audit/login/").status_code == 200
    answer = client.get("/audit/access/")
    assert answer["Location"] == "/audit/login/?next=/audit/access/"
    assert_secured(answer)


def test_somebody_who_is_not_staff_can_log_in(client: Client, auditor: User) -> None:
    answer = client.post(
        "/audit/login/",
        {"username": "anna", "password": "a long enough secret", "next": "/audit/"},
    )

    assert answer["Location"] == "/audit/"


def test_links_lead_to_the_console_and_not_to_the_admin(console: Client) -> None:
    text = console.get("/audit/").content.decode()

    assert 'action="/audit/logout/"' in text
    assert 'href="/admin' not in text


def test_no_model_can_be_registered() -> None:
    with pytest.raises(Exception, match="takes no ModelAdmin"):
        audit_console.register(User)


def test_the_routes_keep_their_promise_to_the_transaction_of_the_host() -> None:
    for name in ("index", "login", "access"):
        match = get_resolver().resolve(reverse(f"audit_console:{name}"))
        assert "default" in vars(match.func)["_non_atomic_requests"]


#: A report is no page of the console: it is downloaded, and has nothing beside it.
TEMPLATES = sorted(
    path
    for path in (ROOT / "templates" / "audit_console").rglob("*.html")
    if path.parent.name != "report"
)


@pytest.mark.parametrize(
    "template", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_a_template_has_nothing_inline_and_no_trigger_filter(template: Path) -> None:
    text = template.read_text()

    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|hx-on|javascript:", text)
    assert not re.search(r"hx-trigger=\"[^\"]*\[", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert "mark_safe" not in text


def test_an_address_of_too_many_parts_is_the_askers_fault(console: Client) -> None:
    answer = console.get("/audit/events/?" + "&".join(f"e={n}" for n in range(1, 1500)))

    assert answer.status_code == 400
    assert answer["Content-Security-Policy"]
    assert "cannot be read" in answer.content.decode()
