"""What every test has: a database when it asks for one, and an honest summary."""

from __future__ import annotations

import signal
from collections import Counter

import hypothesis
import pytest
from django.conf import settings

from eventstore_project import database
from tests import flushing
from tests.not_run import PREFIX

# Hosts that install the package get it by its entry point.
pytest_plugins = ["eventstore.testing.pytest_plugin"]


def pytest_configure() -> None:
    """Prepare the process of the tests."""
    # Listen to Ctrl-C, and so have the processes that tests start listen to it: run in
    # the background of a script, we have inherited to ignore it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Static files are found when they are asked for: each new client would otherwise
    # look at all of them first, which takes longer than most tests.
    settings.WHITENOISE_AUTOREFRESH = True
    # How fast a busy machine draws examples is not what properties are about.
    hypothesis.settings.register_profile(
        "any machine",
        deadline=None,
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
    )
    hypothesis.settings.load_profile("any machine")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--full", action="store_true", help="also run the tests marked full"
    )


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Leave the large sizes out, unless they are asked for."""
    if config.getoption("full") or "full" in config.getoption("markexpr"):
        return
    large = [item for item in items if item.get_closest_marker("full")]
    config.hook.pytest_deselected(items=large)
    items[:] = [item for item in items if not item.get_closest_marker("full")]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List what could not run here, each with its reason."""
    reasons = Counter(
        report.longrepr[2].split(PREFIX, 1)[1]
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple) and PREFIX in report.longrepr[2]
    )
    if reasons:
        terminalreporter.section("not run")
    for reason, count in sorted(reasons.items()):
        terminalreporter.line(f"{reason} ({count} tests)")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
) -> None:
    """Start the database before pytest-django makes the test database in it.

    Not earlier: tests that need no database start none.
    """
    database.ensure_running()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """Empty it quickly after each test that commits."""
    flushing.install()
