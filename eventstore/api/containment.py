"""Pages of the events whose payload contains something.

A page is exact and its work is bounded. With the index few hits are found at once; with
many of them, or without the index, a page looks at so many events of the list and no
more: it may then have few rows, or none, and still a next page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connections
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from eventstore import indexing, sql
from eventstore.api.pagination import KeysetPagination, Order
from eventstore.models import StoredEvent
from eventstore.models.paging import page_statement
from eventstore.sql import limits

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet

    from eventstore.api.filters import Filters

#: How many hits of the index are taken in; with more of them the list is walked.
MAX_HITS = 1_000
#: How many events of the list a page looks at.
LOOKED_AT = 5_000
#: One of these must be given where there is no index.
NARROWING = (
    "event_type",
    "aggregate_type",
    "aggregate_id",
    "actor_id",
    "correlation_id",
    "causation_id",
    "occurred_from",
    "occurred_before",
    "stored_from",
    "stored_before",
    "position_after",
    "position_up_to",
)


class ContainmentPagination(KeysetPagination):
    """Pages of one list of events, by what their payloads contain.

    Args:
        filters: those of the list; they say what must be contained.
        plain: the same events without what is only shown of them.
        final: the position up to which the log is final.
    """

    def __init__(
        self, filters: Filters, plain: QuerySet[StoredEvent], final: int
    ) -> None:
        """Look whether there is an index.

        Raises:
            ValidationError: there is none, and nothing else narrows the list.
        """
        self._contained = filters.contained
        self._plain = plain.only("tenant_id", "position")
        self._final = final
        self._is_indexed = indexing.status("payload").is_valid
        if not self._is_indexed and not filters.given.keys() & set(NARROWING):
            raise ValidationError(
                {
                    "payload": [
                        _(
                            "Without the index on payloads (manage.py eventstore_index "
                            "payload) this filter needs another one beside it: %s."
                        )
                        % ", ".join(NARROWING)
                    ]
                }
            )

    def read(
        self,
        queryset: QuerySet[Any],
        tenants: Collection[str],
        order: Order,
        after: Any,
        size: int,
    ) -> tuple[list[Any], Any]:
        """Return the rows of a page, and the position after which the next begins."""
        hits = self._hits(tenants, order, after)
        last = None
        if hits is None:
            seen, last, hits = self._look(tenants, order, after)
            hits = sorted(hits, reverse=order.newest_first)[: size + 1]
            last = last if seen == LOOKED_AT else None
        found = queryset.filter(tenant_id__in=tenants, position__in=hits)
        rows = list(
            found.order_by("-position" if order.newest_first else "position")[
                : size + 1
            ]
        )
        if len(rows) > size:
            return rows[:size], rows[size - 1].position
        return rows, last

    def _hits(
        self, tenants: Collection[str], order: Order, after: int | None
    ) -> list[int] | None:
        """Return the positions that the index finds; ``None`` if they are too many."""
        if not (self._contained and self._contained.has_value and self._is_indexed):
            return None
        begin, end = after or 0, self._final
        if order.newest_first:
            begin, end = 0, self._final if after is None else after - 1
        hits = sql.fetch_all(
            "contains",
            {
                "tenants": sorted(tenants),
                "contained": self._contained.text,
                "after": begin,
                "up_to": end,
                "limit": MAX_HITS + 1,
            },
        )
        return [position for (position,) in hits] if len(hits) <= MAX_HITS else None

    def _look(
        self, tenants: Collection[str], order: Order, after: int | None
    ) -> tuple[int, int | None, list[int]]:
        """Return how many events were looked at, the last of them, and the hits."""
        if order.filters is None or order.filters.walks:
            limits.walk_indexes()
        candidates = page_statement(
            order.begin(self._plain, after),
            tenants,
            key=order.key,
            newest_first=order.newest_first,
            each=order.filters.each if order.filters else None,
            limit=LOOKED_AT,
        )
        if candidates is None or self._contained is None:
            return 0, None, []
        statement, params = candidates
        text = sql.query("contained_among").replace("{candidates}", statement)
        with connections[self._plain.db].cursor() as cursor:
            cursor.execute(text, [*params, order.newest_first, self._contained.text])
            seen, last, hits = cursor.fetchone()
        return seen, last, hits
