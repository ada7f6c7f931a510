"""The one transaction of a request, held to the caller's tenants."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from eventstore import tenancy
from eventstore.api.permissions import GrantedView

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ClassVar

    from rest_framework.request import Request


class TransactionView(GrantedView):
    """Runs each action in a transaction whose scope is the caller's tenants.

    The filters of the actions decide what is found. Under them, where row-level
    security is on, PostgreSQL sees to it that one that was forgotten finds nothing of
    others. Grants are asked for before: they say what the scope is.

    Attributes:
        begins_itself: actions with transactions of their own, each in
            ``tenancy.scoped``: what is stored in parts, or read while it is streamed.
    """

    begins_itself: ClassVar[frozenset[str]] = frozenset()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let the caller in, and have the action run within their scope."""
        super().initial(request, *args, **kwargs)
        method = (request.method or "").lower()
        handler = getattr(self, method, None)
        if handler is None or self.needed is None:
            return
        if self.asked_for not in self.begins_itself:
            setattr(self, method, self._in_transaction(handler))

    def _in_transaction(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(handler)
        def act(*args: Any, **kwargs: Any) -> Any:
            with tenancy.scoped(self.grants):
                return handler(*args, **kwargs)

        return act
