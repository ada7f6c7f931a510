"""One object behind the list, its count, its chart, its facets, and its export."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from django.utils.translation import gettext as _

from audit_console.conf import console_settings
from audit_console.queries import facets, histogram, stored_time
from audit_console.queries.asked import Asked
from audit_console.queries.doors import rank
from audit_console.queries.facets import Facet
from audit_console.queries.histogram import Histogram
from audit_console.queries.listing import COLUMNS, DOCUMENT_COLUMNS, Key, Row, RowPage
from audit_console.queries.question import Question, rows_of
from audit_console.queries.statements import SCAN

#: Up to where matches are counted.
COUNTED = 10_000
#: How long a range may be for a look into payloads without an index.
SHORT = timedelta(days=7)
#: How many doors are tried before the log is walked.
_TRIED = 2


@dataclass(frozen=True)
class ConsoleQuery(Question):
    """One question as a page, a count, a chart, facets and an export."""

    @cached_property
    def refusal(self) -> str:
        """Return why this cannot be asked, and what to add; "" if it can."""
        found = self.compiled
        is_short = (
            found.since is not None
            and found.until is not None
            and found.until - found.since <= SHORT
        )
        if not found.documents or found.door is not None or is_short:
            return ""
        return _(
            "There is no index on payloads: add a type, an actor, an aggregate, or a "
            "range of at most 7 days; or ask an administrator to run "
            "manage.py eventstore_index payload."
        )

    def page(self, *, with_documents: bool = False) -> RowPage:
        """Return the page that the address asks for, newest first.

        Args:
            with_documents: also read payload and metadata as text.
        """
        asked = self.asked
        is_upwards = asked.is_oldest or (asked.after is not None and not asked.before)
        start = None if asked.is_oldest else asked.before or asked.after
        if asked.jump is not None:
            start, is_upwards = self._start_at(asked.jump), False
        columns = COLUMNS + (DOCUMENT_COLUMNS if with_documents else "")
        found = self._few(columns, start, is_upwards=is_upwards)
        stop: Key | None = None
        if found is None:
            statement = self.walk.page(
                columns, asked.size + 1, start=start, is_upwards=is_upwards
            )
            found = rows_of(self.fetch(statement))
            if len(found) <= asked.size and self.compiled.residual:
                stop = self._scan_end(start, is_upwards=is_upwards)
        if stop is not None:
            found = [row for row in found if _is_within(row, stop, asked, is_upwards)]
        return _page(found, stop, asked, start, is_upwards=is_upwards)

    def capped_count(self) -> int | None:
        """Return how many match, counted up to ``COUNTED + 1``.

        Returns:
            ``None`` when counting took too long.
        """
        return self.count_up_to(COUNTED, seconds=console_settings().PART_SECONDS)

    def histogram(self) -> Histogram | None:
        """Return the events over time; ``None`` where nothing can be counted."""
        return histogram.draw(self)

    def facet(self, field: str) -> Facet | None:
        """Return the values of ``field`` (one of ``facets.FIELDS``) and their events.

        Returns:
            ``None`` when counting took too long.
        """
        return facets.count(self, field)

    def export_iter(self, size: int = 1000) -> Iterator[Row]:
        """Yield every match with its documents, oldest first, never cut.

        Each page is read anew: call it inside one look for one state of the log, or
        with ``upto`` across several.
        """
        start: Key | None = None
        while True:
            page = self.batch(size, start)
            yield from reversed(page.rows)
            if page.newer is None:
                return
            start = page.newer

    def batch(self, size: int, start: Key | None) -> RowPage:
        """Return one page of :meth:`export_iter`; its ``newer`` is the next ``start``.

        Args:
            size: at most how many events.
            start: what the page before ended with; ``None`` for the beginning.
        """
        return _next_page(self, size, start).page(with_documents=True)

    def count_up_to(self, limit: int, *, seconds: float) -> int | None:
        """Return how many match, counted up to ``limit + 1``.

        Returns:
            ``None`` when that took more than ``seconds``.
        """
        sql, params = self.walk.every("e.position", limit + 1)
        statement = f"SELECT count(*) FROM ({sql}) AS found", params  # noqa: S608 - ours
        rows = self.reading.part(lambda: self.fetch_walking(statement), seconds=seconds)
        return None if rows is None else int(rows[0]["count"])

    def describe(self) -> str:
        """Return what is asked, for the access log: without personal values."""
        return f"{self.asked.describe()} horizon={self.horizon}".strip()

    def _few(
        self, columns: str, start: Key | None, *, is_upwards: bool
    ) -> list[Row] | None:
        """Return the page of the events behind a door, if they are few enough."""
        if self.walk.walk_door is not None:
            return None
        limit = self.asked.size + 1
        for found in sorted(self.compiled.doors, key=rank)[:_TRIED]:
            rows = self.fetch(
                self.walk.candidates(
                    found, columns, limit, start=start, is_upwards=is_upwards
                )
            )
            if all(row["n"] <= found.cap for row in rows):
                return rows_of(row for row in rows if row["position"] is not None)[
                    :limit
                ]
        return None

    def _scan_end(self, start: Key | None, *, is_upwards: bool) -> Key | None:
        """Return how far all arms have looked, if one stopped before its end."""
        statement = self.walk.scan_ends(start=start, is_upwards=is_upwards)
        keys = [
            Key(
                row["occurred_at"] if self.asked.basis == "occurred" else None,
                row["position"],
            )
            for row in self.fetch(statement)
        ]
        if not keys:
            return None
        return min(keys) if is_upwards else max(keys)

    def _start_at(self, moment: datetime) -> Key:
        if self.asked.basis == "occurred":
            return Key(moment, 0)
        return Key(
            None,
            stored_time.Search(self.fetch, self.tenants, self.horizon).before(moment)
            + 1,
        )


def _next_page(query: ConsoleQuery, size: int, start: Key | None) -> ConsoleQuery:
    """Return ``query`` for the page that follows ``start``, oldest first."""
    asked = replace(
        query.asked, size=size, before=None, after=start, is_oldest=start is None
    )
    return ConsoleQuery(asked, query.tenants, query.reading)


def _is_within(row: Row, stop: Key, asked: Asked, is_upwards: bool) -> bool:  # noqa: FBT001 - a private comparison
    key = row.key(asked.basis)
    return key <= stop if is_upwards else key >= stop


def _page(
    found: list[Row],
    stop: Key | None,
    asked: Asked,
    start: Key | None,
    *,
    is_upwards: bool,
) -> RowPage:
    has_more = len(found) > asked.size
    rows = found[: asked.size]
    onward = rows[-1].key(asked.basis) if has_more else stop
    if is_upwards:
        rows = rows[::-1]
    first = rows[0].key(asked.basis) if rows else start
    last = rows[-1].key(asked.basis) if rows else start
    return RowPage(
        rows=tuple(rows),
        newer=onward if is_upwards else (first if start is not None else None),
        older=(last if not asked.is_oldest else None) if is_upwards else onward,
        is_cut=stop is not None,
        looked_at=SCAN if stop is not None else 0,
    )
