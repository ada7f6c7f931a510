"""Redactions that one person asks for and a second one approves.

A request names up to 200 events and what of each goes; what was stored is what runs.

* :mod:`.drafting` - make a draft, choose fields, take events out
* :mod:`.deciding` - submit, withdraw, approve, reject
* :mod:`.executing` - remove, event by event; what is done stays done
* :mod:`.people` - who asks, and whether there is a second one
* :mod:`.records` - one request under its lock, and its timeline
"""

from __future__ import annotations

from eventstore.redaction.deciding import approve, reject, submit, withdraw
from eventstore.redaction.drafting import (
    MAX_EVENTS,
    choose_fields,
    describe,
    draft,
    take_out,
)
from eventstore.redaction.executing import execute

__all__ = [
    "MAX_EVENTS",
    "approve",
    "choose_fields",
    "describe",
    "draft",
    "execute",
    "reject",
    "submit",
    "take_out",
    "withdraw",
]
