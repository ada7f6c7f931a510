"""The log as JSON Lines: in, and out again whole.

* :mod:`.files` - plain, gzip and zstd; a file that is whole or not there
* :mod:`.lines` - one line: what it must hold, and every fault by name
* :mod:`.chunks` - lines by the thousand, read ahead of the database
* :mod:`.importing`, :mod:`.verdicts` - chunks into the log, and what became of them
* :mod:`.previewing` - the same without a trace, for a dry run
* :mod:`.exporting` - the log into lines
* :mod:`.progress`, :mod:`.runs` - what a person sees meanwhile, and at the end
"""

from __future__ import annotations

from eventstore.transfer.exporting import ExportFilters, export_log
from eventstore.transfer.files import TransferError
from eventstore.transfer.importing import ImportReport, import_log

__all__ = [
    "ExportFilters",
    "ImportReport",
    "TransferError",
    "export_log",
    "import_log",
]
