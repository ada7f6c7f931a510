from __future__ import annotations

import logging
import pkgutil
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404
from django.test import AsyncClient, Client, override_settings
from django.urls import include, path
from rest_framework import exceptions as drf
from rest_framework.permissions import AllowAny
from rest_framework.test import APIClient

import eventstore.api
from eventstore import exceptions
from eventstore.api.contract import ContractView
from eventstore.api.deprecation import Deprecation
from eventstore.api.problems import KINDS, problem_of
from eventstore.api.problems.details import flatten
from eventstore.api.problems.errors import TABLE
from eventstore.api.problems.kinds import ROWS
from eventstore.request_ids import RequestIdFilter
from eventstore_project import urls

PROBLEM = "application/problem+json"
raised: dict[str, Any] = {}


class Raising(ContractView):
    permission_classes = (AllowAny,)
    authentication_classes = ()

    def get(self, _request: Any) -> Any:
        raise raised["error"]

    post = get


class Ending(Raising):
    deprecation = Deprecation(
        since=datetime(2026, 1, 31, tzinfo=UTC),
        sunset=datetime(2026, 7, 31, 12, tzinfo=UTC),
        policy="https://example.com/policy",
    )


urlpatterns = [
    path("raising/", Raising.as_view()),
    path("ending/", Ending.as_view()),
    path("api/v1/", include("eventstore.api.urls")),
    *urls.urlpatterns,
]
raises = pytest.mark.urls(__name__)


def problem_at(answer: Any, status: int, code: str) -> dict[str, Any]:
    """Return the problem, which must be whole."""
    assert answer.status_code == status
    assert answer["Content-Type"] == PROBLEM
    body: dict[str, Any] = answer.json()
    assert body["code"] == code
    assert body["status"] == status
    assert body["type"] == f"/api/v1/problems/{code}/"
    assert body["title"] == KINDS[code].title
    assert body["detail"]
    assert body["request_id"] == answer["X-Request-ID"]
    return body


def raise_it(error: Exception, **request: Any) -> Any:
    raised["error"] = error
    return Client(raise_request_exception=False).get("/raising/", **request)


