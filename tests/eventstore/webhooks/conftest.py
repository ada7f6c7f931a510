"""Endpoints on the loopback, with little patience."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from eventstore.subscriptions.declaration import SubscriptionRegistry
from eventstore.subscriptions.worker import Worker
from eventstore.webhooks import sending, subscribing
from tests.eventstore.webhooks.receiver import Receiver, receiving

SETTINGS = {
    "WEBHOOK_ALLOW_HTTP": True,
    "WEBHOOK_ALLOW_PRIVATE": True,
    "WEBHOOK_BACKOFF": 0.05,
    "WEBHOOK_MAX_BACKOFF": 0.2,
    "WEBHOOK_MAX_ATTEMPTS": 5,
    "WEBHOOK_TIMEOUT": 1.5,
    "WEBHOOK_CONNECT_TIMEOUT": 1,
}


@pytest.fixture
def intranet(settings) -> Iterator[None]:
    settings.EVENTSTORE = SETTINGS
    yield
    sending.hang_up()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def working(
    transactional_db: None, intranet: None
) -> Callable[[], AbstractContextManager[Worker]]:
    """A worker in a thread of the test, that finds endpoints by itself."""

    @contextlib.contextmanager
    def work() -> Iterator[Worker]:
        registry = SubscriptionRegistry()
        registry.add_source(subscribing.active)
        worker = Worker(registry=registry)
        thread = threading.Thread(target=worker.run)
        thread.start()
        try:
            yield worker
        finally:
            worker.stop()
            thread.join(timeout=30)

    return work
