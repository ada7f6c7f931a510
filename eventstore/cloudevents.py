"""Events as CloudEvents 1.0, and back: how other systems read and send them.

After the specification, https://github.com/cloudevents/spec, versions 1.0.2 of
``spec.md`` and ``formats/json-format.md``. Its integers have 32 bits, so positions and
versions are strings. ``correlationid``, ``causationid``, ``recordedtime`` and
``partitionkey`` are its documented extensions; the other extensions are ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from eventstore import serialization
from eventstore.conf import store_settings
from eventstore.exceptions import InvalidEvent
from eventstore.types import DomainEvent, StoredDomainEvent, new_event_id

if TYPE_CHECKING:
    from collections.abc import Callable

#: The media type of one event in structured JSON.
MEDIA_TYPE = "application/cloudevents+json"
#: The media type of an array of them.
BATCH_MEDIA_TYPE = "application/cloudevents-batch+json"
SPEC_VERSION = "1.0"

_NAME = re.compile(r"[a-z0-9]+")
#: RFC 3339, 5.6: an ISO 8601 moment with a time zone, and nothing else.
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_MEDIA_JSON = re.compile(r"[^/\s;]+/([^/\s;]+\+)?json\s*(;.*)?", re.IGNORECASE)
#: RFC 3986, 2: what a URI-reference is made of.
_URI = re.compile(r"(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+")
#: Control characters; non-characters and lone surrogates are found by their numbers.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_MAX_INTEGER = 1 << 31
#: Attributes that say what the log decides by itself, or that stand for others.
_DECIDED_BY_THE_LOG = frozenset(
    {
        "aggregateversion",
        "datacontenttype",
        "dataschema",
        "partitionkey",
        "position",
        "recordedtime",
        "redacted",
        "source",
        "specversion",
        "tenantid",
    }
)
_READ = frozenset(
    {"aggregateid", "aggregatetype", "eventversion", "id", "subject", "time", "type"}
)
#: The extensions that are metadata under another name.
_METADATA = {"correlationid": "correlation_id", "causationid": "causation_id"}


def to_cloudevent(
    event: StoredDomainEvent, *, with_metadata: bool = False
) -> dict[str, Any]:
    """Return ``event`` as the JSON object of a CloudEvent.

    Args:
        event: as it was read; ``data`` goes along as it is.
        with_metadata: whether the rest of the metadata (actor, ip and more) goes along
            as JSON text in the extension ``metadata``. Often these are personal data,
            and attributes are what brokers log.

    Raises:
        InvalidEvent: a name or an id has characters that CloudEvents forbid.
    """
    place = (
        f"{quote(event.aggregate_type, safe='')}/{quote(event.aggregate_id, safe='')}"
    )
    tenant = quote(event.tenant_id, safe="")
    document: dict[str, Any] = {
        "specversion": SPEC_VERSION,
        "id": event.event_id,
        "source": (
            f"{store_settings().CLOUDEVENTS_SOURCE}/tenants/{tenant}/aggregates/{place}"
        ),
        "type": event.event_type,
        "subject": event.aggregate_id,
        "time": _as_text(event.occurred_at),
        "datacontenttype": "application/json",
        "tenantid": event.tenant_id,
        "aggregatetype": event.aggregate_type,
        "aggregateid": event.aggregate_id,
        "aggregateversion": str(event.aggregate_version),
        "eventversion": event.event_version,
        "position": str(event.position),
        "recordedtime": _as_text(event.stored_at),
        "partitionkey": f"{tenant}/{place}",
    }
    for name, key in _METADATA.items():
        if isinstance(event.metadata.get(key), str):
            document[name] = event.metadata[key]
    if event.is_redacted:
        document["redacted"] = True
    if with_metadata:
        document["metadata"] = serialization.encode(
            event.metadata,
            "metadata",
            max_bytes=store_settings().MAX_METADATA_BYTES,
            max_depth=store_settings().MAX_DEPTH,
        )
    for name, value in document.items():
        _check_attribute(name, value)
    document["data"] = event.data
    return document


def to_json(document: Mapping[str, Any]) -> bytes:
    """Return a CloudEvent as the bytes of ``application/cloudevents+json``.

    Raises:
        InvalidEvent: it holds what is no JSON.
    """
    settings = store_settings()
    return serialization.encode(
        dict(document),
        "cloudevent",
        # Escaped once more, the metadata may double; the attributes are short.
        max_bytes=settings.MAX_PAYLOAD_BYTES + 3 * settings.MAX_METADATA_BYTES,
        max_depth=settings.MAX_DEPTH + 1,
    ).encode()


def from_cloudevent(document: Any, *, tenant_id: str | None = None) -> DomainEvent:
    """Return what the JSON object of a CloudEvent says as an event to be appended.

    ``aggregatetype`` is needed; the aggregate's id is ``aggregateid``, else
    ``subject``. Other extensions become metadata under their names. What the log
    decides by itself (position, versions, recorded time) is not taken over.

    Args:
        document: as parsed from JSON.
        tenant_id: whose log it is meant for, to be compared with ``tenantid``.

    Raises:
        InvalidEvent: it is no CloudEvent 1.0, is another tenant's, or its data are no
            JSON object.
    """
    attributes = _attributes_of(document)
    _check_version(attributes)
    _check_tenant(attributes, tenant_id)
    _check_source(attributes)
    subject = _text(attributes, "subject", "")
    return DomainEvent(
        event_id=_text(attributes, "id"),
        event_type=_text(attributes, "type"),
        aggregate_type=_text(attributes, "aggregatetype"),
        aggregate_id=_text(attributes, "aggregateid", subject or None),
        event_version=_text(attributes, "eventversion", "v1"),
        occurred_at=_moment(attributes),
        data=_data_of(document, attributes),
        metadata=_metadata_of(attributes),
    )


def find_faults(document: Any, *, tenant_id: str | None = None) -> list[InvalidEvent]:
    """Return all that ``from_cloudevent`` would refuse, not only the first.

    Args:
        document: as of ``from_cloudevent``.
        tenant_id: likewise.
    """
    if not isinstance(document, Mapping):
        return [InvalidEvent("cloudevent", "must be a JSON object.")]
    given = {name: value for name, value in document.items() if value is not None}
    data = {name: given.pop(name) for name in ("data", "data_base64") if name in given}
    checks: list[Callable[[], object]] = [
        *(partial(_check_attribute, name, value) for name, value in given.items()),
        partial(_check_version, given),
        partial(_check_tenant, given, tenant_id),
        partial(_check_source, given),
        *(partial(_text, given, name) for name in ("id", "type", "aggregatetype")),
        partial(_text, given, "aggregateid", given.get("subject")),
        partial(_text, given, "eventversion", "v1"),
        partial(_moment, given),
        partial(_data_of, data, given),
        partial(_metadata_of, given),
    ]
    faults: dict[str, InvalidEvent] = {}
    for check in checks:
        try:
            check()
        except InvalidEvent as fault:
            # What has no such value at all is not also told of its type.
            faults.setdefault(fault.where, fault)
    return list(faults.values())


def new_cloudevent(
    event_type: str, source: str, data: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a CloudEvent that stands for no stored event, such as a test message."""
    return {
        "specversion": SPEC_VERSION,
        "id": new_event_id(),
        "source": f"{store_settings().CLOUDEVENTS_SOURCE}{source}",
        "type": event_type,
        "time": _as_text(datetime.now(UTC)),
        "datacontenttype": "application/json",
        "data": dict(data),
    }