@raises
@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (drf.ParseError(), 400, "parse_error"),
        (drf.NotAuthenticated(), 403, "not_authenticated"),
        (drf.PermissionDenied(), 403, "permission_denied"),
        (drf.PermissionDenied("CSRF Failed: no cookie."), 403, "csrf_failed"),
        (drf.NotFound(), 404, "not_found"),
        (Http404("table x has no y"), 404, "not_found"),
        (exceptions.EventNotFound("e-1", "acme"), 404, "not_found"),
        (drf.MethodNotAllowed("GET"), 405, "method_not_allowed"),
        (drf.NotAcceptable(), 406, "not_acceptable"),
        (exceptions.AppendOnlyViolation("No."), 409, "append_only"),
        (exceptions.RedactionNotApproved("No."), 409, "redaction_not_approved"),
        (RequestDataTooBig("too big"), 413, "body_too_large"),
        (drf.UnsupportedMediaType("text/plain"), 415, "unsupported_media_type"),
        (drf.Throttled(7.2), 429, "throttled"),
        (SuspiciousOperation("secret"), 400, "bad_request"),
        (BadRequest("secret"), 400, "bad_request"),
        (exceptions.NotInstalled("secret"), 503, "not_installed"),
        (OperationalError("secret"), 503, "unavailable"),
        (ZeroDivisionError("secret"), 500, "internal_error"),
        (exceptions.EventStoreError("secret"), 500, "internal_error"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_every_error_is_a_problem_that_leaks_nothing(
    error: Exception, status: int, code: str
) -> None:
    answer = raise_it(error)

    problem_at(answer, status, code)
    assert b"secret" not in answer.content
    assert b"table x" not in answer.content
    assert answer["Cache-Control"] == "no-store"


@raises
def test_a_conflict_tells_the_current_version() -> None:
    error = exceptions.ConcurrencyError(
        "It stands at 3.",
        aggregate_type="Order",
        aggregate_id="o-1",
        expected=2,
        actual=3,
    )

    body = problem_at(raise_it(error), 409, "concurrency_conflict")

    assert body["current_version"] == 3
    assert body["expected_version"] == 2
    assert body["aggregate_id"] == "o-1"
    assert body["detail"] == "It stands at 3."


@raises
def test_an_invalid_event_is_pointed_into() -> None:
    error = exceptions.InvalidEvent("data.items[3].a/b", "is no number")

    body = problem_at(raise_it(error), 422, "invalid_event")

    assert body["errors"] == [
        {"detail": "is no number", "pointer": "#/data/items/3/a~1b"}
    ]


@raises
def test_faults_of_a_query_name_the_parameter_and_those_of_a_body_the_place() -> None:
    raised["error"] = drf.ValidationError(
        {"events": [{}, {"data": ["It is none."]}], "non_field_errors": ["Or so."]}
    )

    asked = problem_at(Client().get("/raising/"), 400, "invalid_parameter")
    sent = problem_at(Client().post("/raising/"), 422, "invalid_body")

    assert asked["errors"][0] == {
        "detail": "It is none.",
        "parameter": "events.1.data",
    }
    assert sent["errors"] == [
        {"detail": "It is none.", "pointer": "#/events/1/data"},
        {"detail": "Or so.", "pointer": "#"},
    ]


@raises
def test_a_hundred_thousand_faults_are_not_all_told() -> None:
    body = raise_it(drf.ValidationError([{"a": ["No."]}] * 100_000)).json()

    assert len(body["errors"]) == 100


@raises
def test_what_an_error_adds_is_told_but_changes_no_standard_member() -> None:
    error = drf.PermissionDenied()
    error.extra = {"scope": "events:append", "status": 200}  # type: ignore[attr-defined]
    error.headers = {"X-Scope": "events:append"}  # type: ignore[attr-defined]

    answer = raise_it(error)

    assert problem_at(answer, 403, "permission_denied")["scope"] == "events:append"
    assert answer["X-Scope"] == "events:append"


@raises
def test_who_is_throttled_learns_for_how_long() -> None:
    assert raise_it(drf.Throttled(7.2))["Retry-After"] == "8"
    assert raise_it(OperationalError())["Retry-After"] == "5"


@raises
def test_an_unexpected_error_is_logged_with_the_id_of_its_request(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.handler.addFilter(RequestIdFilter())

    answer = raise_it(ZeroDivisionError("secret"), headers={"X-Request-ID": "r-7"})

    assert problem_at(answer, 500, "internal_error")["request_id"] == "r-7"
    (record,) = [r for r in caplog.records if r.name == "eventstore.api.contract"]
    assert record.exc_info is not None
    assert {getattr(r, "request_id", None) for r in caplog.records} == {"r-7"}


@raises
def test_hosts_that_watch_for_errors_see_them() -> None:
    raised["error"] = ZeroDivisionError()

    with pytest.raises(ZeroDivisionError):
        Client().get("/raising/")


@raises
@override_settings(REST_FRAMEWORK={"EXCEPTION_HANDLER": "tests.nowhere"})
def test_the_hosts_own_exception_handler_is_left_alone() -> None:
    problem_at(raise_it(drf.NotFound()), 404, "not_found")


@pytest.mark.parametrize("hostile", ["", "a b", "x" * 201, "é", "a\tb", '"><script>'])
def test_a_hostile_request_id_is_replaced(hostile: str) -> None:
    answer = Client().get("/api/v1/nothing/", headers={"X-Request-ID": hostile})

    assert answer["X-Request-ID"] != hostile
    assert len(answer["X-Request-ID"]) == 36


def test_a_sane_request_id_is_echoed_with_success_too(client: APIClient) -> None:
    answer = client.get("/api/v1/events/", headers={"X-Request-ID": "trace/1:a.b-c"})

    assert answer.status_code == 200
    assert answer["X-Request-ID"] == "trace/1:a.b-c"


def test_records_outside_of_requests_pass_the_filter() -> None:
    record = logging.makeLogRecord({})

    assert RequestIdFilter().filter(record)
    assert record.request_id == "-"  # type: ignore[attr-defined]


@pytest.mark.parametrize("method", ["get", "post", "put", "delete", "options"])
@pytest.mark.parametrize("address", ["nothing/", "events", "events/a/b/c/", "%00/"])
def test_there_is_no_page_of_the_host_below_the_api(method: str, address: str) -> None:
    answer = getattr(Client(enforce_csrf_checks=True), method)(f"/api/v1/{address}")

    problem_at(answer, 404, "unknown_address")


def test_a_wrong_method_is_a_problem_that_names_the_right_ones(
    client: APIClient,
) -> None:
    answer = client.put("/api/v1/events/")

    problem_at(answer, 405, "method_not_allowed")
    assert "GET" in answer["Allow"]


def test_a_type_that_nobody_writes_is_a_problem(client: APIClient) -> None:
    problem_at(
        client.get("/api/v1/events/", headers={"Accept": "image/png"}),
        406,
        "not_acceptable",
    )


@pytest.mark.django_db
def test_strangers_are_told_how_to_sign_in() -> None:
    answer = Client().get("/api/v1/events/")

    problem_at(answer, 401, "not_authenticated")
    assert answer["WWW-Authenticate"]


@pytest.mark.django_db
def test_a_session_without_the_token_cannot_write(ann: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ann)

    problem_at(client.post("/api/v1/events/"), 403, "csrf_failed")


def test_options_say_the_methods_and_nothing_else(client: APIClient) -> None:
    answer = client.options("/api/v1/events/")

    assert answer.status_code == 204
    assert answer.content == b""
    assert "GET" in answer["Allow"]


@pytest.mark.parametrize("address", ["events/", "nothing/", "problems/"])
def test_a_host_name_that_is_not_served_is_a_problem_too(address: str) -> None:
    answer = Client().get(f"/api/v1/{address}", headers={"Host": "evil.example"})

    problem_at(answer, 400, "bad_request")
    assert b"evil" not in answer.content


def test_pages_elsewhere_stay_as_they_are() -> None:
    answer = Client().get("/admin/", headers={"Host": "evil.example"})

    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("text/html")


def test_the_middleware_also_works_without_threads() -> None:
    get = async_to_sync(AsyncClient().get)

    answer = get("/api/v1/", headers={"Host": "evil.example"})

    problem_at(answer, 400, "bad_request")


@raises
def test_an_address_that_ends_says_so_with_errors_too() -> None:
    raised["error"] = drf.NotFound()

    answer = Client().get("/ending/")

    assert answer["Deprecation"] == "@1769817600"
    assert answer["Sunset"] == "Fri, 31 Jul 2026 12:00:00 GMT"
    assert answer["Link"].startswith('<https://example.com/policy>; rel="deprecation"')


def test_each_code_stands_once_in_the_table() -> None:
    codes = [kind.code for kind in ROWS]
    assert sorted(codes) == sorted(KINDS)


@pytest.mark.parametrize("code", sorted(KINDS))
def test_the_type_of_a_problem_leads_to_a_page(code: str) -> None:
    answer = Client().get(f"/api/v1/problems/{code}/")

    assert answer.status_code == 200
    assert KINDS[code].remedy[:20] in answer.content.decode()
    assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_all_kinds_are_on_one_page_and_unknown_ones_on_none() -> None:
    page = Client().get("/api/v1/problems/").content.decode()

    assert all(f"/api/v1/problems/{code}/" in page for code in KINDS)
    problem_at(Client().get("/api/v1/problems/none/"), 404, "unknown_address")


def test_every_error_of_the_store_has_a_kind() -> None:
    errors = {
        item
        for item in vars(exceptions).values()
        if isinstance(item, type) and issubclass(item, exceptions.EventStoreError)
    }
    # The API makes no grants, subscriptions or webhooks and loads no migrations.
    elsewhere = {
        exceptions.GrantError,
        exceptions.IsolationLevelError,
        exceptions.MigrationRegistryError,
        exceptions.SubscriptionError,
        exceptions.WebhookError,
    }

    assert errors - set(TABLE) == elsewhere


def test_every_error_of_the_api_has_a_kind_with_its_status() -> None:
    for module in pkgutil.walk_packages(eventstore.api.__path__, "eventstore.api."):
        import_module(module.name)
    own = [
        error
        for error in _descendants(drf.APIException)
        if "eventstore" in error.__module__ and not error.__subclasses__()
    ]

    assert own
    for error in own:
        assert error.default_code in KINDS, error
        assert KINDS[error.default_code].status == error.status_code, error


def _descendants(kind: type) -> list[Any]:
    children: list[Any] = kind.__subclasses__()
    return [*children, *(deep for child in children for deep in _descendants(child))]


def test_an_error_of_no_known_status_is_the_nearest_general_one() -> None:
    strange = drf.APIException("Short and stout.", code="teapot")
    strange.status_code = 418

    problem = problem_of(strange, reads=True)

    assert (problem.kind.code, problem.status_code) == ("bad_request", 418)


def test_messages_keep_their_paths() -> None:
    assert list(flatten({"a": [{"b": "x"}, "y"], "non_field_errors": ["z"]})) == [
        (("a", "0", "b"), "x"),
        (("a",), "y"),
        ((), "z"),
    ]
