"""What a stranger, a broken client or an attacker sends to a real server."""

from __future__ import annotations

import gzip
import itertools
import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.eventstore.api.serving import (
    PROBLEM,
    Raw,
    deployment,
    http,
    key,
    lines,
    raw,
)
from tests.waiting import eventually

pytestmark = pytest.mark.django_db(transaction=True)

JSON = {"Content-Type": "application/json"}
EVENT = {"event_type": "Paid", "aggregate_type": "Order", "aggregate_id": "1"}
ROUTES = (
    "/events/",
    "/events/e-1/",
    "/aggregates/",
    "/aggregates/Order/1/",
    "/aggregates/Order/1/events/",
    "/snapshots/",
    "/snapshots/s-1/",
    "/bulk/events/",
    "/schema/",
    "/docs/",
    "/redoc/",
    "/problems/",
    "/nothing/",
)


@pytest.fixture(scope="module")
def port(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    with django_db_blocker.unblock(), deployment() as found:
        yield found


@pytest.fixture
def client(port: int) -> Iterator[httpx.Client]:
    with http(port, key()) as found:
        yield found


def refused(answer: httpx.Response, *statuses: int) -> dict[str, Any]:
    """Return the problem: a refusal by the API itself, in its own words."""
    assert answer.status_code in statuses, answer.text[:500]
    assert answer.headers["Content-Type"] == PROBLEM
    body: dict[str, Any] = answer.json()
    assert body["status"] == answer.status_code
    assert "Traceback" not in answer.text
    return body


def test_a_body_of_ten_megabytes_is_refused_or_stored_but_never_breaks(
    client: httpx.Client,
) -> None:
    event = {**EVENT, "data": {"text": "x" * 10_000_000}}

    problem = refused(client.post("/events/", json=event), 413, 422)

    assert problem["code"] in {"invalid_event", "body_too_large"}
    text = json.dumps(event).encode() * 3
    refused(client.post("/events/", content=text, headers=JSON), 413)


BODIES = (
    b"",
    b"{",
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'{"data":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b'{"event_type":"\xff\xfe"}',
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf{}",
    b'{"a":1,"a":2}',
    b'{"data":{"n":NaN}}',
    b'{"data":{"n":1e999999999}}',
    b'{"data":{"n":' + b"9" * 100_000 + b"}}",
    b'"text"',
    b"null",
    b"[]",
    b"[null]",
    b"1",
    json.dumps({**EVENT, "event_id": "\0"}).encode(),
    json.dumps({**EVENT, "event_id": "\ud800"}).encode(),
    json.dumps({**EVENT, "data": {"a": "\udfff"}}).encode(),
    json.dumps({**EVENT, "data": []}).encode(),
    json.dumps({**EVENT, "metadata": {"actor": []}}).encode(),
    json.dumps({**EVENT, "occurred_at": "9999-12-31T23:59:59-14:00"}).encode(),
    json.dumps({**EVENT, "expected_version": 1 << 70}).encode(),
    json.dumps({**EVENT, "expected_version": "1"}).encode(),
    json.dumps({**EVENT, "tenant_id": ["acme"]}).encode(),
    json.dumps({"events": [EVENT] * 10_001}).encode(),
    json.dumps({"events": {}}).encode(),
)


@pytest.mark.parametrize("kind", ["json", "cloudevents+json"])
def test_a_broken_body_is_refused(
    client: httpx.Client, subtests: pytest.Subtests, kind: str
) -> None:
    for body in BODIES:
        with subtests.test(body=body[:80]):
            answer = client.post(
                "/events/",
                content=body,
                headers={"Content-Type": f"application/{kind}"},
            )
            refused(answer, 400, 413, 415, 422)


HEADERS: tuple[dict[str, str], ...] = (
    {"Content-Type": "text/plain"},
    {"Content-Type": "application/x-www-form-urlencoded"},
    {"Content-Type": "multipart/form-data"},
    {"Content-Type": "multipart/form-data; boundary=x"},
    {"Content-Type": "application/json; charset=utf-16"},
    {"Content-Type": "application/json; charset=no-such"},
    {"Content-Type": "//"},
    {"Content-Type": ""},
    {"Content-Type": "application/xml"},
    {"Content-Type": "application/cloudevents-batch+json"},
    {**JSON, "Content-Encoding": "gzip"},
    {**JSON, "Content-Encoding": "br, gzip"},
    {**JSON, "If-Match": "7"},
    {**JSON, "If-Match": '"7'},
    {**JSON, "If-None-Match": "*, *"},
    {**JSON, "Idempotency-Key": "\x80" * 300},
)


def test_a_confused_content_type_or_condition_is_refused(
    client: httpx.Client, subtests: pytest.Subtests
) -> None:
    for headers in HEADERS:
        encoded = [
            (name.encode(), text.encode("latin-1")) for name, text in headers.items()
        ]
        with subtests.test(headers=headers):
            answer = client.post("/events/", content=json.dumps(EVENT), headers=encoded)
            refused(answer, 400, 412, 413, 415, 422)


def test_a_gzip_bomb_is_not_unpacked(client: httpx.Client) -> None:
    bomb = gzip.compress(b"0" * 100_000_000)

    began = time.monotonic()
    refused(
        client.post(
            "/events/", content=bomb, headers={**JSON, "Content-Encoding": "gzip"}
        ),
        415,
    )
    assert time.monotonic() - began < 5


def test_a_body_that_comes_drop_by_drop_blocks_nobody_else(
    port: int, client: httpx.Client
) -> None:
    """Slow clients hold a socket, not one of the threads that work."""
    head = lines(
        "POST /api/v1/events/ HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"Authorization: {client.headers['Authorization']}",
        "Content-Type: application/json",
        "Content-Length: 1000000",
    )
    slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(100)]
    for connection in slow:
        connection.sendall(head + b"{")
    began = time.monotonic()
    for connection in slow:
        connection.sendall(b" ")
        assert client.get("/events/").status_code == 200
        if time.monotonic() - began > 5:
            break
    else:
        assert time.monotonic() - began < 10
    for connection in slow:
        connection.close()
    eventually(lambda: client.get("/events/").status_code == 200)