def _as_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _attributes_of(document: Any) -> dict[str, Any]:
    """Return the attributes that are set, each of a type that CloudEvents know."""
    if not isinstance(document, Mapping):
        raise InvalidEvent("cloudevent", "must be a JSON object.")
    attributes = {
        name: value
        for name, value in document.items()
        if value is not None and name not in ("data", "data_base64")
    }
    for name, value in attributes.items():
        _check_attribute(name, value)
    return attributes


def _check_attribute(name: str, value: Any) -> None:
    if not _NAME.fullmatch(name):
        raise InvalidEvent(
            repr(name), "is no attribute: names are lower-case letters and digits."
        )
    if isinstance(value, bool):
        return
    if isinstance(value, int):
        if not -_MAX_INTEGER <= value < _MAX_INTEGER:
            raise InvalidEvent(
                name, "is beyond 32 bits: send it as text.", limit=_MAX_INTEGER
            )
    elif not isinstance(value, str):
        raise InvalidEvent(
            name,
            f"is a {type(value).__name__}; attributes are text, whole numbers or "
            "booleans.",
        )
    elif not value and name in ("id", "source", "type", "subject"):
        raise InvalidEvent(name, "is empty.")
    elif _CONTROL.search(value) or any(_is_no_character(ord(sign)) for sign in value):
        raise InvalidEvent(
            name, "contains a control character or what is no character at all."
        )


