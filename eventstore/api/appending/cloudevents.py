"""CloudEvents 1.0 as events: structured, batch and binary mode.

After the JSON format (``formats/json-format.md``) and the HTTP binding
(``bindings/http-protocol-binding.md``, 3.1) of the specification, version 1.0.2.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from eventstore import cloudevents
from eventstore.api.appending.drafts import Draft
from eventstore.api.appending.faults import at, check_event

if TYPE_CHECKING:
    from rest_framework.request import Request

    from eventstore.api.appending.faults import Faults, Place, Step, Steps

_HEADER = "HTTP_CE_"
#: The attributes that hold what an event has under other names.
_ATTRIBUTES = {
    "event_id": "id",
    "event_type": "type",
    "aggregate_type": "aggregatetype",
    "aggregate_id": "aggregateid",
    "event_version": "eventversion",
    "occurred_at": "time",
}
_METADATA = {"correlation_id": "correlationid", "causation_id": "causationid"}
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


def is_binary(request: Request) -> bool:
    """Return whether the attributes of a CloudEvent stand in the headers."""
    return f"{_HEADER}SPECVERSION" in request.META or f"{_HEADER}ID" in request.META


def read_structured(
    document: Any, prefix: Steps, faults: Faults, tenant_id: str
) -> Draft | None:
    """Return the event of a JSON object; ``None`` when it has faults: all noted."""
    return _read(document, _in_document(prefix), faults, tenant_id)


def read_binary(
    data: Any, request: Request, faults: Faults, tenant_id: str
) -> Draft | None:
    """Return the event whose data are the body; ``None`` when it has faults."""
    document = {**attributes_of(request, faults), "data": data}
    return _read(document, _in_headers, faults, tenant_id)


def attributes_of(request: Request, faults: Faults) -> dict[str, Any]:
    """Return the attributes in the headers; those that are none are noted."""
    found: dict[str, Any] = {"datacontenttype": request.content_type}
    for header, value in request.META.items():
        if header.startswith(_HEADER):
            name = header.removeprefix(_HEADER).lower()
            try:
                found[name] = _decoded(value)
            except UnicodeDecodeError:
                faults.add(_in_headers((name,)), "is no percent-encoded UTF-8.")
    return found


def _read(document: Any, place: Place, faults: Faults, tenant_id: str) -> Draft | None:
    found = cloudevents.find_faults(document, tenant_id=tenant_id)
    for fault in found:
        faults.take(place, fault)
    if found:
        return None
    event = cloudevents.from_cloudevent(document, tenant_id=tenant_id)
    check_event(event, place, faults)
    return Draft(event, place)


def _decoded(value: str) -> str:
    """Return the text of a header (HTTP binding, 3.1.3.2): unquoted, then decoded."""
    quoted = _QUOTED.fullmatch(value.strip())
    if quoted:
        value = re.sub(r"\\(.)", r"\1", quoted[1])
    return unquote(value, errors="strict")


def _in_document(prefix: Steps) -> Place:
    place = at(*prefix)
    return lambda steps: place(_renamed(steps))


def _in_headers(steps: Steps) -> dict[str, str]:
    """Place a fault in an attribute's header, or in the body, which is the data."""
    first, *rest = _renamed(steps) or ("specversion",)
    if first == "data":
        return at()(tuple(rest))
    return {"header": f"ce-{first}"}


def _renamed(steps: Steps) -> Steps:
    if steps == ("cloudevent",):
        return ()
    if steps and steps[0] == "metadata":
        inner: Step = steps[1] if len(steps) > 1 else ""
        return (_METADATA.get(str(inner), "metadata"),)
    return tuple(_ATTRIBUTES.get(str(step), step) for step in steps[:1]) + steps[1:]
