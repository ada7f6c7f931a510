"""A dry run: judge every line as an import would, and leave no trace.

It takes none of an append's locks, so that nobody waits for it; what it
remembers of the lines lies in a temporary table, and all of it is rolled back.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from django.db import transaction

from eventstore import sql
from eventstore.conf import store_settings
from eventstore.sql import copying
from eventstore.transfer.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from eventstore.transfer.lines import ImportRow


@contextlib.contextmanager
def preview(
    *, renumber: bool, meanwhile: Callable[[], None]
) -> Iterator[Callable[[list[ImportRow]], list[Verdict]]]:
    """Lend what judges rows; at the end all is as before.

    Args:
        renumber: as of ``import_log``.
        meanwhile: as of ``copying.copy_in``.
    """
    alias = store_settings().DATABASE

    def judge(rows: list[ImportRow]) -> list[Verdict]:
        with transaction.atomic(using=alias):
            staged = [row.staged for row in rows]
            copying.copy_in("import_stage", staged, meanwhile=meanwhile)
            sql.fetch_all("preview_chunk", (renumber,))
            found = sql.fetch_all("preview_judge")
            sql.fetch_all("preview_clear")
        return [Verdict(*row) for row in found]

    with transaction.atomic(using=alias):
        sql.run_script(sql.query("preview_begin"))
        try:
            yield judge
        finally:
            transaction.set_rollback(True, using=alias)
