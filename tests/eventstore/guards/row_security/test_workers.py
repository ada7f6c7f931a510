"""Who must see all tenants does, or refuses to run: never nothing in silence."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from eventstore import NotPermitted, store
from eventstore.hardening import policies
from eventstore.subscriptions.declaration import Subscription, SubscriptionRegistry
from eventstore.subscriptions.worker import Worker
from tests.eventstore.guards.conftest import World
from tests.eventstore.guards.row_security.conftest import (
    TENANTS,
    role_of,
    switch,
)
from tests.factories import new_event
from tests.waiting import eventually

NAME = "row-security"


class Handled(set[str]):
    """The tenants whose events a subscription was given."""

    def registry(self) -> SubscriptionRegistry:
        registry = SubscriptionRegistry()
        registry.add(
            Subscription(
                name=NAME,
                handle=lambda event: self.add(event.tenant_id),
                start="beginning",
            )
        )
        return registry


@contextmanager
def running(worker: Worker) -> Iterator[None]:
    def run() -> None:
        try:
            worker.run()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join(30)


def checkpoint(world: World) -> int:
    with world.superuser() as cursor:
        cursor.execute(
            "SELECT position FROM event_subscriptions WHERE name = %s", [NAME]
        )
        [(position,)] = cursor.fetchall()
    return int(position)


def test_a_worker_that_is_confined_refuses_to_run(walled: World) -> None:
    with walled.store(), pytest.raises(NotPermitted, match="--all-tenants-role"):
        Worker(registry=SubscriptionRegistry()).run()


@pytest.mark.parametrize(
    "command",
    [
        ["eventstore_worker"],
        ["eventstore_export", "--all-tenants"],
        ["eventstore_export", "--tenant", "initech"],
        ["eventstore_subscriptions"],
        ["eventstore_webhooks", "list"],
        ["eventstore_migrations"],
    ],
    ids=" ".join,
)
def test_a_command_that_would_see_nothing_refuses_and_says_what_to_do(
    walled: World, command: list[str]
) -> None:
    with walled.store(), pytest.raises(CommandError, match="row-level-security"):
        call_command(*command, stdout=StringIO())


def test_a_worker_of_the_all_tenants_role_sees_everybody(
    walled: World, copy_of: Callable[[World], World]
) -> None:
    handled = Handled()
    with (
        role_of(copy_of(walled), "_worker").store(),
        running(Worker(registry=handled.registry())),
    ):
        eventually(lambda: handled >= set(TENANTS), seconds=20)


def test_an_export_of_the_all_tenants_role_is_whole(
    walled: World, tmp_path: Path
) -> None:
    target = tmp_path / "log.jsonl"
    with role_of(walled, "_worker").store():
        call_command("eventstore_export", str(target), all_tenants=True)
    lines = target.read_text().splitlines()
    assert {json.loads(line)["tenant_id"] for line in lines} >= set(TENANTS)


def test_a_worker_that_is_confined_while_it_runs_passes_over_no_event(
    walled: World,
    copy_of: Callable[[World], World],
    caplog: pytest.LogCaptureFixture,
) -> None:
    copy = copy_of(walled)
    switch(copy, "off")
    handled = Handled()
    with copy.store():
        worker = Worker(registry=handled.registry())
        with running(worker):
            eventually(lambda: handled >= set(TENANTS), seconds=20)
            switch_on_beside(copy)
            before = checkpoint(copy)
            store.append_event(new_event(), "came later")
            eventually(lambda: "confines the role" in caplog.text, seconds=10)
        assert checkpoint(copy) == before
        assert "came later" not in handled
    with copy.superuser(autocommit=True) as cursor:
        cursor.execute("UPDATE event_subscriptions SET lease_until = now()")
    with (
        role_of(copy, "_worker").store(),
        running(Worker(registry=handled.registry())),
    ):
        eventually(lambda: "came later" in handled, seconds=20)


def switch_on_beside(world: World) -> None:
    """Switch it on in a session of its own: the alias is the running worker's."""
    readers = policies.choose_readers(world.role, [f"{world.role}_worker"])
    with world.superuser(autocommit=True) as cursor:
        cursor.execute(f"BEGIN;{policies.switch_on(readers)}COMMIT")