def test_a_body_shorter_than_promised_does_not_hang_the_server(
    port: int, client: httpx.Client
) -> None:
    head = lines(
        "POST /api/v1/events/ HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"Authorization: {client.headers['Authorization']}",
        "Content-Type: application/json",
        "Content-Length: 100",
    )
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(head + json.dumps(EVENT).encode()[:20])
    assert client.get("/events/").json()["results"] == []


def ask(port: int, target: str, *headers: str, method: str = "GET") -> Raw:
    rows = [f"{method} {target} HTTP/1.1", *headers]
    if not any(header.startswith("Host:") for header in headers):
        rows.append(f"Host: 127.0.0.1:{port}")
    return raw(port, lines(*rows))


def is_refusal(answer: Raw, *statuses: int) -> bool:
    return answer.status in statuses and PROBLEM in answer.head


def test_a_spoofed_host_is_refused_and_repeated_nowhere(port: int) -> None:
    for host in ("evil.example", "127.0.0.1:80@evil.example", "a" * 300, "", "[::1"):
        answer = ask(port, "/api/v1/events/", f"Host: {host}")

        assert is_refusal(answer, 400), host
        assert b"evil" not in answer.body


def test_forwarding_headers_change_nothing(client: httpx.Client) -> None:
    client.post("/events/", json=EVENT)
    spoofed = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-For": "10.0.0.1",
        "Forwarded": "host=evil.example",
        "X-Original-URL": "/admin/",
        "X-Rewrite-URL": "/admin/",
    }

    answer = client.get("/events/", params={"page_size": 1}, headers=spoofed)

    assert answer.status_code == 200
    assert "evil" not in answer.text
    assert answer.json()["results"][0]["url"].startswith(str(client.base_url))


