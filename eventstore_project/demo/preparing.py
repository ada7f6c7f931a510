"""All that the demo does before it serves. Repeatable."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from django.core.management import call_command
from django.db import connection

from eventstore_project.demo import (
    accounts,
    catching_up,
    exporting,
    filling,
    guarding,
    requesting,
    stories,
)
from eventstore_project.demo.errors import DemoRefusedError
from eventstore_project.demo.guarding import State

#: Is told what is done next.
Say = Callable[[str], None]


def prepare(say: Say, progress: filling.Progress, *, reset: bool) -> None:
    """Bring the database to where the demo can be served.

    Args:
        say: is told what happens.
        progress: is told how many scenes of how many were played.
        reset: drop the private database first.

    Raises:
        DemoRefusedError: the database is not the demo's to fill; it was not changed.
    """
    if reset:
        guarding.recreate()
        say("The private database was dropped; beginning afresh.")
    with guarding.alone():
        found = guarding.state()
    if found is State.INTERRUPTED:
        _begin_again(say)
    with guarding.alone():
        # Another demo may have filled it while this one waited.
        found = guarding.state()
        call_command("migrate", verbosity=0, interactive=False)
        if found is State.EMPTY:
            say("Filling the store: ninety days of three tenants.")
            with _without_waiting_for_the_disk():
                filling.fill(progress)
            _analyze()
        accounts.create()
        catching_up.begin()
        requesting.ask()
        exporting.make()
        stories.pin()


def _begin_again(say: Say) -> None:
    if not guarding.is_embedded():
        raise DemoRefusedError(
            "An earlier start of the demo was interrupted while it filled the store. "
            "Drop the database, create it anew, and start again."
        )
    say("An earlier start was interrupted; beginning afresh.")
    guarding.recreate()


@contextlib.contextmanager
def _without_waiting_for_the_disk() -> Iterator[None]:
    """Let thousands of commits be fast; nobody reads yet, and a crash begins anew."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        try:
            yield
        finally:
            cursor.execute("RESET synchronous_commit")


def _analyze() -> None:
    """Let the planner know the new rows now, not when autovacuum comes by."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
