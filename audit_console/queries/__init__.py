"""What the explorer asks of the log, behind one object: :class:`ConsoleQuery`.

* :mod:`.parameters`, :mod:`.asked` - the address and what it asks for
* :mod:`.permitted` - which values a person may ask for
* :mod:`.conditions`, :mod:`.doors`, :mod:`.statements` - clauses to SQL, each page
  along one index
* :mod:`.console_query` - page, count, chart, facets and export of one question
"""

from __future__ import annotations

from audit_console.queries.asked import Asked, Fault
from audit_console.queries.console_query import COUNTED, ConsoleQuery
from audit_console.queries.listing import Key, Row, RowPage
from audit_console.queries.parameters import read, split

__all__ = [
    "COUNTED",
    "Asked",
    "ConsoleQuery",
    "Fault",
    "Key",
    "Row",
    "RowPage",
    "read",
    "split",
]
