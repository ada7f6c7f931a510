"""JSON with every number as it was stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import simplejson
from rest_framework.renderers import JSONRenderer

if TYPE_CHECKING:
    from collections.abc import Mapping


class ExactJSONRenderer(JSONRenderer):
    """Write ``Decimal`` as a JSON number: no float stands between store and client."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return the bytes of ``data``; nothing for an answer without a body."""
        if data is None:
            return b""
        return simplejson.dumps(
            data,
            ensure_ascii=False,
            use_decimal=True,
            separators=(",", ":"),
            default=self.encoder_class().default,
        ).encode()
