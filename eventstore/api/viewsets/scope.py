"""What every list of the API shares: within the caller's tenants and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from eventstore.api.contract import ContractView
from eventstore.api.delivery import DeliveredView
from eventstore.api.filters import StrictFilterBackend
from eventstore.api.limits import LimitedView
from eventstore.api.pagination import KeysetPagination
from eventstore.api.refusals import allow_parameters
from eventstore.api.renderers import ExactJSONRenderer
from eventstore.api.segments import from_segment
from eventstore.roles import Permission
from eventstore.validating import is_storable

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

    from eventstore.api.filters import Filters


class TenantNeeded(APIException):
    """The key names rows of several of the caller's tenants."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = _("Several of your tenants have this. Choose one with ?tenant=.")
    default_code = "tenant_needed"


class ScopedViewSet(ContractView, DeliveredView, LimitedView, GenericViewSet[Any]):
    """A list and its rows. What is out of scope is not there, in whatever way asked."""

    renderer_classes = (ExactJSONRenderer,)
    filter_backends = (StrictFilterBackend,)
    pagination_class = KeysetPagination
    lookup_url_kwarg = "key"
    lookup_value_regex = "[^/]+"
    #: The columns that the parts of the key in the address stand for.
    identity: tuple[str, ...]
    #: Those of the list that was asked for.
    filters: Filters | None = None
    conditional = frozenset({"retrieve"})

    @property
    def scope(self) -> frozenset[str]:
        """The tenants where the caller may do this, or the one that they chose.

        Raises:
            NotFound: it is not theirs; nothing says whether it exists.
            PermissionDenied: it is, but they may not do this there.
        """
        chosen = self.request.query_params.get("tenant")
        if chosen is None:
            return self.tenants
        self.require(chosen)
        return frozenset((chosen,))

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters of the lists beside filters and pages."""
        return ("tenant", "fields")

    @property
    def chosen(self) -> frozenset[str] | None:
        """The fields that the answer is to have; ``None`` for all of them.

        Raises:
            ValidationError: the parameter names none.
        """
        given = self.request.query_params.get("fields")
        if given is None:
            return None
        names = frozenset(filter(None, given.split(",")))
        if not names:
            raise ValidationError(
                {"fields": [_("Name at least one field, or leave the parameter out.")]}
            )
        return names

    def list(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        """Return a page."""
        return self.answer_page(request, self.get_queryset(), self.scope)

    def retrieve(self, request: Request, /, *_args: Any, **_kwargs: Any) -> Response:
        """Return one row."""
        allow_parameters(request, *self.parameters)
        return Response(self.get_serializer(self.get_object()).data)

    def answer_page(
        self,
        request: Request,
        rows: QuerySet[Any],
        tenants: frozenset[str],
        *,
        key: str = "pk",
    ) -> Response:
        """Return a page of ``rows`` as the query filters them."""
        filtered = self.filter_queryset(rows)
        # Also where there is no row whose fields could be chosen.
        row: Any = self.get_serializer()
        row.fields  # noqa: B018 - it refuses
        pages = self.pages()
        found = pages.page(
            filtered,
            request,
            self.disclosed(tenants),
            key=key,
            filters=self.filters,
        )
        return pages.get_paginated_response(self.get_serializer(found, many=True).data)

    def pages(self) -> KeysetPagination:
        """Return what reads the pages of the list that is filtered."""
        return KeysetPagination()

    def disclosed(self, tenants: frozenset[str]) -> frozenset[str]:
        """Return those of ``tenants`` where the caller may see what they filter by.

        Raises:
            PermissionDenied: there is none.
        """
        for permission in self.filters.discloses if self.filters else ():
            left = tenants & self.tenants_with(permission)
            if tenants and not left:
                self.require(min(tenants), permission)
            tenants = left
        return tenants

    def get_object(self) -> Any:
        """Return the row that the address names.

        Raises:
            NotFound: there is none in scope.
            TenantNeeded: there are several, each in a tenant of its own.
            PermissionDenied: it may be seen, but this may not be done to it.
        """
        parts = [from_segment(part) for part in self.kwargs["key"].split("/")]
        if not all(is_storable(part) for part in parts):
            raise NotFound
        key = dict(zip(self.identity, parts, strict=True))
        chosen = "tenant" in self.request.query_params
        visible = self.tenants | self.tenants_with(Permission.VIEW_EVENT)
        rows = self.get_queryset().filter(
            tenant_id__in=self.scope if chosen else visible, **key
        )
        match list(rows[:2]):
            case []:
                raise NotFound
            case [row]:
                self.require(row.tenant_id)
                return row
            case _:
                raise TenantNeeded
