"""Rebuild a projection beside the live one, compare if asked, and switch at once.

The new rows grow in a schema of their own, with copies of the projection's tables; its
transactions put that schema first on the search path, so that the very same handlers
write there. The live rows are read meanwhile and kept up to date. At the switch both
stand at one position, and one transaction exchanges the rows: readers see the old ones
until it commits. Tables, indexes, privileges and foreign keys stay what they are.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from django.core.management.color import no_style
from django.db import connections, models, transaction

from eventstore import context, reading, upcasting
from eventstore.conf import store_settings
from eventstore.exceptions import SubscriptionError
from eventstore.projections.projection import Projection
from eventstore.subscriptions import checkpoints, delivery

#: Seconds to wait for the live projection to stand still at one position.
_LEVEL_TIMEOUT = 60.0
_LEVEL_PAUSE = 0.2


class Cancelled(Exception):
    """The rebuild was cancelled; the live projection is as it was."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rebuild has come: positions, and events handled."""

    position: int
    target: int
    handled: int


@dataclass(frozen=True, slots=True)
class Difference:
    """How the rows of a table differ between the live projection and the new one."""

    table: str
    only_live: int
    only_new: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rebuild has done.

    Attributes:
        position: where the projection stands.
        handled: how many events it was built of.
        differences: per table, if it was asked to compare; no rows differ: empty.
        is_switched: whether the new rows are live now.
    """

    position: int
    handled: int
    differences: tuple[Difference, ...]
    is_switched: bool


def rebuild(
    cls: type[Projection],
    *,
    on_progress: Callable[[Progress], None] = lambda _: None,
    is_cancelled: Callable[[], bool] = lambda: False,
    compare: bool = False,
    switch: bool = True,
) -> Outcome:
    """Build ``cls`` anew of the whole log and put the new rows in place.

    Args:
        cls: the projection.
        on_progress: is told after each batch.
        is_cancelled: is asked after each batch.
        compare: count the rows that differ at the switch's position.
        switch: whether to put the new rows in place; ``False`` only compares.

    Raises:
        SubscriptionError: it has no models or no checkpoint, or is being rebuilt.
        Cancelled: it was cancelled.
        Exception: what a handler raised; the live projection is as it was.
    """
    building = _Building(cls)
    with building.tables():
        position, handled = building.catch_up(on_progress, is_cancelled)
        return building.finish(position, handled, compare=compare, switch=switch)


class _NotLevel(Exception):
    """The live projection does not stand where the new one can be compared with it."""


class _Building:
    """A projection that is being built beside the live one."""

    def __init__(self, cls: type[Projection]) -> None:
        if not cls.models:
            raise SubscriptionError(
                f"{cls.__name__} names no models: a rebuild cannot know its rows."
            )
        self.cls = cls
        self.projection = cls()
        self.projection.is_rebuilding = True
        self.subscription = replace(self.projection.subscription(), partitions=1)
        self.alias = store_settings().DATABASE
        self.connection = connections[self.alias]
        self.live_path = self._ask("SELECT current_setting('search_path')")
        self.home = self._ask("SELECT quote_ident(current_schema())")
        self.schema = self._quote(f"eventstore_rebuild_{cls.name}"[:63])
        self.skipped = checkpoints.discarded_positions(cls.name)

    @contextmanager
    def tables(self) -> Iterator[None]:
        """Make the tables for the new rows, and drop them at the end.

        A session-level lock tells a rebuild that runs from what a killed one left.
        """
        key = f"eventstore_rebuild:{self.cls.name}"
        taken = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"
        if not self._ask(taken, [key]):
            raise SubscriptionError(f"{self.cls.name} is being rebuilt already.")
        try:
            self._do(f"DROP SCHEMA IF EXISTS {self.schema} CASCADE")
            self._do(f"CREATE SCHEMA {self.schema}")
            for model in self.cls.models:
                self._do(
                    f"CREATE TABLE {self._new(model)} "
                    f"(LIKE {self._live(model)} INCLUDING ALL)"
                )
            yield
        finally:
            self._do(f"DROP SCHEMA IF EXISTS {self.schema} CASCADE")
            self._ask("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [key])

    def catch_up(
        self,
        on_progress: Callable[[Progress], None],
        is_cancelled: Callable[[], bool],
    ) -> tuple[int, int]:
        """Handle the log up to where it is final; return position and count."""
        position, handled = 0, 0
        while position < (target := reading.stable_position(strict=True)):
            with transaction.atomic(using=self.alias):
                position, count = self._step(position, target)
            handled += count
            on_progress(Progress(position, target, handled))
            if is_cancelled():
                raise Cancelled
        return position, handled

    def finish(
        self, position: int, handled: int, *, compare: bool, switch: bool
    ) -> Outcome:
        """Come level with the live projection, compare, and exchange the rows."""
        deadline = time.monotonic() + _LEVEL_TIMEOUT
        while True:
            try:
                with transaction.atomic(using=self.alias):
                    return self._finish(
                        position, handled, compare=compare, switch=switch
                    )
            except _NotLevel:
                if time.monotonic() > deadline:
                    raise SubscriptionError(
                        f"{self.cls.name} does not come level: is its worker running? "
                        "Rebuild without comparing, or start the worker."
                    ) from None
                time.sleep(_LEVEL_PAUSE)

    def _finish(
        self, position: int, handled: int, *, compare: bool, switch: bool
    ) -> Outcome:
        live = checkpoints.lock_all(self.cls.name)
        target = reading.stable_position(strict=True)
        if compare:
            target = max(live, default=0)
            if set(live) != {target} or position > target:
                raise _NotLevel
        while position < target:
            position, count = self._step(position, target)
            handled += count
        self._look_at(self.live_path)
        differences = tuple(self._differences()) if compare else ()
        if switch:
            self._exchange()
            checkpoints.set_all(self.cls.name, target)
        return Outcome(target, handled, differences, switch)

    def _step(self, position: int, target: int) -> tuple[int, int]:
        """Handle one batch into the new tables; return where it ended and its size."""
        events = delivery.read(
            self.subscription, 0, position, min(target, position + delivery.STRIDE)
        )
        full = len(events) == self.subscription.batch_size
        end = events[-1].position if full else min(target, position + delivery.STRIDE)
        lift = upcasting.event_migrations.migrate_if_needed
        self._look_at(f"{self.schema}, {self.live_path}")
        with context.without_side_effects():
            self.projection.project_batch(
                [lift(event) for event in events if event.position not in self.skipped]
            )
        return end, len(events)

    def _exchange(self) -> None:
        for model in reversed(self.cls.models):
            # Past Django's cascades: rows of others that refer to these stay. A key
            # that is missing among the new rows is refused at the commit.
            self.cls.rows(model)._raw_delete(self.alias)  # noqa: SLF001 - delete() would cascade
        for model in self.cls.models:
            columns = ", ".join(self._columns(model))
            self._do(
                f"INSERT INTO {self._live(model)} ({columns}) "  # noqa: S608 - quoted names
                f"SELECT {columns} FROM {self._new(model)}"
            )
        for statement in self.connection.ops.sequence_reset_sql(
            no_style(), list(self.cls.models)
        ):
            self._do(statement)

    def _differences(self) -> Iterator[Difference]:
        for model in self.cls.models:
            compared = [
                field
                for field in model._meta.concrete_fields  # noqa: SLF001 - Django's public meta API
                if not isinstance(field, models.AutoField | models.GeneratedField)
                and field.name not in self.cls.volatile_fields
            ]
            rows = self.cls.rows(model).order_by()
            query, params = rows.values_list(
                *[field.attname for field in compared]
            ).query.sql_with_params()
            columns = ", ".join(self._quote(str(field.column)) for field in compared)
            new = f"SELECT {columns} FROM {self._new(model)}"  # noqa: S608 - quoted names
            only_live, only_new = (
                self._ask(
                    f"SELECT count(*) FROM ({left} EXCEPT ALL {right}) AS d",  # noqa: S608 - Django's own SQL
                    params,
                )
                for left, right in ((query, new), (new, query))
            )
            if only_live or only_new:
                yield Difference(model._meta.db_table, only_live, only_new)  # noqa: SLF001 - as above

    def _columns(self, model: type[models.Model]) -> list[str]:
        return [
            self._quote(str(field.column))
            for field in model._meta.concrete_fields  # noqa: SLF001 - as above
            if not isinstance(field, models.GeneratedField)
        ]

    def _look_at(self, path: str) -> None:
        self._ask("SELECT set_config('search_path', %s, true)", [path])

    def _live(self, model: type[models.Model]) -> str:
        return f"{self.home}.{self._quote(model._meta.db_table)}"  # noqa: SLF001 - as above

    def _new(self, model: type[models.Model]) -> str:
        return f"{self.schema}.{self._quote(model._meta.db_table)}"  # noqa: SLF001 - as above

    def _quote(self, name: str) -> str:
        return self.connection.ops.quote_name(name)

    def _do(self, statement: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(statement)

    def _ask(self, statement: str, params: Sequence[Any] = ()) -> Any:
        with self.connection.cursor() as cursor:
            cursor.execute(statement, params)
            return cursor.fetchone()[0]
