"""The log into lines, as far as the caller may see it.

Page by page, each in a transaction of its own: however slowly a client reads, no
transaction waits for it. The lines are those of ``manage.py eventstore_export``.
"""

from __future__ import annotations

import contextlib
import json
import logging
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError
from django.db.models import F, Func, IntegerField, TextField
from django.db.models.functions import Cast

from eventstore import serialization, tenancy
from eventstore.api.renderers import ExactJSONRenderer
from eventstore.conf import store_settings
from eventstore.disclosure import disclose
from eventstore.exceptions import EventStoreError
from eventstore.grants import permissions_of
from eventstore.models import StoredEvent
from eventstore.roles import Permission
from eventstore.sql.limits import limited

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from django.db.models import QuerySet

    from eventstore.api.pagination import Order

_log = logging.getLogger(__name__)

#: Events whose keys are read at once, and what their documents may take as they lie in
#: the database for being read together.
PAGE, PAGE_BYTES = 500, 2_000_000
_OPEN = frozenset({Permission.VIEW_PAYLOAD, Permission.VIEW_PII})


@dataclass(frozen=True, slots=True)
class Download:
    """What is asked for, and by whom.

    Attributes:
        principal: who asks; asked about anew for each page.
        tenants: the scope.
        events: filtered, neither ordered nor scoped.
        order: how they are read best.
        until: the position up to which the log was final when it began.
    """

    principal: Any
    tenants: frozenset[str]
    events: QuerySet[StoredEvent]
    order: Order
    until: int

    def lines(self) -> Generator[bytes]:
        """Yield the lines, some at a time.

        A download that cannot go on ends with a line that says so, ``{"cut": ...}``:
        the status was sent long ago, and what is missing must be seen.
        """
        after = 0
        try:
            while True:
                grants = permissions_of(self.principal)
                if not all(
                    Permission.EXPORT in grants.get(tenant, ())
                    for tenant in self.tenants
                ):
                    yield _cut("permission_denied", "Your grants have changed.", after)
                    return
                keys = self._keys(after)
                for group in _groups(keys):
                    yield self._page(group, grants)
                    after = group[-1]
                if len(keys) < PAGE:
                    return
        except (DatabaseError, EventStoreError):
            _log.exception("A download was cut off after position %d.", after)
            yield _cut("unavailable", "The store could not be read any further.", after)

    def _keys(self, after: int) -> list[tuple[int, int]]:
        """Return the positions of the next events, and how large each is."""
        rows = (
            self.order.begin(self.events, after)
            .filter(position__lte=self.until)
            .only("position", "tenant_id")
            .annotate(size=_size("event_data") + _size("metadata"))
        )
        with self._scope():
            found: list[Any] = self.order.read(rows, self.tenants, PAGE)
        return [(row.position, row.size) for row in found]

    def _page(
        self, positions: list[int], grants: Mapping[str, frozenset[Permission]]
    ) -> bytes:
        rows = (
            StoredEvent.objects.using(store_settings().DATABASE)
            .filter(position__in=positions, tenant_id__in=self.tenants)
            .defer("event_data", "metadata")
            .annotate(
                data_text=Cast("event_data", TextField()),
                metadata_text=Cast("metadata", TextField()),
            )
            .order_by("position")
        )
        with self._scope():
            return b"".join(_line(row, grants[row.tenant_id]) for row in rows)

    @contextlib.contextmanager
    def _scope(self) -> Iterator[None]:
        """Read within the tenants, and not for ever."""
        seconds = store_settings().API_STATEMENT_TIMEOUT_SECONDS
        with tenancy.scoped(self.tenants), limited(seconds):
            yield


def _groups(keys: list[tuple[int, int]]) -> Iterator[list[int]]:
    """Divide the events of a page into what may stand in memory at once."""
    group: list[int] = []
    total = 0
    for position, size in keys:
        if group and total + size > PAGE_BYTES:
            yield group
            group, total = [], 0
        group.append(position)
        total += size
    if group:
        yield group


def _line(row: Any, permissions: frozenset[Permission]) -> bytes:
    data, metadata, hidden = row.data_text, row.metadata_text, ""
    if Permission.EXPORT_PII not in permissions:
        permissions -= {Permission.VIEW_PII}
    if not permissions >= _OPEN:
        documents = {
            "data": serialization.decode(data, decimals=True),
            "metadata": serialization.decode(metadata, decimals=True),
        }
        shown, pointers = disclose(documents, permissions)
        if pointers:
            data, metadata = _dump(shown["data"]), _dump(shown["metadata"])
            hidden = f',"hidden":{_dump(pointers)}'
    fields = {
        "position": row.position,
        "event_id": row.event_id,
        "tenant_id": row.tenant_id,
        "aggregate_id": row.aggregate_id,
        "aggregate_type": row.aggregate_type,
        "aggregate_version": row.aggregate_version,
        "event_type": row.event_type,
        "event_version": row.event_version,
        "occurred_at": _moment(row.occurred_at),
        "stored_at": _moment(row.stored_at),
        "is_redacted": row.is_redacted,
    }
    # The documents are written as the database gives them: nothing is lost on the way.
    head = _dump(fields)[:-1]
    return f'{head},"event_data":{data},"metadata":{metadata}{hidden}}}\n'.encode()


def _cut(code: str, detail: str, after: int) -> bytes:
    told = {"code": code, "detail": detail, "position_after": after}
    return json.dumps({"cut": told}).encode() + b"\n"


def _dump(value: Any) -> str:
    return ExactJSONRenderer().render(value).decode()


def _moment(moment: Any) -> str:
    text: str = moment.astimezone(UTC).isoformat(timespec="microseconds")
    return text.replace("+00:00", "Z")


def _size(column: str) -> Any:
    """Return how many bytes a column takes as it lies, packed or not."""
    return Func(F(column), function="pg_column_size", output_field=IntegerField())
