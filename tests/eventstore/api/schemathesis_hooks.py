"""How the document says that ids are written in addresses; a schema cannot."""

from __future__ import annotations

import json
from typing import Any

import schemathesis

from eventstore.api.segments import to_segment


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: dict[str, Any]) -> None:
    """Write ids as segments of a path."""
    for name, value in (case.path_parameters or {}).items():
        if isinstance(value, str):
            case.path_parameters[name] = to_segment(value)


@schemathesis.serializer("application/x-ndjson")
def as_lines(_context: Any, value: Any) -> bytes:
    """Send text as it is, and a value as its line."""
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode(errors="surrogatepass")
