"""A question as the explorer asks it, without a browser."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import ExitStack
from datetime import UTC
from typing import Any

from django.http import QueryDict

from audit_console import queries
from audit_console.queries import ConsoleQuery
from audit_console.reading import Reading, look
from eventstore.roles import Permission


class Allowed:
    """A person who may do what a test says; everything by default."""

    def __init__(self, *but: Permission) -> None:
        self.but: Collection[Permission] = but

    def may(self, permission: Permission) -> bool:
        return permission not in self.but


class Asking:
    """Opens one look at the log and asks in it."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._reading: Reading | None = None

    @property
    def reading(self) -> Reading:
        if self._reading is None:
            self._reading = self._stack.enter_context(look())
        return self._reading

    def __call__(
        self, address: str = "", *tenants: str, allowed: Any = None, zone: Any = UTC
    ) -> ConsoleQuery:
        asked = queries.read(QueryDict(address), allowed or Allowed(), zone)
        assert asked.faults == ()
        return ConsoleQuery(asked, tenants or ("acme",), self.reading)

    def every(self, address: str, *tenants: str) -> list[int]:
        """Follow *Older* to the end; return the positions that were shown."""
        found: list[int] = []
        query = self(address, *tenants)
        while True:
            page = query.page()
            found += [row.position for row in page.rows]
            if page.older is None:
                return found
            link = query.asked.url(before=page.older).removeprefix("?")
            query = self(link, *tenants)
