"""Integration with the application: one import, injection, migrations at start-up."""

from __future__ import annotations

import subprocess
import sys

import pytest

import eventstore
from tests.factories import new_event


def test_the_front_door_opens_before_django_is_configured():
    program = (
        "import eventstore, django.conf\n"
        "from eventstore import DomainEvent, EventStoreService, EventStorePublisher\n"
        "from eventstore import store, publisher, Aggregate, event_context\n"
        "DomainEvent(event_type='a', aggregate_type='b', aggregate_id='c')\n"
        "EventStorePublisher(EventStoreService())\n"
        "assert not django.conf.settings.configured\n"
        "import sys; assert 'eventstore.models' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_every_name_of_the_front_door_exists():
    for name in eventstore.__all__:
        assert getattr(eventstore, name) is not None
    assert dir(eventstore) == sorted(eventstore.__all__)
    with pytest.raises(AttributeError, match="NoSuchName"):
        eventstore.NoSuchName  # noqa: B018 - the access is the test


@pytest.mark.django_db
def test_a_view_needs_one_import():
    from eventstore import publisher, store

    publisher.publish(new_event(), "acme")
    assert len(store.get_events_for_aggregate("R-1", "acme")) == 1
