from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from eventstore.exceptions import WebhookError
from eventstore.webhooks import sending, targets
from eventstore.webhooks.sending import Answer, SendingFailed
from tests.eventstore.webhooks.receiver import receiving
from tests.not_run import not_run

pytestmark = pytest.mark.usefixtures("intranet")


def post(url: str, body: bytes = b"{}") -> Answer:
    return sending.post(targets.parse(url), {"webhook-id": "1"}, body)


def test_the_body_arrives_as_it_was_given(receiver):
    assert post(receiver.url + "?a=b", b'{"x": "\xc3\xa9"}') == Answer(200, None)
    request = receiver.requests[0]
    assert request.path == "/hook?a=b"
    assert request.body == b'{"x": "\xc3\xa9"}'
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert request.headers["webhook-id"] == "1"


def test_requests_that_follow_one_another_share_a_connection(receiver):
    for _ in range(5):
        post(receiver.url)
    assert (len(receiver.requests), receiver.connections) == (5, 1)


def test_a_connection_that_was_idle_too_long_is_not_used_again(receiver, monkeypatch):
    monkeypatch.setattr(sending, "_KEEP", 0.0)
    post(receiver.url)
    post(receiver.url)
    assert receiver.connections == 2


def test_a_connection_that_the_receiver_closed_is_made_anew():
    with receiving(lambda request: (200, {"Connection": "close"}, b"bye")) as receiver:
        post(receiver.url)
        post(receiver.url)
        assert receiver.connections == 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_not_followed(receiver, status):
    with receiving(lambda request: (status, {"Location": receiver.url}, b"")) as first:
        assert post(first.url).status == status
    assert receiver.requests == []


def test_a_redirect_to_an_inner_address_is_not_followed_either():
    inner = {"Location": "http://169.254.169.254/latest/meta-data/"}
    with receiving(lambda request: (307, inner, b"")) as receiver:
        assert post(receiver.url).status == 307


def test_of_a_huge_answer_only_the_beginning_is_read():
    sent: list[int] = []

    def flood(handler, request):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
        sent.extend(handler.wfile.write(bytes(1_000_000)) for _ in range(100))

    with receiving(raw=flood) as receiver:
        assert post(receiver.url).status == 200
        # It has hung up: what the sockets' buffers hold is all that went out.
        assert post(receiver.url).status == 200
        assert receiver.connections == 2
    assert sum(sent) < 50_000_000


def test_an_endless_chunked_answer_is_cut_as_well():
    def flood(handler, request):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            handler.wfile.write(b"10000\r\n" + bytes(0x10000) + b"\r\n")

    with receiving(raw=flood) as receiver:
        assert post(receiver.url).status == 200


def test_a_receiver_that_never_answers_fails_in_time(settings):
    settings.EVENTSTORE = {**settings.EVENTSTORE, "WEBHOOK_TIMEOUT": 0.3}
    with receiving(raw=lambda handler, request: time.sleep(1.0)) as receiver:
        began = time.monotonic()
        with pytest.raises(
            SendingFailed, match=r"^127\.0\.0\.1 did not answer in time"
        ):
            post(receiver.url)
        assert time.monotonic() - began < 0.9


@pytest.mark.parametrize("part", [b"HTTP/1.1 200 OK\r\nX-A: ", b""])
def test_a_receiver_that_drips_its_answer_is_cut_off_at_the_same_time(settings, part):
    settings.EVENTSTORE = {**settings.EVENTSTORE, "WEBHOOK_TIMEOUT": 0.5}

    def drip(handler, request):
        handler.wfile.write(part)
        for _ in range(60):
            handler.wfile.write(b"H")
            time.sleep(0.05)

    with receiving(raw=drip) as receiver:
        began = time.monotonic()
        with pytest.raises(SendingFailed):
            post(receiver.url)
        assert time.monotonic() - began < 1.5


def test_an_answer_that_drips_its_body_is_cut_off_too(settings):
    settings.EVENTSTORE = {**settings.EVENTSTORE, "WEBHOOK_TIMEOUT": 0.5}

    def drip(handler, request):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n")
        for _ in range(60):
            handler.wfile.write(b"x")
            time.sleep(0.05)

    with receiving(raw=drip) as receiver:
        began = time.monotonic()
        with pytest.raises(SendingFailed):
            post(receiver.url)
        assert time.monotonic() - began < 1.5


def test_no_listener_is_a_failure_that_names_the_host_alone():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(SendingFailed, match=r"^127\.0\.0\.1: ") as failed:
        post(f"http://127.0.0.1:{port}/hook?token=hunter2")
    assert "hunter2" not in str(failed.value)


