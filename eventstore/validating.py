"""What an event may be, asked in one place for all that goes into the log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from eventstore.conf import store_settings
from eventstore.exceptions import InvalidEvent
from eventstore.upcasting import REDACTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: The texts of an event, beside those of its documents.
NAMES = ("event_id", "aggregate_type", "aggregate_id", "event_type", "event_version")
_MAX_BYTES = {
    "tenant_id": 200,
    "event_id": 200,
    "aggregate_type": 200,
    "aggregate_id": 800,
    "event_type": 200,
    "event_version": 200,
    "request_id": 200,
    "case_number": 200,
    "snapshot_id": 200,
    "fold_version": 200,
    "reason": 10_000,
}
_MAX_ID_BYTES = 200
#: So many characters fit whatever they are: none has more than four bytes.
_ANY_CHARACTERS = _MAX_ID_BYTES // 4
#: What fits whatever the name is.
_ANY_BYTES = min(_MAX_BYTES.values())
_are_texts = frozenset({str}).issuperset


def is_storable(text: str) -> bool:
    """Return whether PostgreSQL's ``text`` can hold it: no NUL, no lone surrogate.

    What is not cannot be the name of anything: whoever asks for it finds nothing.
    """
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def are_storable(*names: Any) -> bool:
    """Return whether a row can have these names; other than text may be anything."""
    return all(is_storable(name) for name in names if isinstance(name, str))


def check_text(name: str, value: Any) -> None:
    """Check one of the names of an event, its tenant, or what is recorded beside it.

    Raises:
        InvalidEvent: it is no text, empty, or has more bytes than an index holds.
    """
    if type(value) is not str:
        raise InvalidEvent(
            name, f"is {value!r}, a {type(value).__name__}; it must be text: str(...)."
        )
    if not value:
        raise InvalidEvent(name, "is empty.")
    if "\x00" in value:
        raise InvalidEvent(name, "contains a NUL character.")
    limit = _MAX_BYTES[name]
    try:
        size = len(value.encode())
    except UnicodeEncodeError:
        raise InvalidEvent(name, "contains a lone surrogate.") from None
    if size > limit:
        raise InvalidEvent(
            name, f"has {size} bytes in UTF-8; at most {limit} fit.", limit=limit
        )


def check_texts(names: Iterable[str], values: Sequence[Any]) -> None:
    """Check several names of an event.

    Args:
        names: what each is.
        values: what each says.

    Raises:
        InvalidEvent: as ``check_text``.
    """
    # Most are short and plain, which is seen of all together.
    if _are_texts(map(type, values)) and all(values):
        together = "".join(values)
        if (
            (len(together) <= _ANY_BYTES or max(map(len, values)) <= _ANY_BYTES)
            and together.isascii()
            and "\x00" not in together
        ):
            return
    for name, value in zip(names, values, strict=True):
        check_text(name, value)


def check_note(name: str, value: Any) -> None:
    """Check a text that may be empty.

    Raises:
        InvalidEvent: it is no text, or has too many bytes.
    """
    if value != "":
        check_text(name, value)


def check_moment(moment: Any) -> None:
    """Check the business time of an event.

    Raises:
        InvalidEvent: it has no time zone, or lies in the future.
    """
    if (
        type(moment) is datetime
        and moment.tzinfo is UTC
        and moment <= datetime.now(UTC)
    ):
        return  # what most are, seen at once
    if not isinstance(moment, datetime):
        raise InvalidEvent("occurred_at", f"is {moment!r}; it must be a datetime.")
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise InvalidEvent(
            "occurred_at",
            f"is {moment.isoformat()} without a time zone: use an aware datetime, as "
            "django.utils.timezone.now() gives.",
        )
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        # PostgreSQL would store it, and no read could give it back.
        raise InvalidEvent(
            "occurred_at",
            f"is {moment.isoformat()}, beyond the years 1 to 9999 in UTC.",
        ) from None
    tolerance = store_settings().FUTURE_TOLERANCE_SECONDS
    if moment > datetime.now(UTC) + timedelta(seconds=tolerance):
        raise InvalidEvent(
            "occurred_at",
            f"is {moment.isoformat()}, more than {tolerance} s in the future.",
            limit=tolerance,
        )


def check_ids(metadata: Mapping[str, Any], *, is_redacted: bool = False) -> None:
    """Check the metadata that are indexed: they must be short texts.

    Args:
        metadata: those of one event.
        is_redacted: whether the mark of a removed value may stand in their place.

    Raises:
        InvalidEvent: one of them is no text, or too long.
    """
    for key in ("correlation_id", "causation_id"):
        value = metadata.get(key)
        if value is not None and not (
            type(value) is str and len(value) <= _ANY_CHARACTERS
        ):
            _check_id(f"metadata.{key}", value, is_redacted=is_redacted)
    if "actor" not in metadata:
        return
    actor = metadata["actor"]
    if (
        type(actor) is dict
        and type(name := actor.get("id")) is str
        and len(name) <= _ANY_CHARACTERS
    ):
        return  # what most are, seen at once
    if actor == REDACTED:
        _check_id("metadata.actor", actor, is_redacted=is_redacted)
    elif isinstance(actor, dict) and actor.get("id") is not None:
        _check_id("metadata.actor.id", actor["id"], is_redacted=is_redacted)
    else:
        raise InvalidEvent(
            "metadata.actor", 'must be {"type": ..., "id": ...} with an id as text.'
        )


def _check_id(place: str, value: Any, *, is_redacted: bool) -> None:
    if is_redacted and value == REDACTED:
        return
    if not isinstance(value, str):
        raise InvalidEvent(place, f"is {value!r}; it must be text.")
    if len(value.encode(errors="surrogatepass")) > _MAX_ID_BYTES:
        raise InvalidEvent(
            place,
            f"is longer than {_MAX_ID_BYTES} bytes in UTF-8.",
            limit=_MAX_ID_BYTES,
        )
