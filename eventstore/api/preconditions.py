"""``If-Match`` and ``If-None-Match`` (RFC 9110, 13.1) as expected versions.

The entity tag of an aggregate is its version: ``"7"``. A tag that something on the way
has made weak (``W/"7"``, as compressing proxies and Django's ``GZipMiddleware`` do)
names the same version and counts as the strong one: versions are compared, not bytes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from eventstore.api.refusals import MalformedHeader, PreconditionFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from rest_framework.request import Request

#: RFC 9110, 8.8.3.
_TAG = re.compile(r'(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_TAGS = re.compile(rf"\s*{_TAG.pattern}\s*(?:,\s*{_TAG.pattern}\s*)*")
#: What a bigint holds, written as a version is.
_VERSION = re.compile(r"0|[1-9][0-9]{0,17}")


def etag_of(version: int) -> str:
    """Return the entity tag of an aggregate that stands at ``version``."""
    return f'"{version}"'


class Precondition:
    """Where an aggregate must stand before it is appended to.

    Attributes:
        is_given: whether the request has a condition at all.
    """

    def __init__(self, request: Request) -> None:
        """Read the headers.

        Raises:
            MalformedHeader: one of them is no list of entity tags.
        """
        self._match = _tags("If-Match", request.META.get("HTTP_IF_MATCH"))
        self._none_match = _tags(
            "If-None-Match", request.META.get("HTTP_IF_NONE_MATCH")
        )
        self.is_given = self._match is not None or self._none_match is not None

    def expected(self, current: Callable[[], int]) -> int:
        """Return the version at which the aggregate must stand.

        Args:
            current: returns where it stands; called only when the headers alone do not
                say it.

        Raises:
            PreconditionFailed: it does not stand there now.
        """
        if self._none_match is None and self._match and len(self._match) == 1:
            (tag,) = self._match
            if _VERSION.fullmatch(tag):
                return int(tag)
        if self._match is None and self._none_match == frozenset("*"):
            return 0
        version = current()
        if not self._holds(version):
            raise PreconditionFailed(current_version=version)
        return version

    def _holds(self, version: int) -> bool:
        wanted = self._match is None or _names(self._match, version)
        return wanted and not (
            self._none_match is not None and _names(self._none_match, version)
        )


def _names(tags: frozenset[str], version: int) -> bool:
    """Return whether the tags name the version; ``*`` names whatever exists."""
    return version > 0 if tags == frozenset("*") else str(version) in tags


def _tags(name: str, header: str | None) -> frozenset[str] | None:
    if header is None:
        return None
    if header.strip() == "*":
        return frozenset("*")
    if not _TAGS.fullmatch(header):
        raise MalformedHeader(
            _('%(name)s must be a version in quotation marks, as "7", or *.')
            % {"name": name},
            name,
        )
    # A quoted star is a tag like any other, and no version.
    return frozenset(tag if tag != "*" else "" for tag in _TAG.findall(header))
