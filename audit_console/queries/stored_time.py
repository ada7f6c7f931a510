"""A window of stored time as positions, found by halving: there is no index on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from audit_console.queries.statements import Fetch

#: Appends that were open at the same time may have their times in another order.
SLACK = timedelta(minutes=10)

#: All events up to ``low`` were stored before the moment.
_SEARCH = """
WITH RECURSIVE search (tenant_id, low, high, n) AS (
    SELECT scope.tenant_id, 0::bigint, %s::bigint, 0
      FROM unnest(%s::text[]) AS scope (tenant_id)
    UNION ALL
    SELECT s.tenant_id,
           CASE WHEN probe.stored_at < %s THEN probe."position" ELSE s.low END,
           CASE WHEN probe.stored_at < %s THEN s.high ELSE (s.low + s.high) / 2 END,
           s.n + 1
      FROM search AS s
      LEFT JOIN LATERAL (
           SELECT e."position", e.stored_at FROM stored_domain_events AS e
            WHERE e.tenant_id = ANY (ARRAY[s.tenant_id])
              AND e."position" > (s.low + s.high) / 2 AND e."position" <= s.high
            ORDER BY e.tenant_id, e."position" LIMIT 1) AS probe ON true
     WHERE s.low < s.high AND s.n < 130
)
SELECT min(low) AS least, max(low) AS most
  FROM (SELECT tenant_id, max(low) AS low FROM search GROUP BY tenant_id) AS found
"""


@dataclass(frozen=True, slots=True)
class Search:
    """Looks for moments among the positions of some tenants."""

    fetch: Fetch
    tenants: tuple[str, ...]
    horizon: int

    def between(
        self, since: datetime | None, until: datetime | None
    ) -> tuple[int | None, int | None]:
        """Return positions between which everything stored in the window lies.

        Args:
            since: included; ``None`` for the beginning.
            until: no longer included; ``None`` for the horizon.

        Returns:
            The smallest and the largest position, generously: the times must still be
            compared.
        """
        low = high = None
        if since is not None:
            low = self._search(since - SLACK)["least"] + 1
        if until is not None:
            high = self._search(until + SLACK)["most"]
        return low, high

    def before(self, moment: datetime) -> int:
        """Return the last position up to which all was stored before ``moment``."""
        return self._search(moment)["most"]

    def _search(self, moment: datetime) -> dict[str, int]:
        params = [self.horizon, list(self.tenants), moment, moment]
        return self.fetch((_SEARCH, params))[0]
