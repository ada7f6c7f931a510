"""The pytest plugin: ``transaction=True`` tests can empty the store's tables."""

from __future__ import annotations


def pytest_configure() -> None:
    """Have the guards of each test database lifted once it is migrated."""
    # Imported here: pytest loads plugins before the settings are known.
    from eventstore.testing.guards import lift_after_migrate  # noqa: PLC0415

    lift_after_migrate()
