"""What the processes of a crew do. Everything they are given and return is JSON."""

from __future__ import annotations

import os
import random
import signal
import time
from typing import Any

from django.db import Error, connection, transaction

from eventstore import ConcurrencyError, DuplicateEventError, reading, store
from tests.factories import new_event


def contend(number: int, *, tenant: str, tries: int) -> dict[str, Any]:
    """Append to one aggregate with the version that one believes it stands at."""
    won: list[int] = []
    lost, version = 0, 0
    for _ in range(tries):
        event = new_event(data={"writer": number})
        try:
            stored = store.append_event(event, tenant, expected_version=version)
        except ConcurrencyError as refusal:
            assert refusal.actual is not None, "a deadlock"
            assert refusal.actual > version
            version = refusal.actual
            lost += 1
        else:
            assert stored.aggregate_version == version + 1
            version = stored.aggregate_version
            won.append(version)
    return {"won": won, "lost": lost}


def append_batches(number: int, *, tenant: str, tries: int) -> dict[str, int]:
    """Append batches over two to five of twenty aggregates in any order."""
    dice = random.Random(number)
    stored = lost = 0
    for _ in range(tries):
        ids = dice.sample(range(20), dice.randint(2, 5))
        batch = [new_event(aggregate_id=f"R-{one}") for one in ids]
        expected = None
        if dice.random() < 0.2:
            expected = {("Requirement", f"R-{ids[0]}"): dice.randint(0, 3)}
        try:
            stored += len(store.append_events(batch, tenant, expected))
        except ConcurrencyError as refusal:
            assert refusal.actual is not None, "a deadlock"
            lost += 1
    return {"stored": stored, "lost": lost}


def retry_together(
    number: int, *, tenant: str, rounds: int, aggregates: int, is_atomic: bool
) -> list[tuple[int, int] | None]:
    """Append one event a round, whose id all the others use as well."""
    found: list[tuple[int, int] | None] = []
    for one in range(rounds):
        event = new_event(
            event_id=f"round-{one}",
            aggregate_id=f"R-{one}-{number % aggregates}",
            data={"round": one},
        )
        try:
            if is_atomic:
                with transaction.atomic():
                    result = _append_and_go_on(event, tenant)
            else:
                result = store.append_event(event, tenant)
        except DuplicateEventError:
            found.append(None)
        else:
            found.append((result.position, result.aggregate_version))
    return found


def _append_and_go_on(event: Any, tenant: str) -> Any:
    try:
        return store.append_event(event, tenant)
    finally:
        # The transaction is usable, whatever became of the first append.
        store.append_event(new_event(aggregate_id=f"own-{os.getpid()}"), tenant)


def stress(number: int, *, tenant: str, until: float) -> dict[str, Any]:
    """Be one of thirteen writers, the long transaction, or one of two readers."""
    if number == 0:
        return {"strict": _read_strictly(tenant, until)}
    if number == 1:
        return {"careless": _read_by_last_position(tenant, until)}
    if number == 2:
        return _idle_after_an_append(tenant, until)
    return _write(number, tenant, until)


def _read_strictly(tenant: str, until: float) -> list[int]:
    """Read up to the stable position, as a subscription does."""
    seen: list[int] = []
    last = 0
    while True:
        is_over = time.time() > until + 2.5
        stable = store.stable_position(strict=True)
        while True:
            page = reading.read_after(tenant, last, up_to=stable, limit=500)
            seen += [event.position for event in page]
            last = seen[-1] if seen else 0
            if page.next_cursor is None:
                break
        if is_over:
            return seen
        last = max(last, stable)
        time.sleep(0.001)


def _read_by_last_position(tenant: str, until: float) -> list[int]:
    """Read what lies behind the last position seen: what everybody tries first."""
    seen: list[int] = []
    while True:
        is_over = time.time() > until + 2.5
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT position FROM stored_domain_events"
                " WHERE tenant_id = %s AND position > %s ORDER BY position",
                (tenant, seen[-1] if seen else 0),
            )
            seen += [position for (position,) in cursor.fetchall()]
        if is_over:
            return seen
        time.sleep(0.001)


def _idle_after_an_append(tenant: str, until: float) -> dict[str, Any]:
    """Hold one transaction open for most of the run, appends at both of its ends."""
    with transaction.atomic():
        store.append_event(new_event(aggregate_id="long"), tenant)
        time.sleep(max(0, (until - time.time()) * 0.6))
        store.append_event(new_event(aggregate_id="long"), tenant)
    return {}


class _Taken(Exception):
    """Rolls a block back."""


def _write(number: int, tenant: str, until: float) -> dict[str, Any]:
    dice = random.Random(f"{number} {os.getpid()}")
    lost = 0
    while time.time() < until:
        try:
            _transact(dice, tenant)
        except (_Taken, ConcurrencyError):
            continue
        except Error:
            # The connection was terminated in the middle: take a new one.
            connection.close()
            lost += 1
    return {"lost": lost}


def _transact(dice: random.Random, tenant: str) -> None:
    chance = dice.random()
    if chance < 0.3:
        _append(dice, tenant)
        return
    with transaction.atomic():
        for _ in range(dice.randint(1, 5)):
            _append(dice, tenant)
            time.sleep(dice.random() * 0.01)
            if dice.random() < 0.2:
                _take_back(dice, tenant)
        if chance > 0.9:
            raise _Taken
        if chance > 0.87:
            os.kill(os.getpid(), signal.SIGKILL)
        if chance > 0.84:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def _take_back(dice: random.Random, tenant: str) -> None:
    try:
        with transaction.atomic():
            _append(dice, tenant)
            raise _Taken
    except _Taken:
        return


def _append(dice: random.Random, tenant: str) -> None:
    ids = [f"R-{dice.randint(1, 400)}" for _ in range(dice.choice((1, 1, 3)))]
    store.append_events([new_event(aggregate_id=one) for one in ids], tenant)
