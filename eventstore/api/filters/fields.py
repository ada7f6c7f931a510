"""What single parameters of the lists can be."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

import django_filters
from django import forms
from django.db.models.lookups import Exact
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from eventstore.models.event import metadata_text

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

_LARGEST = (1 << 63) - 1
#: How many values one parameter may have.
_MOST = 50


class MomentField(forms.Field):
    """A date and time with its offset from UTC; without one nobody knows when it is."""

    default_error_messages = {
        "invalid": _("Give date, time and offset, as in 2026-01-31T12:00:00Z."),
    }

    def to_python(self, value: str | None) -> datetime | None:
        """Return the moment.

        Raises:
            ValidationError: it is none, or has no offset.
        """
        if not value:
            return None
        try:
            # In a query a plus that was not encoded arrives as a space.
            moment = parse_datetime(value.strip().replace(" ", "+"))
            if moment is not None and moment.tzinfo is not None:
                return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            # Also what lies beyond the years 1 to 9999 only in UTC.
            pass
        raise forms.ValidationError(self.error_messages["invalid"], "invalid")


class FlagField(forms.Field):
    """``true`` or ``false``: what is neither must not count as no filter."""

    default_error_messages = {"invalid": _("Give true or false.")}

    def to_python(self, value: str | None) -> bool | None:
        """Return the flag.

        Raises:
            ValidationError: it is none.
        """
        if value is None:
            return None
        flag = {"true": True, "false": False}.get(value.lower())
        if flag is None:
            raise forms.ValidationError(self.error_messages["invalid"], "invalid")
        return flag


class FlagFilter(django_filters.Filter):  # type: ignore[misc]  # untyped base
    """Whether something is so."""

    field_class = FlagField


class MomentFilter(django_filters.Filter):  # type: ignore[misc]  # untyped base
    """One end of a range of time."""

    field_class = MomentField


class PositionFilter(django_filters.Filter):  # type: ignore[misc]  # untyped base
    """One end of a range of positions or versions."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Refuse what no bigint holds."""
        super().__init__(*args, min_value=0, max_value=_LARGEST, **kwargs)


class TextFilter(django_filters.CharFilter):  # type: ignore[misc]  # untyped base
    """A text, to the letter: white space belongs to an id."""

    def __init__(self) -> None:
        """Strip nothing: a space would else be no filter at all."""
        super().__init__(strip=False)


class MetadataFilter(TextFilter):
    """A text inside the metadata, in the form that its index answers."""

    def __init__(self, *keys: str) -> None:
        """Take the keys that lead to the text."""
        super().__init__()
        self.keys = keys

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Keep the events whose metadata hold ``value`` there."""
        return qs.filter(Exact(metadata_text(*self.keys), value)) if value else qs


class TextsField(forms.Field):
    """A parameter that may be given several times."""

    widget = forms.SelectMultiple
    default_error_messages = {
        "many": _("Give this at most %(most)d times."),
        "nul": _("Null characters are not allowed."),
    }

    def to_python(self, value: list[str] | None) -> list[str]:
        """Return the texts, each once.

        Raises:
            ValidationError: they are too many, or cannot be in the database.
        """
        texts = list(dict.fromkeys(filter(None, value or ())))
        if len(texts) > _MOST:
            raise forms.ValidationError(
                self.error_messages["many"], "many", {"most": _MOST}
            )
        if any("\0" in text for text in texts):
            raise forms.ValidationError(self.error_messages["nul"], "nul")
        return texts


class TextsFilter(django_filters.Filter):  # type: ignore[misc]  # untyped base
    """One of several texts; given once, that one."""

    field_class = TextsField

    def filter(self, qs: QuerySet[Any], value: list[str]) -> QuerySet[Any]:
        """Keep the rows that have one of them."""
        return qs.filter(**{f"{self.field_name}__in": value}) if value else qs
