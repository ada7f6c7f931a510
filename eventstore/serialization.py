"""Documents to JSON text and back, exactly: what cannot be kept is refused.

The one seam that payloads and metadata pass on their way in (``encode``) and out
(``decode``). What jsonb would refuse is found here, before the database raises an error
that ends the caller's transaction.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import simplejson

from eventstore.exceptions import InvalidEvent

#: A NUL written as an escape: the backslashes before it come in pairs.
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
#: Between these, and for 0, a float is written without an exponent.
_PLAIN_FLOATS = 1e-4, 1e16
#: Digits before and after the point that ``numeric`` holds.
_MAX_DIGITS, _MAX_SCALE = 131_072, 16_383
#: More digits than this, and Python refuses to convert between ``int`` and text.
_INT_DIGITS = 4_000
#: As many bits as those digits take.
_INT_BITS = 13_000
_ENCODER = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, separators=(",", ":")
)


def encode(
    document: Any, where: str, *, max_bytes: int = 1_000_000, max_depth: int = 100
) -> str:
    """Return ``document`` as the JSON text that jsonb keeps without loss.

    Args:
        document: a dictionary of JSON values; numbers may be ``Decimal``.
        where: its name in errors: ``data`` or ``metadata``.
        max_bytes: the limit of the text in UTF-8.
        max_depth: the limit of nested objects and arrays.

    Raises:
        InvalidEvent: it is no object, too large, too deep, or holds what jsonb cannot:
            NUL characters, lone surrogates, NaN, infinities, numbers out of range.
    """
    if not isinstance(document, dict):
        raise InvalidEvent(where, f"is {_kind(document)}, but must be a JSON object.")
    try:
        size = _check_object(document, max_depth)
    except _Fault as fault:
        raise _refusal(fault, where, max_depth) from None
    text = _dump(document)
    if "\\u0000" in text and _NUL.search(text):
        raise InvalidEvent(
            where, r"contains the character \u0000, which PostgreSQL cannot store."
        )
    size += len(text) if text.isascii() else _size(text, where)
    if size > max_bytes:
        raise InvalidEvent(
            where,
            f"has {size:,} bytes as JSON; at most {max_bytes:,} are allowed. "
            "Store large contents elsewhere and refer to them.",
            limit=max_bytes,
        )
    return text


def decode(text: str, *, decimals: bool = False) -> Any:
    """Return the document of a JSON text that the database gave.

    Args:
        text: what ``jsonb::text`` gives.
        decimals: whether fractions become ``Decimal`` instead of ``float``.
    """
    if decimals:
        return json.loads(text, parse_float=Decimal, parse_int=_parse_int)
    try:
        return json.loads(text)
    except ValueError:
        # Python converts no more than some 4,300 digits to an int.
        return json.loads(text, parse_int=_parse_int)


def decode_exactly(text: str) -> Any:
    """Return the document of a foreign JSON text with every number as written.

    Raises:
        InvalidEvent: it is no JSON, names a key twice, or holds NaN or an infinity.
    """
    try:
        return json.loads(
            text,
            parse_float=Decimal,
            parse_int=_parse_int,
            parse_constant=_refuse_constant,
            object_pairs_hook=_unique_keys,
        )
    except json.JSONDecodeError as error:
        raise InvalidEvent(
            "line", f"is no JSON: {error.msg} at character {error.pos + 1}."
        ) from None
    except RecursionError:
        raise InvalidEvent("line", "nests too deep.") from None


def _chunk_maker() -> Callable[[Any, int], Iterable[str]]:
    """Return the inner part of ``_ENCODER.encode``, which makes it anew each time."""
    make = json.encoder.c_make_encoder  # type: ignore[attr-defined]  # of C
    if make is None:  # not CPython
        return lambda document, _: _ENCODER.iterencode(document)
    chunks: Callable[[Any, int], Iterable[str]] = make(
        None,
        _ENCODER.default,
        json.encoder.encode_basestring,
        None,
        _ENCODER.key_separator,
        _ENCODER.item_separator,
        _ENCODER.sort_keys,
        _ENCODER.skipkeys,
        _ENCODER.allow_nan,
    )
    return chunks


_chunks_of = _chunk_maker()


def _dump(document: dict[str, Any]) -> str:
    try:
        return "".join(_chunks_of(document, 0))
    except (TypeError, ValueError):
        # A Decimal, which the standard library does not write, or an int of more
        # digits than Python converts.
        return simplejson.dumps(
            _with_decimals(document),
            ensure_ascii=False,
            use_decimal=True,
            separators=(",", ":"),
        )


def _with_decimals(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_decimals(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_with_decimals(item) for item in value]
    if type(value) is int and value.bit_length() > _INT_BITS:
        return Decimal(value)
    return value


def _size(text: str, where: str) -> int:
    try:
        return len(text.encode())
    except UnicodeEncodeError as error:
        raise InvalidEvent(
            where,
            f"contains a lone surrogate ({error.object[error.start]!a}), "
            "which is not a character.",
        ) from None


def _parse_int(digits: str) -> int | Decimal:
    return int(digits) if len(digits) <= _INT_DIGITS else Decimal(digits)


def _refuse_constant(name: str) -> Any:
    raise InvalidEvent("line", f"contains {name}, which is no JSON.")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise InvalidEvent("line", f"names the key {twice!r} twice in one object.")
    return document


class _Fault(Exception):
    """A fault found deep in a document; its path grows on the way up.

    Paths are built only when something is wrong: most documents never need one.
    """

    def __init__(self, what: str, limit: int | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.limit = limit
        self.path: list[str] = []


class _TooDeep(_Fault):
    """The limit of levels is passed."""


def _refusal(fault: _Fault, where: str, max_depth: int) -> InvalidEvent:
    if isinstance(fault, _TooDeep):
        return InvalidEvent(
            where, f"nests deeper than {max_depth} levels.", limit=max_depth
        )
    place = where + "".join(reversed(fault.path))
    return InvalidEvent(place, fault.what, limit=fault.limit)


def _check_object(value: dict[Any, Any], depth: int) -> int:
    """Refuse what is not JSON; walks the document once.

    Returns:
        How many zeros the numbers with an exponent get when they are read. Ten bytes
        can stand for 131,072 digits: a document must not be small when it is checked
        and too large for any memory when it is read.

    Raises:
        _Fault: with the place of what is wrong, from the inside out.
    """
    if depth == 0:
        raise _TooDeep("nests too deep.")
    zeros = 0
    key: Any = ""
    try:
        for key, item in value.items():
            if type(key) is not str:
                raise _Fault(f"is a key, and {_kind(key)}: keys must be text.")
            if type(item) is not str:
                zeros += _check_value(item, depth)
    except _Fault as fault:
        fault.path.append(f".{key}")
        raise
    return zeros


def _check_array(value: list[Any] | tuple[Any, ...], depth: int) -> int:
    if depth == 0:
        raise _TooDeep("nests too deep.")
    zeros = place = 0
    try:
        for place, item in enumerate(value):  # noqa: B007 - for the except below
            if type(item) is not str:
                zeros += _check_value(item, depth)
    except _Fault as fault:
        fault.path.append(f"[{place}]")
        raise
    return zeros


def _check_value(value: Any, depth: int) -> int:
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return 0
    if kind is dict:
        return _check_object(value, depth - 1)
    if kind is list or kind is tuple:
        return _check_array(value, depth - 1)
    if kind is int:
        return _check_number(Decimal(value)) if value.bit_length() > _INT_BITS else 0
    if kind is float:
        smallest, largest = _PLAIN_FLOATS
        if smallest <= value < largest or -largest < value <= -smallest or value == 0:
            return 0
    if kind is float or kind is Decimal:
        return _check_number(value)
    raise _Fault(f"is {_kind(value)}, which JSON does not have: convert it to text.")


def _check_number(value: float | Decimal) -> int:
    finite = value.is_finite() if isinstance(value, Decimal) else math.isfinite(value)
    if not finite:
        raise _Fault(f"is {value!r}, which JSON does not have.")
    number = value if isinstance(value, Decimal) else Decimal(repr(value))
    if (
        number.adjusted() >= _MAX_DIGITS
        or -int(number.as_tuple().exponent) > _MAX_SCALE
    ):
        raise _Fault(
            f"is beyond what PostgreSQL's numeric holds ({_MAX_DIGITS:,} digits before "
            f"the point, {_MAX_SCALE:,} after it).",
            _MAX_DIGITS,
        )
    return max(int(number.as_tuple().exponent), -number.adjusted(), 0)


def _kind(value: Any) -> str:
    return "null" if value is None else f"a {type(value).__name__}"
