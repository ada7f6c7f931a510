"""The query language of the explorer: text in, clauses out, and back.

::

    type:RequirementRejected -actor:ci occurred:2026-03..2026-05 data.reason:"too late"

All clauses must hold. There is no "or" and there are no brackets.

* :mod:`.fields` - what can be asked, and what each field takes
* :mod:`.clauses` - the values: clause, query
* :mod:`.tokens` - text to words, with columns
* :mod:`.moments` - what a piece of a date means
* :mod:`.parsing` - words to clauses, faults with a column and a repair
"""

from __future__ import annotations

from audit_console.language.clauses import Clause, Exact, Prefix, Query, Span
from audit_console.language.errors import QuerySyntaxError
from audit_console.language.parsing import parse

__all__ = [
    "Clause",
    "Exact",
    "Prefix",
    "Query",
    "QuerySyntaxError",
    "Span",
    "parse",
]
