"""What ``from eventstore import ...`` gives, and what it needs."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys

import pytest

import eventstore

BARE = """
import sys
from eventstore import DomainEvent, EventMigrationHandler, event_context
from django.conf import settings
assert not settings.configured
assert "eventstore.models" not in sys.modules
DomainEvent(event_type="A", aggregate_type="B", aggregate_id="1")
"""


def test_values_can_be_made_before_django_is_configured() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BARE], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_the_names_are_those_of_their_homes_in_order() -> None:
    assert eventstore.__all__ == sorted(eventstore._HOME_OF)
    assert dir(eventstore) == eventstore.__all__


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse(inspect.getsource(eventstore))
    guarded = next(node for node in tree.body if isinstance(node, ast.If))
    imported = [
        alias.name
        for node in guarded.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]

    assert sorted(imported) == eventstore.__all__


@pytest.mark.parametrize("name", eventstore.__all__)
def test_each_name_has_a_docstring(name: str) -> None:
    assert inspect.getdoc(getattr(eventstore, name))


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Event'"):
        eventstore.Event  # noqa: B018 - looking is the test
