"""Which media types an address has, told to those who ask for another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import NotAcceptable, UnsupportedMediaType

from eventstore.api.refusals import UnsupportedBody

if TYPE_CHECKING:
    from rest_framework.views import APIView


def with_media_types(error: Exception, view: APIView) -> Exception:
    """Return ``error`` with what would have been read, or could be answered.

    REST framework says only what was wrong. ``Accept`` is where RFC 9110, 15.5.16 wants
    what is read.
    """
    if type(error) is UnsupportedMediaType:
        read = _named(view.get_parsers())
        refusal = UnsupportedBody(
            _("%(refusal)s Send %(types)s.") % {"refusal": error.detail, "types": read}
        )
        refusal.headers = {"Accept": read}
        return refusal
    if type(error) is NotAcceptable and error.detail == NotAcceptable.default_detail:
        return NotAcceptable(
            _("Nothing here is of a type that Accept allows: accept %s.")
            % _named(view.get_renderers())
        )
    return error


def _named(kinds: Any) -> str:
    return ", ".join(dict.fromkeys(kind.media_type for kind in kinds))
