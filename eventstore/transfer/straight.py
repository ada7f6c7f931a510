"""A chunk whose lines are all new, whole and in order: one COPY into the log itself.

Most chunks are. Any other is taken back and laid out for
``eventstore_import_chunk_v1``, which tells line by line what is known, what does not
fit and why.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from eventstore import sql
from eventstore.conf import store_settings
from eventstore.sql import copying

if TYPE_CHECKING:
    from collections.abc import Callable

    from eventstore.transfer.lines import ImportRow


class _Unfit(Exception):
    """A chunk that needs judging: nothing of it may stay."""


def store(
    rows: list[ImportRow], *, renumber: bool, meanwhile: Callable[[], None]
) -> bool:
    """Store ``rows``, all or none, and return whether they were stored.

    Args:
        rows: in the order of their positions.
        renumber: ignore the versions that they name.
        meanwhile: as of ``copying.copy_in``.

    Raises:
        ConcurrencyError: a deadlock, which another transaction won.
        django.db.DataError: the database cannot hold one of them.
    """
    if any(row.removed for row in rows):
        return False
    try:
        with transaction.atomic(using=store_settings().DATABASE):
            # Before the COPY begins: until it ends, the connection answers nothing.
            events = _placed(rows, renumber=renumber)
            copying.copy_in("import_events", events, meanwhile=meanwhile)
    except (_Unfit, IntegrityError):
        return False
    return True


def _placed(rows: list[ImportRow], *, renumber: bool) -> list[str]:
    """Make room for ``rows`` and return them with their versions and recorded times."""
    events = Counter(row.aggregate for row in rows)
    tenants, types, ids = map(list, zip(*events, strict=True))
    # A chunk that was imported before is known by its ends, mostly.
    ends = rows[0], rows[-1]
    room = sql.fetch_all(
        "import_reserve",
        (
            tenants,
            types,
            ids,
            list(events.values()),
            [row.aggregate[0] for row in ends],
            [row.event_id for row in ends],
        ),
    )
    if len(room) != len(events):
        raise _Unfit
    versions, moments = {}, {}
    for *names, version, moment, _ in room:
        key = (names[0], names[1], names[2])
        versions[key] = version - events[key]
        moments[key] = moment.astimezone(UTC).isoformat()
    placed = []
    for row in rows:
        key = row.aggregate
        versions[key] = version = versions[key] + 1
        if not renumber and row.aggregate_version not in (None, version):
            raise _Unfit
        placed.append(row.stored(version, moments[key]))
    return placed
