"""Why somebody gets no feed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Refusal(Exception):
    """No feed, with the HTTP status and the words that say why.

    Attributes:
        status: of the answer.
        detail: a sentence, or sentences by parameter.
        headers: of the answer.
    """

    def __init__(
        self,
        status: int,
        detail: str | Mapping[str, Any],
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Hold what the answer says."""
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = {"Cache-Control": "no-store", **(headers or {})}

    @property
    def body(self) -> dict[str, Any]:
        """The answer as the REST API gives it."""
        if isinstance(self.detail, str):
            return {"detail": self.detail}
        return dict(self.detail)
