"""The append itself: one transaction for the events and the answer that is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.db import connections
from django.utils.translation import gettext as _

from eventstore import tenancy
from eventstore.api.appending.faults import Faults
from eventstore.api.refusals import MalformedHeader, PreconditionFailed
from eventstore.conf import store_settings
from eventstore.event_publisher import publisher
from eventstore.exceptions import ConcurrencyError

if TYPE_CHECKING:
    from collections.abc import Callable

    from eventstore.api.appending.orders import Order
    from eventstore.api.preconditions import Precondition
    from eventstore.types import StoredDomainEvent

T = TypeVar("T")

#: How often it is tried again when the database ended it in favour of another.
_ATTEMPTS = 5


def in_transaction(tenant_id: str, act: Callable[[], T]) -> T:
    """Return what ``act`` returns, in a transaction that sees this tenant alone.

    Two transactions that lock aggregates in opposite order end one of them: it is begun
    anew, unless it is part of the host's own (``ATOMIC_REQUESTS``).
    """
    alias = store_settings().DATABASE
    attempts = 1 if connections[alias].in_atomic_block else _ATTEMPTS
    while True:
        attempts -= 1
        try:
            with tenancy.scoped([tenant_id]):
                return act()
        except ConcurrencyError as error:
            is_deadlock = error.actual is None
            if not (is_deadlock and attempts):
                raise


def append(order: Order, condition: Precondition) -> list[StoredDomainEvent]:
    """Append what was asked for, and have the subscribers of this process told.

    Raises:
        PreconditionFailed: the aggregate does not stand where the headers want it.
        ConcurrencyError: one does not stand where the body wants it.
        EventStoreError: as of ``EventStorePublisher.publish_all``.
    """
    expected = dict(order.expected)
    if condition.is_given:
        expected |= _expected_by_headers(order, condition)
    try:
        return publisher.publish_all(
            [draft.event for draft in order.drafts], order.tenant_id, expected
        )
    except ConcurrencyError as error:
        if condition.is_given and error.actual is not None:
            raise PreconditionFailed(current_version=error.actual) from error
        raise


def _expected_by_headers(
    order: Order, condition: Precondition
) -> dict[tuple[str, str], int]:
    if len(order.aggregates) != 1:
        raise MalformedHeader(
            _(
                "If-Match and If-None-Match are about one aggregate, but the request "
                "has events of several: give each its expected_version."
            )
        )
    (key,) = order.aggregates
    version = condition.expected(
        lambda: publisher.store.get_aggregate_version(
            key.aggregate_id, order.tenant_id, key.aggregate_type
        )
    )
    faults = Faults()
    if order.expected.get(key, version) != version:
        faults.add(
            order.drafts[0].place(("expected_version",)),
            f"contradicts the headers, which expect {version}.",
        )
    faults.raise_any()
    return {key: version}
