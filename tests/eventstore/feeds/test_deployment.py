"""The deployment's own ASGI entrance, served by uvicorn in a process of its own."""

from __future__ import annotations

import contextlib
import http.client
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection

from eventstore import store
from tests.eventstore.feeds.serving import SseClient, cookie_of, new_user
from tests.factories import new_event
from tests.not_run import not_run
from tests.waiting import eventually

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).parents[3]
CLIENTS = 1000


def database_url() -> str:
    known = connection.settings_dict
    user, password = (quote(str(known[key]), safe="") for key in ("USER", "PASSWORD"))
    place = f"{quote(str(known['HOST']), safe='')}:{known['PORT']}"
    return f"postgres://{user}:{password}@{place}/{known['NAME']}"


@contextlib.contextmanager
def uvicorn(*, code: str = "") -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Serve; ``code`` runs in the process before."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    serve = (
        f"{code}\nimport uvicorn\n"
        # Nobody reads the pipe meanwhile: a log of accesses would fill it.
        "uvicorn.run('eventstore_project.asgi:application', access_log=False, "
        f"port={port})"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", serve],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": database_url(),
            "DJANGO_SETTINGS_MODULE": "eventstore_project.settings",
            # The first warning of static files would be an error.
            "PYTHONWARNINGS": "error:StreamingHttpResponse",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        eventually(lambda: _answers(port))
        yield process, port
    finally:
        process.kill()
        process.communicate()


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port)).close()
        return True
    return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_open_streams_end_with_the_server_and_go_on_with_the_next(
    number: signal.Signals,
) -> None:
    headers = cookie_of(new_user("acme"))
    with uvicorn() as (process, port):
        clients = [SseClient(port, headers).begin() for _ in range(5)]
        began = time.monotonic()
        process.send_signal(number)
        assert [client.rest() for client in clients] == [[]] * 5
        said, _ = process.communicate(timeout=10)
        assert time.monotonic() - began < 5
        assert "Traceback" not in said
    missed = store.append_event(new_event(), "acme")
    with uvicorn() as (_, port):
        for client in clients:
            seen = client.last_event_id
            client.close()
            with SseClient(port, headers, last_event_id=seen) as again:
                assert again.take(1)[0]["event_id"] == missed.event_id


def test_static_files_are_served_beside_the_feed() -> None:
    with uvicorn() as (_, port):
        connection_ = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection_.request("GET", "/static/admin/css/base.css")
        answer = connection_.getresponse()
        assert answer.status == 200
        assert len(answer.read()) == int(answer.headers["Content-Length"])
        connection_.close()


@pytest.mark.full
def test_a_thousand_idle_clients_cost_constant_memory() -> None:
    _allow_files(CLIENTS + 200)
    headers = cookie_of(new_user("acme"))
    generous = (
        "from django.conf import settings\n"
        "settings.EVENTSTORE = {'FEED_STREAMS_PER_USER': 2000,"
        " 'FEED_RECHECK_SECONDS': 5.0}"
    )
    with uvicorn(code=generous) as (process, port):
        clients = [SseClient(port, headers).begin() for _ in range(50)]
        sizes = {50: memory_of(process)}
        for total in (CLIENTS // 2, CLIENTS):
            while len(clients) < total:
                clients.append(SseClient(port, headers).begin())
            sizes[total] = memory_of(process)
        each = (sizes[CLIENTS] - sizes[50]) / (CLIENTS - 50)
        threads = len(list(Path(f"/proc/{process.pid}/task").iterdir()))
        began = time.monotonic()
        stored = store.append_event(new_event(), "acme")
        for client in clients:
            assert client.take(1)[0]["event_id"] == stored.event_id
        fan_out = time.monotonic() - began
        # Access is asked for anew several times, heartbeats are sent.
        time.sleep(20)
        later = memory_of(process)
        for client in clients:
            client.close()
    print(
        f"{CLIENTS} clients: {each / 1024:.1f} KiB each, {threads} threads, one event "
        f"to all in {fan_out * 1000:.0f} ms; {sizes}, later {later}"
    )
    assert each < 100 * 1024
    assert threads < 30
    assert later < sizes[CLIENTS] * 1.2


def memory_of(process: subprocess.Popen[str]) -> int:
    """Return the resident bytes of a process."""
    try:
        status = Path(f"/proc/{process.pid}/status").read_text()
    except OSError:
        not_run("/proc", "the memory of a process is read there")
    (line,) = [line for line in status.splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) * 1024


def _allow_files(count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))