def test_no_header_turns_one_method_into_another(client: httpx.Client) -> None:
    for header in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        refused(client.get("/events/e-1/", headers={header: "DELETE"}), 404)
        refused(client.post("/events/e-1/", headers={header: "GET"}), 405)


def test_headers_that_are_doubled_or_huge_break_nothing(
    port: int, client: httpx.Client
) -> None:
    credentials = f"Authorization: {client.headers['Authorization']}"
    for more in (
        ("Authorization: Bearer es_x",),
        ("Content-Length: 0", "Content-Length: 5"),
        ("Content-Length: -1",),
        ("Content-Length: x",),
        ("Transfer-Encoding: chunked, gzip",),
        ("Accept: application/json", "Accept: text/html"),
        ("Accept: " + "a/b;q=0.1," * 500,),
        ("Accept: */*;q=x",),
        ("Accept: \xff\xfe",),
        ("Accept-Language: " + "x" * 5000,),
        ("Cookie: sessionid=" + "x" * 5000,),
        ("Cookie: sessionid=\xff; =; ;;",),
        ("If-None-Match: " + '"x",' * 500,),
        ("If-Modified-Since: yesterday",),
        ("Range: bytes=0-1,5-4",),
        ("Expect: 200-ok",),
        ("X-Request-ID: \xff\x01",),
        ("X-Big: " + "x" * 60_000,),
        tuple(f"X-{number}: 1" for number in range(500)),
    ):
        answer = ask(port, "/api/v1/events/", credentials, *more)
        assert answer.status == 200 or 400 <= answer.status < 500, more[0][:50]
        assert answer.seconds < 10
    assert client.get("/events/").status_code == 200


CREDENTIALS = (
    "Bearer",
    "Bearer ",
    "Bearer es_",
    "Bearer es_" + "x" * 10_000,
    "Bearer \xff",
    "Bearer es_\xe9",
    "Basic",
    "Basic !!!",
    "Basic " + "A" * 10_000,
    "Basic AAAA",
    "Digest x",
    "es_x",
)


def test_broken_credentials_are_refused(port: int) -> None:
    for credentials in CREDENTIALS:
        answer = ask(port, "/api/v1/events/", f"Authorization: {credentials}")

        assert is_refusal(answer, 401), credentials
        assert "www-authenticate" in answer.head.lower()


TARGETS = (
    "/api/v1/events/%00/",
    "/api/v1/events/%ff/",
    "/api/v1/events/%ed%a0%80/",
    "/api/v1/events/a%2fb/",
    "/api/v1/events/%2e%2e/",
    "/api/v1/events/../../../admin/",
    "/api/v1/events/%252e/",
    "/api/v1/events/~/",
    "/api/v1/events/~9/",
    "/api/v1/events/%0d%0aX-Injected:1/",
    "/api/v1/events/" + "x" * 5000 + "/",
    "/api/v1/events/%/",
    "/api/v1/events/%zz/",
    "/api/v1/aggregates/a/b/c/d/",
    "/api/v1/aggregates/%00/%00/",
    "/api/v1/aggregates/Order/1/events/x/",
    "/api/v1//events/",
    "//evil.example/api/v1/events/",
    "/api/v1/events;a=b/",
    "/api/v1/events/e-1/?tenant=%00",
    "/api/v1/events/e-1/?tenant=%ed%a0%80",
)


def test_no_trick_of_a_path_leads_anywhere(
    port: int, client: httpx.Client, subtests: pytest.Subtests
) -> None:
    credentials = f"Authorization: {client.headers['Authorization']}"

    for target in TARGETS:
        with subtests.test(target=target[:80]):
            answer = ask(port, target, credentials)
            assert answer.status in {400, 404}
            assert "x-injected" not in answer.head.lower()
            assert PROBLEM in answer.head or not target.startswith("/api/v1/")


