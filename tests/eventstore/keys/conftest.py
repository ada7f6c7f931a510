from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from eventstore.keys import issuing


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


@pytest.fixture
def key_client(db: None) -> Callable[..., APIClient]:
    """Return a client with a new key, by default a reader of acme."""

    def make(**given: Any) -> APIClient:
        wanted = {"role": "reader", "tenants": ["acme"]} | given
        _, text = issuing.create("test", **wanted)
        return client_with(text)

    return make


def client_with(text: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    return client
