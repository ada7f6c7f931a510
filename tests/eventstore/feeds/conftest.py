"""A server with short times, and somebody who may see the tenant ``acme``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections

from tests.eventstore.feeds.serving import Served, cookie_of, new_user, served


@pytest.fixture
def quick(settings: Any) -> None:
    """Make the feed's times short."""
    settings.EVENTSTORE = {
        "FEED_HEARTBEAT_SECONDS": 0.2,
        "FEED_RECHECK_SECONDS": 0.5,
    }


@pytest.fixture
def server(
    transactional_db: None,
    quick: None,
) -> Iterator[Served]:
    from eventstore_project.asgi import application

    with served(application) as running:
        yield running
    connections.close_all()


@pytest.fixture
def ann(
    transactional_db: None,
) -> User:
    return new_user("acme")


@pytest.fixture
def as_ann(ann: User) -> dict[str, str]:
    return cookie_of(ann)
