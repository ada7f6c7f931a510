"""One line of a log: what it must hold, and every fault by name."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from eventstore import context, serialization, validating
from eventstore.conf import store_settings
from eventstore.exceptions import InvalidEvent
from eventstore.sql import copying
from eventstore.upcasting import REDACTED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_TEXTS = ("tenant_id", *validating.NAMES)
_texts_of = itemgetter(*_TEXTS)
_REQUIRED = (*_TEXTS, "occurred_at", "event_data", "metadata")
#: What an export adds. ``position`` and ``stored_at`` are the database's to give.
_OPTIONAL = ("position", "aggregate_version", "stored_at", "is_redacted")
_KNOWN = frozenset((*_REQUIRED, *_OPTIONAL))
_MAX_BIGINT = (1 << 63) - 1
#: RFC 3339, to the microsecond that PostgreSQL keeps.
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\dT[0-2]\d:\d\d:\d\d(?:\.\d{1,6}0*)?(?:Z|[+-]\d\d:\d\d)"
)
#: Escapes that jsonb may refuse: NUL and surrogates, also in lawful pairs.
_ESCAPES = re.compile(r"\\u(?:0000|[dD][89a-fA-F])").search
#: Digits of a number that no limit of ``numeric`` can meet.
_SAFE_DIGITS = 300
#: What Python reads beyond JSON, as the text that it is; see ``_split``.
_DATA, _METADATA = "NaN", "Infinity"


class ImportRow(NamedTuple):
    """A line that may become an event.

    Attributes:
        line: its number.
        aggregate_version: the version that it names.
        aggregate: tenant, type and id of its aggregate.
        event_id: that of the event.
        removed: where values were removed, as JSON; empty for an event that is whole.
        columns: the others, as a COPY takes them.
    """

    line: int
    aggregate_version: int | None
    aggregate: tuple[str, str, str]
    event_id: str
    removed: str
    columns: str

    @property
    def staged(self) -> str:
        """Return the line as the COPY of ``import_stage.sql`` takes it."""
        version = "" if self.aggregate_version is None else self.aggregate_version
        removed = copying.copy_line((self.removed,))[:-1]
        return f"{self.line}\t{version}\t{removed}\t{self.columns}"

    def stored(self, version: int, stored_at: str) -> str:
        """Return the event as the COPY of ``import_events.sql`` takes it."""
        return f"{version}\t{stored_at}\tf\t{self.columns}"


def parse(number: int, raw: bytes) -> ImportRow:
    """Return what line ``number`` says, checked as an append checks an event.

    Args:
        number: counted from 1.
        raw: the line in UTF-8.

    Raises:
        InvalidEvent: it cannot be stored; it names the field, or ``line``.
    """
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise InvalidEvent(
            "line", f"is no UTF-8: {error.reason} at byte {error.start + 1}."
        ) from None
    return _parse_verbatim(number, text, len(raw)) or _parse_exactly(number, text)


def _parse_verbatim(number: int, text: str, size: int) -> ImportRow | None:
    """Return the row with its documents as they stand in the line.

    ``None`` when anything needs a judgement: numbers with exponents or many digits,
    deep or large documents, escapes that jsonb may refuse, and every fault.
    """
    settings = store_settings()
    if (
        size > min(settings.MAX_PAYLOAD_BYTES, settings.MAX_METADATA_BYTES)
        or text.count("{") + text.count("[") > settings.MAX_DEPTH
        or ("\\u" in text and _ESCAPES(text))
    ):
        return None
    try:
        values, data, metadata = _split(text)
        if "user_id" in values["metadata"]:
            return None
        return _row(number, values, data, metadata)
    except (InvalidEvent, ValueError, LookupError, TypeError, StopIteration):
        return None


def _parse_exactly(number: int, text: str) -> ImportRow:
    values = serialization.decode_exactly(text)
    if not isinstance(values, dict):
        raise InvalidEvent("line", "is no JSON object.")
    settings = store_settings()
    metadata = values.get("metadata")
    if isinstance(metadata, dict):
        metadata = context.with_actor(metadata)
        values = {**values, "metadata": metadata}
    _check_names(values)
    return _row(
        number,
        values,
        serialization.encode(
            values["event_data"],
            "event_data",
            max_bytes=settings.MAX_PAYLOAD_BYTES,
            max_depth=settings.MAX_DEPTH,
        ),
        serialization.encode(
            metadata,
            "metadata",
            max_bytes=settings.MAX_METADATA_BYTES,
            max_depth=settings.MAX_DEPTH,
        ),
    )


def _row(number: int, values: dict[str, Any], data: str, metadata: str) -> ImportRow:
    """Check the fields beside the documents; both ways of reading end here."""
    _check_names(values)
    validating.check_texts(_TEXTS, _texts_of(values))
    is_redacted = values.get("is_redacted", False)
    if type(is_redacted) is not bool:
        raise InvalidEvent(
            "is_redacted", f"is {is_redacted!r}, but must be true or false."
        )
    for name in ("event_data", "metadata"):
        if type(values[name]) is not dict:
            raise InvalidEvent(name, "must be a JSON object.")
    validating.check_ids(values["metadata"], is_redacted=is_redacted)
    _check_whole("position", values.get("position"))
    version = values.get("aggregate_version")
    _check_whole("aggregate_version", version)
    if "stored_at" in values:
        parse_moment("stored_at", values["stored_at"])
    validating.check_moment(parse_moment("occurred_at", values["occurred_at"]))
    aggregate = values["tenant_id"], values["aggregate_type"], values["aggregate_id"]
    columns = (
        *aggregate,
        values["event_id"],
        values["event_type"],
        values["event_version"],
        values["occurred_at"],
        data,
        metadata,
    )
    return ImportRow(
        number,
        version,
        aggregate,
        values["event_id"],
        _removed(values) if is_redacted else "",
        copying.copy_line(columns),
    )


def _check_names(values: dict[str, Any]) -> None:
    for name in _REQUIRED:
        if name not in values:
            raise InvalidEvent(name, "is missing.")
    if not _KNOWN.issuperset(values):
        unknown = next(name for name in values if name not in _KNOWN)
        known = ", ".join(sorted(_KNOWN))
        raise InvalidEvent(
            "line", f"has the unknown field {unknown!r}; known are {known}."
        )


def _check_whole(name: str, value: Any) -> None:
    if value is None:
        return
    if type(value) is not int or not 1 <= value <= _MAX_BIGINT:
        raise InvalidEvent(name, f"is {value!r}; it must be a whole number from 1 up.")


def parse_moment(name: str, value: Any) -> datetime:
    """Return a time of RFC 3339 in UTC.

    Args:
        name: of the field, for errors.
        value: its text, with a zone and no more than microseconds.

    Raises:
        InvalidEvent: it is none.
    """
    if type(value) is not str:
        raise InvalidEvent(
            name, f"is {value!r}, but must be text: 2015-09-12T00:46:58.771Z."
        )
    text = value.upper()
    if not _MOMENT.fullmatch(text):
        raise InvalidEvent(
            name,
            f"is {value!r}; it must be a time of RFC 3339 with its zone and no more "
            "than microseconds, as 2015-09-12T00:46:58.771Z.",
        )
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidEvent(name, f"is {value!r}: {error}.") from None


def _removed(values: dict[str, Any]) -> str:
    """Return where the marks of removed values stand, as JSON."""
    pointers = [
        pointer
        for name, document in (
            ("data", values["event_data"]),
            ("metadata", values["metadata"]),
        )
        for pointer in _marks(document, f"/{name}")
    ]
    if not pointers:
        raise InvalidEvent(
            "is_redacted",
            'is true, but neither event_data nor metadata holds {"redacted": true} '
            "where a value was removed.",
        )
    return json.dumps(pointers, ensure_ascii=False)


def _marks(value: Any, pointer: str) -> Iterator[str]:
    if value == REDACTED and value["redacted"] is True:
        yield pointer
    elif isinstance(value, dict):
        for key, item in value.items():
            token = key.replace("~", "~0").replace("/", "~1")
            yield from _marks(item, f"{pointer}/{token}")
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _marks(item, f"{pointer}/{place}")


def _split(text: str) -> tuple[dict[str, Any], str, str]:
    """Return the values of a line, and the texts of its two documents as they stand.

    The documents are read first and cut out. Marks in their place, words that occur
    nowhere else, say that they were those of the line and not of an inner object.

    Raises:
        ValueError: it is no object, or one that needs a closer look; an ``IndexError``
            or a ``StopIteration`` where it ends too early.
    """
    if _DATA in text or _METADATA in text:
        raise ValueError(text)
    data, data_text, rest = _cut(text, "event_data", _DATA)
    metadata, metadata_text, rest = _cut(rest, "metadata", _METADATA)
    values, end = _scanner()(rest, 0)
    if (
        values["event_data"] != _DATA
        or values["metadata"] != _METADATA
        or rest[end:].strip(" \t\r\n")
    ):
        raise ValueError(text)
    values["event_data"], values["metadata"] = data, metadata
    return values, data_text, metadata_text


def _cut(text: str, name: str, mark: str) -> tuple[Any, str, str]:
    """Return the value of a field, its text, and ``text`` with a mark in its place."""
    start = text.index(f'"{name}":') + len(name) + 3
    while text[start] in " \t\r\n":
        start += 1
    value, end = _scanner()(text, start)
    return value, text[start:end], f"{text[:start]}{mark}{text[end:]}"


@cache
def _scanner() -> Callable[[str, int], tuple[Any, int]]:
    """Return what reads a value of JSON and says where it ends."""
    decoder = json.JSONDecoder(
        object_pairs_hook=_unique, parse_float=_plain_float, parse_constant=str
    )
    scan: Callable[[str, int], tuple[Any, int]] = decoder.scan_once  # type: ignore[attr-defined]  # raw_decode() without its wrapper
    return scan


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        raise ValueError(pairs)
    return document


def _plain_float(digits: str) -> float:
    if len(digits) > _SAFE_DIGITS or "e" in digits or "E" in digits:
        raise ValueError(digits)
    return float(digits)
