"""What the tests of the explorer's questions share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.audit_console.queries.asking import Asking


@pytest.fixture
def make_ask(db: None) -> Iterator[Callable[[], Asking]]:
    """For tests that change the log before they look at it."""
    with ExitStack() as stack:
        yield lambda: Asking(stack)


@pytest.fixture
def ask(make_ask: Callable[[], Asking]) -> Asking:
    return make_ask()