QUERIES = (
    "page_size=0",
    "page_size=99999999999999999999",
    "page_size=-1",
    "page_size=1e3",
    "page_size=%D9%A3",
    "page_size=1&page_size=x",
    "cursor=x",
    "cursor=%00",
    "cursor=" + "A" * 20_000,
    "cursor=MQ:x",
    "cursor=%ED%A0%80",
    "order=%00",
    "tenant=%00",
    "tenant=foreign",
    "tenant=",
    "tenant[]=acme",
    "event_type=%00",
    "event_type=%ED%A0%80",
    "aggregate_id=%FF",
    "actor_id=%00",
    "position_after=9223372036854775808",
    "position_after=" + "9" * 5000,
    "position_after=%F0%9D%9F%99",
    "occurred_from=0000-00-00T00:00:00Z",
    "occurred_from=9999-12-31T23:59:59-23:59",
    "occurred_from=0001-01-01T00:00:00%2B23:59",
    "is_redacted=perhaps",
    "a=1" + "&a=1" * 3000,
    "&".join(f"p{number}=1" for number in range(3000)),
    "%ff=%ff",
    "[]=",
    "__proto__=x",
    "event_type__regex=(a%2B)%2B$",
)


def test_no_trick_of_a_query_breaks_a_list(
    port: int, client: httpx.Client, subtests: pytest.Subtests
) -> None:
    credentials = f"Authorization: {client.headers['Authorization']}"

    for query in QUERIES:
        with subtests.test(query=query[:80]):
            answer = ask(port, f"/api/v1/events/?{query}", credentials)
            assert answer.status == 200 or is_refusal(answer, 400, 404, 413)
            assert answer.seconds < 5


def test_a_cursor_cannot_be_changed_or_taken_elsewhere(client: httpx.Client) -> None:
    for number in range(3):
        client.post("/events/", json={**EVENT, "aggregate_id": str(number)})
    following = client.get("/events/", params={"page_size": 1}).json()["next"]
    cursor = httpx.URL(following).params["cursor"]

    for changed in (cursor[:-1], cursor + "A", "A" + cursor, cursor.swapcase()):
        refused(client.get("/events/", params={"cursor": changed}), 400)
    refused(client.get("/snapshots/", params={"cursor": cursor}), 400)
    refused(client.get("/events/", params={"cursor": cursor, "order": "desc"}), 400)


METHODS = ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "BREW")


def test_every_route_knows_what_to_do_with_every_method(
    port: int, client: httpx.Client
) -> None:
    credentials = f"Authorization: {client.headers['Authorization']}"

    for route, method in itertools.product(ROUTES, METHODS):
        answer = ask(port, f"/api/v1{route}", credentials, method=method)
        assert 200 <= answer.status < 500, (route, method, answer)
        assert answer.seconds < 5
        if method == "HEAD":
            assert answer.body == b""
        elif answer.status >= 400:
            assert PROBLEM in answer.head, (route, method, answer)
        if answer.status in {204, 405}:
            assert "allow:" in answer.head.lower()


def test_a_method_in_strange_letters_is_no_method(
    port: int, client: httpx.Client
) -> None:
    credentials = f"Authorization: {client.headers['Authorization']}"

    for method in ("get", "Get", "G\xcbT", "GET\t"):
        answer = ask(port, "/api/v1/events/", credentials, method=method)
        assert answer.status in {200, 400, 405}


def test_nothing_but_http_is_answered_with_a_refusal(port: int) -> None:
    for noise in (
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET\r\n\r\n",
        b"GET /api/v1/events/ HTTP/9.9\r\n\r\n",
        b"\0" * 100 + b"\r\n\r\n",
        b"GET " + b"/" * 100_000 + b" HTTP/1.1\r\n\r\n",
    ):
        assert raw(port, noise, timeout=10).status in {0, 400, 401, 404, 414, 431, 505}


def test_what_goes_wrong_on_the_way_stays_a_problem(port: int) -> None:
    """Without credentials nothing tells which addresses there are."""
    with http(port) as stranger:
        for route in ROUTES[:-2]:
            refused(stranger.get(route), 401)
