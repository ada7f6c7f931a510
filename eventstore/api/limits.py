"""How long a reading request may keep the database busy."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from django.db import OperationalError
from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.permissions import SAFE_METHODS

from eventstore.api.transactions import TransactionView
from eventstore.conf import store_settings
from eventstore.sql.limits import limited, ran_out

if TYPE_CHECKING:
    from collections.abc import Callable


class TooSlow(APIException):
    """A statement has used up its time."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = _(
        "Looking for this took too long. Narrow it: one tenant, a type, an aggregate, "
        "a shorter range of time or positions, a smaller page."
    )
    default_code = "too_slow"


class LimitedView(TransactionView):
    """Ends the statements of a request that only reads when their time runs out."""

    def _in_transaction(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        if self.request.method not in SAFE_METHODS:
            return super()._in_transaction(handler)
        within = super()._in_transaction(_limited(handler))

        @wraps(handler)
        def act(*args: Any, **kwargs: Any) -> Any:
            try:
                return within(*args, **kwargs)
            except OperationalError as error:
                if ran_out(error):
                    raise TooSlow from error
                raise

        return act


def _limited(handler: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(handler)
    def act(*args: Any, **kwargs: Any) -> Any:
        with limited(store_settings().API_STATEMENT_TIMEOUT_SECONDS):
            return handler(*args, **kwargs)

    return act
