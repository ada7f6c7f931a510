"""A demo that serves, as a person at the terminal starts it."""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
import sys
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from http.client import HTTPResponse

from tests.eventstore_project.demo.databases import ROOT, Database
from tests.waiting import eventually


class Demo:
    """A demo that serves."""

    def __init__(self, database: Database, *options: str) -> None:
        self.database = database
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "demo", "--port", "0", *options],
            cwd=ROOT,
            env=database.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.home = re.findall(r"http://\S+/", self.read_until("Console"))[0]

    def read_until(self, text: str) -> str:
        assert self.process.stdout is not None
        line = ""
        while text not in line:
            line = self.process.stdout.readline()
            assert line, "it ended before that"
        return line

    def get(self, path: str = "", user: str = "") -> str:
        with self.open(path, user) as answer:
            return str(answer.read().decode())

    def open(self, path: str, user: str = "") -> HTTPResponse:
        request = urllib.request.Request(f"{self.home}{path}")
        if user:
            token = b64encode(f"{user}:eventstore-demo".encode()).decode()
            request.add_header("Authorization", f"Basic {token}")
        answer: HTTPResponse = urllib.request.urlopen(request, timeout=20)
        return answer

    def feed(self, query: str = "") -> HTTPResponse:
        """Open the feed, with the head of the stream read."""
        stream = self.open(f"api/v1/feed/?{query}", user="auditor")
        while stream.readline().strip():
            pass
        return stream

    def worker(self) -> int:
        """Return the process id of the worker that began last, once there is one."""
        eventually(lambda: bool(self._workers()))
        return self._workers()[0]

    def _workers(self) -> list[int]:
        owners = self.database.rows(
            "SELECT owner FROM event_workers ORDER BY started_at DESC"
        )
        return [int(owner.split(":")[1]) for (owner,) in owners]

    def end(self, number: signal.Signals) -> str:
        self.process.send_signal(number)
        said, _ = self.process.communicate(timeout=30)
        return said


@contextlib.contextmanager
def serving(database: Database, *options: str) -> Iterator[Demo]:
    demo = Demo(database, *options)
    try:
        yield demo
    finally:
        if demo.process.poll() is None:
            demo.end(signal.SIGTERM)