def _is_no_character(number: int) -> bool:
    """Return whether Unicode has no such character: surrogates, U+nFFFE, U+FDD0 on."""
    return (
        0xD800 <= number <= 0xDFFF  # noqa: PLR2004 - Unicode's ranges
        or 0xFDD0 <= number <= 0xFDEF  # noqa: PLR2004 - as above
        or number & 0xFFFE == 0xFFFE  # noqa: PLR2004 - as above
    )


def _check_version(attributes: Mapping[str, Any]) -> None:
    if attributes.get("specversion") != SPEC_VERSION:
        raise InvalidEvent(
            "specversion", f"must be {SPEC_VERSION!r}, the version that is understood."
        )


def _check_source(attributes: Mapping[str, Any]) -> None:
    source = _text(attributes, "source")
    if not _URI.fullmatch(source):
        raise InvalidEvent("source", f"is {source!r}, which is no URI-reference.")


def _check_tenant(attributes: Mapping[str, Any], tenant_id: str | None) -> None:
    given = attributes.get("tenantid")
    if tenant_id is not None and given not in (None, tenant_id):
        raise InvalidEvent(
            "tenantid", f"is {given!r}, but the event was sent to {tenant_id!r}."
        )


def _text(attributes: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = attributes.get(name, default)
    if value is None:
        raise InvalidEvent(name, "is missing.")
    if not isinstance(value, str):
        raise InvalidEvent(name, f"is {value!r}; it must be text.")
    return value


def _moment(attributes: Mapping[str, Any]) -> datetime:
    if "time" not in attributes:
        return datetime.now(UTC)
    text = _text(attributes, "time")
    try:
        if _MOMENT.fullmatch(text):
            return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise InvalidEvent(
        "time", f"is {text!r}; it must be like 2026-01-31T12:00:00Z (RFC 3339)."
    )


def _data_of(
    document: Mapping[str, Any], attributes: Mapping[str, Any]
) -> dict[str, Any]:
    if "data_base64" in document:
        raise InvalidEvent("data_base64", "is binary; send a JSON object as data.")
    media_type = _text(attributes, "datacontenttype", "application/json")
    if not _MEDIA_JSON.fullmatch(media_type):
        raise InvalidEvent(
            "datacontenttype", f"is {media_type!r}; only JSON can be stored."
        )
    data = document.get("data", {})
    if not isinstance(data, dict):
        raise InvalidEvent("data", "must be a JSON object.")
    return data


def _metadata_of(attributes: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {
        _METADATA.get(name, name): value
        for name, value in attributes.items()
        if name not in _DECIDED_BY_THE_LOG | _READ | {"metadata"}
    }
    if "metadata" not in attributes:
        return metadata
    given = serialization.decode_exactly(_text(attributes, "metadata"))
    if not isinstance(given, dict):
        raise InvalidEvent("metadata", "must be the text of a JSON object.")
    return metadata | given
