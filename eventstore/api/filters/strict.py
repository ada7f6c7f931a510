"""Parameters that are none are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from django_filters.rest_framework import DjangoFilterBackend
from django_filters.utils import translate_validation
from rest_framework.exceptions import ValidationError

from eventstore.api.filters.fields import TextsField
from eventstore.api.refusals import allow_parameters

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet
    from rest_framework.request import Request
    from rest_framework.views import APIView


class StrictFilterBackend(DjangoFilterBackend):  # type: ignore[misc]  # untyped base
    """Refuse what is no parameter: a misspelt filter must not return everything."""

    def filter_queryset(
        self, request: Request, queryset: QuerySet[Any], view: APIView
    ) -> QuerySet[Any]:
        """Return ``queryset`` filtered; the view keeps the filters.

        Raises:
            ValidationError: a parameter is unknown or has an impossible value.
        """
        filters = self.get_filterset(request, queryset, view)
        named = filters.filters if filters else {}
        allow_parameters(
            request,
            *named,
            *_common(view),
            repeatable=[
                name
                for name, item in named.items()
                if issubclass(item.field_class, TextsField)
            ],
        )
        if filters is None:
            return queryset
        _refuse_empty(request, filters.filters)
        if not filters.is_valid():
            raise translate_validation(filters.errors)
        view.filters = filters  # type: ignore[attr-defined]  # for the page
        filtered: QuerySet[Any] = filters.qs
        return filtered


def _refuse_empty(request: Request, filters: Iterable[str]) -> None:
    """Refuse a filter without a value: a variable that was not set, as a rule."""
    empty = [name for name in filters if request.query_params.get(name) == ""]
    if empty:
        refusal = _("Give a value, or leave the parameter out.")
        raise ValidationError({name: [refusal] for name in empty})


def _common(view: Any) -> tuple[str, ...]:
    own: tuple[str, ...] = getattr(view, "parameters", ("tenant",))
    return (*own, *view.pagination_class.parameters)