def test_what_is_no_http_is_a_failure():
    with (
        receiving(
            raw=lambda handler, _: handler.wfile.write(b"no\r\n\r\n")
        ) as receiver,
        pytest.raises(SendingFailed),
    ):
        post(receiver.url)


def test_the_next_address_is_tried_where_the_first_does_not_answer(
    receiver, monkeypatch
):
    def resolve(host, port, *args, **kwargs):
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in ("127.0.0.2", "127.0.0.1")
        ]

    post(receiver.url)  # urllib3 resolves the literal addresses that it is given
    sending.hang_up()
    monkeypatch.setattr(socket, "getaddrinfo", _only_for("two", resolve))
    assert post(f"http://two:{receiver.port}/hook").status == 200
    assert receiver.requests[1].headers["host"] == f"two:{receiver.port}"


def _only_for(name, resolve):
    real = socket.getaddrinfo
    return lambda host, *args, **kwargs: (
        resolve(host, *args, **kwargs) if host == name else real(host, *args, **kwargs)
    )


class TestWithoutPermissionForTheIntranet:
    @pytest.fixture(autouse=True)
    def outside(self, settings, intranet):
        settings.EVENTSTORE = {
            **settings.EVENTSTORE,
            "WEBHOOK_ALLOW_PRIVATE": False,
        }

    def test_the_loopback_is_not_called(self, receiver):
        with pytest.raises(WebhookError, match="an address that is not public"):
            post(receiver.url)
        assert receiver.connections == 0

    def test_a_name_that_changes_its_mind_is_not_asked_twice(
        self, receiver, monkeypatch
    ):
        """DNS rebinding: public when it is judged, private when it is dialled."""
        asked = []

        def rebind(host, port, *args, **kwargs):
            asked.append(host)
            address = "192.0.2.1" if len(asked) == 1 else "127.0.0.1"
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

        dialled = []

        def dial(address, *args, **kwargs):
            dialled.append(address[0])
            raise OSError("nobody there")

        monkeypatch.setattr(socket, "getaddrinfo", _only_for("evil", rebind))
        monkeypatch.setattr(targets, "is_inner", lambda address: address.is_loopback)
        monkeypatch.setattr("urllib3.util.connection.create_connection", dial)
        with pytest.raises(SendingFailed):
            post(f"http://evil:{receiver.port}/hook")
        assert asked == ["evil"]
        assert dialled == ["192.0.2.1"]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for ``hooks.test`` that nobody but the test trusts."""
    if shutil.which("openssl") is None:
        not_run("openssl", "no certificate can be made for the https receiver")
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=hooks.test", "-addext", "subjectAltName=DNS:hooks.test",
            "-keyout", "key.pem", "-out", "cert.pem",
        ],
        cwd=folder,
        check=True,
        capture_output=True,
    )  # fmt: skip
    return folder


@pytest.fixture
def https(certificate, monkeypatch):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")

    def resolve(host, port, *args, **kwargs):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    for name in ("hooks.test", "other.test"):
        monkeypatch.setattr(socket, "getaddrinfo", _only_for(name, resolve))
    with receiving(tls=context) as receiver:
        yield receiver


class TestHttps:
    def test_the_certificate_must_be_of_the_name_though_the_address_is_dialled(
        self, https, certificate, monkeypatch
    ):
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))
        for _ in range(2):
            assert post(f"https://hooks.test:{https.port}/hook").status == 200
        assert https.connections == 1
        with pytest.raises(SendingFailed, match="certificate"):
            post(f"https://other.test:{https.port}/hook")
        assert len(https.requests) == 2

    def test_a_certificate_that_nobody_vouches_for_is_refused(self, https):
        with pytest.raises(SendingFailed, match="certificate"):
            post(f"https://hooks.test:{https.port}/hook")
        assert https.requests == []


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        ("9" * 400, 86_400.0),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("x2", None),
        ("Fri, 31 Dec 1999 23:59:59 GMT", 0.0),
    ],
)
def test_a_retry_after_is_read_as_the_standard_has_it(value, seconds):
    with receiving(lambda request: (503, {"Retry-After": value}, b"")) as receiver:
        found = post(receiver.url)
    assert found == Answer(503, seconds)


def test_a_retry_after_can_be_a_date():
    then = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    with receiving(lambda request: (429, {"Retry-After": then}, b"")) as receiver:
        wait = post(receiver.url).retry_after
    assert wait == pytest.approx(90, abs=5)
