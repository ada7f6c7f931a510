"""Both ways into the log: by the function, and by plain SQL where it may fail."""

from __future__ import annotations

import pytest


@pytest.fixture(
    params=[
        pytest.param("by function", marks=pytest.mark.django_db),
        pytest.param("by insert", marks=pytest.mark.django_db(transaction=True)),
    ]
)
def either_way() -> None:
    """Append inside a transaction, then as a transaction of its own."""
