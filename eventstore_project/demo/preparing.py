"""All that the demo does before it serves: tables, events, users. Repeatable."""

from __future__ import annotations

from collections.abc import Callable

from django.core.management import call_command
from django.db import connection

from eventstore_project.demo import accounts, filling, guarding
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
            filling.fill(progress)
            _analyze()
        accounts.create()


def _begin_again(say: Say) -> None:
    if not guarding.is_embedded():
        raise DemoRefusedError(
            "An earlier start of the demo was interrupted while it filled the store. "
            "Drop the database, create it anew, and start again."
        )
    say("An earlier start was interrupted; beginning afresh.")
    guarding.recreate()


def _analyze() -> None:
    """Let the planner know the new rows now, not when autovacuum comes by."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
