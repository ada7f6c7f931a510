"""Keyset pages: an opaque cursor says after which row to go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.core import signing
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from eventstore.models.paging import page_in_tenants
from eventstore.sql import limits

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from django.db.models import Model, QuerySet
    from rest_framework.request import Request

    from eventstore.api.filters import Filters


class KeysetPagination(BasePagination):
    """Pages that appends do not shift: each row is on one page, at any depth as fast.

    The cursor is signed and belongs to one list in one direction. It holds the key of
    a row that the caller has seen, and no authority: the scope is decided anew.
    """

    default_size = 100
    max_size = 1000
    #: Query parameters that the pages understand.
    parameters = ("cursor", "page_size", "order")

    def page(
        self,
        queryset: QuerySet[Any],
        request: Request,
        tenants: Collection[str],
        *,
        key: str = "pk",
        filters: Filters | None = None,
    ) -> list[Any]:
        """Return one page of ``queryset`` in the scope of ``tenants``.

        Args:
            queryset: filtered, neither ordered nor scoped.
            request: whose ``cursor``, ``page_size`` and ``order`` count.
            tenants: the scope.
            key: what orders the rows: ``pk``, or a column unique within the list.
            filters: those of ``queryset``, for how they are read best.

        Raises:
            ValidationError: a parameter of the page is none.
        """
        self._url = request.build_absolute_uri()
        newest_first = _newest_first(request)
        size = self._size(request)
        signer = _signer(queryset.model, key, newest_first=newest_first)
        cursor = request.query_params.get("cursor")
        after = _unsign(signer, cursor) if cursor is not None else None
        order = Order(key, newest_first, filters)
        rows, last = self.read(queryset, tenants, order, after, size)
        self._next = None if last is None else signer.sign_object(last)
        return rows

    def read(
        self,
        queryset: QuerySet[Any],
        tenants: Collection[str],
        order: Order,
        after: Any,
        size: int,
    ) -> tuple[list[Any], Any]:
        """Return the rows of a page, and the key after which the next one begins."""
        rows = order.read(order.begin(queryset, after), tenants, size + 1)
        last = getattr(rows[size - 1], order.key) if len(rows) > size else None
        return rows[:size], last

    def page_by(
        self,
        request: Request,
        name: str,
        fetch: Callable[[Any, int], Sequence[Any]],
        key_of: Callable[[Any], Any],
    ) -> Sequence[Any]:
        """Return one page of what ``fetch`` reads in the order of its keys.

        Args:
            request: whose ``cursor`` and ``page_size`` count.
            name: of the list; its cursors open no other.
            fetch: returns so many rows after a key, ``None`` for the first ones.
            key_of: returns the key of a row: JSON.

        Raises:
            ValidationError: a parameter of the page is none.
        """
        self._url = request.build_absolute_uri()
        size = self._size(request)
        signer = signing.Signer(salt=f"eventstore.cursor:{name}")
        cursor = request.query_params.get("cursor")
        rows = fetch(_unsign(signer, cursor) if cursor is not None else None, size + 1)
        is_last = len(rows) <= size
        self._next = None if is_last else signer.sign_object(key_of(rows[size - 1]))
        return rows[:size]

    def get_paginated_response(self, data: Any) -> Response:
        """Return the rows and the address of the next page, ``null`` at the end."""
        address = self._next and replace_query_param(self._url, "cursor", self._next)
        return Response({"next": address, "results": data})

    def _size(self, request: Request) -> int:
        given = request.query_params.get("page_size", str(self.default_size))
        if not (given.isascii() and given.isdigit() and int(given[:9])):
            raise ValidationError(
                {"page_size": [_("Give a number from 1 to %d.") % self.max_size]}
            )
        return min(int(given[:9]), self.max_size)


class Order(NamedTuple):
    """In which order the rows of a list come, and how they are read best.

    Attributes:
        key: what orders them.
        newest_first: whether the largest keys come first.
        filters: those of the list.
    """

    key: str
    newest_first: bool
    filters: Filters | None

    def begin(self, queryset: QuerySet[Any], after: Any) -> QuerySet[Any]:
        """Return the rows beyond the key ``after``."""
        if after is None:
            return queryset
        beyond = "lt" if self.newest_first else "gt"
        return queryset.filter(**{f"{self.key}__{beyond}": after})

    def read(
        self, queryset: QuerySet[Any], tenants: Collection[str], limit: int
    ) -> list[Any]:
        """Return the first rows."""
        if self.filters is None or self.filters.walks:
            limits.walk_indexes()
        return page_in_tenants(
            queryset,
            tenants,
            key=self.key,
            newest_first=self.newest_first,
            each=self.filters.each if self.filters else None,
            limit=limit,
        )


def _newest_first(request: Request) -> bool:
    order = request.query_params.get("order", "asc")
    if order not in {"asc", "desc"}:
        raise ValidationError({"order": [_("Give asc or desc.")]})
    return order == "desc"


def _signer(model: type[Model], key: str, *, newest_first: bool) -> signing.Signer:
    name = model._meta.label_lower  # noqa: SLF001 - Django's documented API of models
    return signing.Signer(salt=f"eventstore.cursor:{name}:{key}:{newest_first}")


def _unsign(signer: signing.Signer, cursor: str) -> Any:
    try:
        return signer.unsign_object(cursor)
    except signing.BadSignature:
        raise ValidationError(
            {"cursor": [_("This is no cursor of this list in this order.")]}
        ) from None
