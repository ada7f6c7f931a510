"""Why somebody gets no feed."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

MEDIA_TYPE = "application/problem+json"


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
        """The answer as problem details, whose status says all there is to its kind.

        RFC 9457, 4.2.1: such a problem has no type of its own.
        """
        general = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
        }
        if isinstance(self.detail, str):
            return {**general, "detail": self.detail}
        errors = [
            {"detail": sentence, "parameter": name}
            for name, sentences in self.detail.items()
            for sentence in sentences
        ]
        told = "; ".join(f"{error['parameter']}: {error['detail']}" for error in errors)
        return {**general, "detail": told, "errors": errors}
