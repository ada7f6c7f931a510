"""Equality of fields of the payload: what a document must contain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from eventstore import serialization
from eventstore.api.filters.fields import TextsField
from eventstore.exceptions import InvalidEvent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

_MAX_BYTES = 4_000
_MAX_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Contained:
    """What payloads must contain.

    Attributes:
        text: a JSON object.
        paths: the keys that lead to each value in it.
        has_value: whether there is anything but empty objects and arrays in it: the
            index knows values alone.
    """

    text: str
    paths: tuple[tuple[str, ...], ...]
    has_value: bool


class PayloadField(TextsField):
    """``/customer/city="Ulm"``: a JSON pointer to a field, and its value as JSON."""

    default_error_messages = {
        "form": _(
            "Give a JSON pointer, an equals sign and a JSON value, as in "
            '/customer/city="Ulm" or /amount=7: text stands in quotes.'
        ),
        "twice": _("%(pointer)s is given twice, with different values."),
        "empty": _("Name at least one field."),
        "value": _("This payload cannot be stored, so nothing contains it: %(what)s"),
    }

    def to_python(self, value: list[str] | None) -> Any:
        """Return what the payloads must contain, all of it; ``None`` for anything.

        Raises:
            ValidationError: it is no pointer, no JSON, or contradicts itself.
        """
        texts = super().to_python(value)
        if not texts:
            return None
        document: dict[str, Any] = {}
        for text in texts:
            self._place(document, text)
        if not document:
            raise forms.ValidationError(self.error_messages["empty"], "empty")
        return self._contained(document)

    def _place(self, document: dict[str, Any], text: str) -> None:
        pointer, equals, json = text.partition("=")
        keys = [_unescape(key) for key in pointer.split("/")[1:]]
        refusal = forms.ValidationError(self.error_messages["form"], "form")
        if not equals or (pointer and not pointer.startswith("/")):
            raise refusal
        try:
            value = serialization.decode_exactly(json)
        except InvalidEvent:
            raise refusal from None
        for key in reversed(keys):
            value = {key: value}
        if not isinstance(value, dict):
            raise refusal
        # Before it is merged, which goes as deep as the document.
        self._encode(value)
        if not _merge(document, value):
            raise forms.ValidationError(
                self.error_messages["twice"], "twice", {"pointer": pointer}
            )

    def _contained(self, document: dict[str, Any]) -> Contained:
        text = self._encode(document)
        leaves = list(_leaves(document, ()))
        return Contained(
            text=text,
            paths=tuple(path for path, _is_value in leaves),
            has_value=any(is_value for _path, is_value in leaves),
        )

    def _encode(self, document: dict[str, Any]) -> str:
        try:
            return serialization.encode(
                document, "payload", max_bytes=_MAX_BYTES, max_depth=_MAX_DEPTH
            )
        except InvalidEvent as error:
            raise forms.ValidationError(
                self.error_messages["value"], "value", {"what": error.what}
            ) from None


class PayloadFilter(django_filters.Filter):  # type: ignore[misc]  # untyped base
    """Read by the page itself, which knows how far it may look."""

    field_class = PayloadField

    def filter(self, qs: QuerySet[Any], _value: Any) -> QuerySet[Any]:
        """Leave it to the page."""
        return qs


def _unescape(key: str) -> str:
    return key.replace("~1", "/").replace("~0", "~")


def _merge(document: dict[str, Any], more: dict[str, Any]) -> bool:
    """Put ``more`` into ``document``; return whether they agree."""
    for key, value in more.items():
        known = document.setdefault(key, value)
        if known is value:
            continue
        both = isinstance(known, dict) and isinstance(value, dict)
        if not (_merge(known, value) if both else known == value):
            return False
    return True


def _leaves(node: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Yield each path to a leaf, and whether that is a value."""
    if isinstance(node, dict) and node:
        for key, value in node.items():
            yield from _leaves(value, (*path, key))
    elif isinstance(node, list) and node:
        for value in node:
            yield from _leaves(value, (*path, "*"))
    else:
        yield path, not isinstance(node, dict | list)
