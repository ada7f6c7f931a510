"""How a key is written: ``es_<prefix>_<secret><checksum>``.

The fixed beginning and the checksum are for secret scanners: they find keys that leaked
into repositories and logs, and take nothing else for one. The form follows that of
GitHub's tokens (https://github.blog/engineering/behind-githubs-new-authentication-token-formats/).
"""

from __future__ import annotations

import hashlib
import re
import secrets
import string
import zlib
from typing import NamedTuple, Self

#: What every key begins with.
MARK = "es_"
_ALPHABET = string.digits + string.ascii_letters
_PREFIX = 10
#: 256 bits in base 62.
_SECRET = 43
_CHECKSUM = 6
_TOKEN = re.compile(
    rf"(?P<body>{MARK}(?P<prefix>[0-9A-Za-z]{{{_PREFIX}}})_[0-9A-Za-z]{{{_SECRET}}})"
    rf"(?P<checksum>[0-9A-Za-z]{{{_CHECKSUM}}})",
    re.ASCII,
)


class Token(NamedTuple):
    """A key in the open, and its visible part."""

    text: str
    prefix: str

    @classmethod
    def new(cls, prefix: str | None = None) -> Self:
        """Return a random one; with ``prefix``, another secret of the same key."""
        prefix = prefix or "".join(secrets.choice(_ALPHABET) for _ in range(_PREFIX))
        body = f"{MARK}{prefix}_{_base62(secrets.randbits(256), _SECRET)}"
        return cls(body + _checksum(body), prefix)

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Return the key that ``text`` is; ``None`` when it is none, or misspelt."""
        found = _TOKEN.fullmatch(text)
        if found is None or found["checksum"] != _checksum(found["body"]):
            return None
        return cls(text, found["prefix"])

    @property
    def digest(self) -> bytes:
        """The SHA-256 of the whole text, which is what is stored."""
        return hashlib.sha256(self.text.encode()).digest()


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), _CHECKSUM)


def _base62(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))
