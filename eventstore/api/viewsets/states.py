"""The states of aggregates over HTTP: then and now, and what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.response import Response

from eventstore import time_travel
from eventstore.aggregates import registered_aggregate
from eventstore.api.filters.fields import MomentField
from eventstore.api.refusals import allow_parameters
from eventstore.api.serializers import written
from eventstore.api.viewsets.scope import ScopedViewSet
from eventstore.differences import compare
from eventstore.disclosure import disclose

if TYPE_CHECKING:
    from datetime import datetime

    from rest_framework.request import Request

    from eventstore.aggregates import Aggregate
    from eventstore.models import AggregateHead
    from eventstore.time_travel import StateAt

_LARGEST = (1 << 63) - 1


class AggregateNotRegistered(APIException):
    """No class is known that folds aggregates of this type."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = gettext_lazy(
        "No class is registered that folds aggregates of this type. The project does "
        "so with @register_aggregate, in a module that is imported at start-up, such "
        "as aggregates.py of an installed app."
    )
    default_code = "aggregate_not_registered"


class StateForm(forms.Form):
    """Which state: the current one, at a version, or as of a moment."""

    version = forms.IntegerField(required=False, min_value=0, max_value=_LARGEST)
    as_of = MomentField(required=False)
    basis = forms.ChoiceField(
        required=False, choices=[("stored", ""), ("occurred", "")]
    )

    def clean(self) -> dict[str, Any]:
        """Refuse two answers to one question."""
        given: dict[str, Any] = self.cleaned_data
        if given.get("version") is not None and given.get("as_of"):
            self.add_error("as_of", _("Give a version or a moment, not both."))
        if given.get("basis") and not given.get("as_of"):
            self.add_error("basis", _("It belongs to as_of."))
        return given


class DifferencesForm(forms.Form):
    """Between which versions: after ``from``, up to ``to``."""

    def __init__(self, data: Any) -> None:
        """Name a field as Python cannot."""
        super().__init__(data)
        self.fields["from"] = forms.IntegerField(min_value=0, max_value=_LARGEST)
        self.fields["to"] = forms.IntegerField(
            required=False, min_value=0, max_value=_LARGEST
        )


class DifferenceSerializer(serializers.Serializer[Any]):
    """One place where two states differ."""

    pointer = serializers.CharField(help_text="RFC 6901, within the state.")
    kind = serializers.ChoiceField(["added", "removed", "changed", "type_changed"])
    before = serializers.JSONField(required=False)
    after = serializers.JSONField(required=False)


class StatesView(ScopedViewSet):
    """What an aggregate was: folded by today's code of today's events."""

    @action(detail=True, filterset_class=None)
    def state(self, request: Request, **_kwargs: Any) -> Response:
        """Return the state at a version or a moment, by default the current one."""
        asked = _clean(StateForm, request)
        head: AggregateHead = self.get_object()
        cls = _class_of(head)
        moment, basis = asked["as_of"], asked["basis"] or "stored"
        if moment and basis == "occurred":
            found = time_travel.state_as_occurred(
                cls, head.aggregate_id, head.tenant_id, moment
            )
        else:
            version = _version(head, asked["version"], moment)
            found = time_travel.state_at(
                cls, head.aggregate_id, head.tenant_id, version
            )
        shown, hidden = self._shown(head, found)
        return Response(
            {
                **_named(head),
                "version": found.version,
                "basis": basis if moment else "version",
                "as_of": moment and written(moment),
                "state": shown,
                "fold_version": cls.fold_version,
                "events_folded": found.events_folded,
                "snapshot_version": found.snapshot_version,
                **({"hidden": hidden} if hidden else {}),
            }
        )

    @action(detail=True, filterset_class=None)
    def diff(self, request: Request, **_kwargs: Any) -> Response:
        """Return what differs between the states at two versions."""
        asked = _clean(DifferencesForm, request)
        head: AggregateHead = self.get_object()
        cls = _class_of(head)
        earlier = _version(head, asked["from"])
        later = _version(head, asked["to"])
        if earlier > later:
            raise ValidationError({"from": [_("It must not be beyond to.")]})
        states = time_travel.states_at(
            cls, head.aggregate_id, head.tenant_id, earlier, later
        )
        (before, hidden), (after, more) = (self._shown(head, found) for found in states)
        differences = compare(before, after)
        hidden = sorted({*hidden, *more})
        return Response(
            {
                **_named(head),
                "from": earlier,
                "to": later,
                "differences": [
                    {
                        "pointer": found.pointer,
                        "kind": found.kind.replace(" ", "_"),
                        **({} if found.kind == "added" else {"before": found.before}),
                        **({} if found.kind == "removed" else {"after": found.after}),
                    }
                    for found in differences.found
                ],
                "is_complete": differences.is_complete,
                **({"hidden": hidden} if hidden else {}),
            }
        )

    def _shown(self, head: AggregateHead, found: StateAt) -> tuple[Any, list[str]]:
        shown, hidden = disclose({"state": found.state}, self.grants[head.tenant_id])
        return shown["state"], hidden


def _clean(form: type[forms.Form], request: Request) -> dict[str, Any]:
    asked = form(request.query_params)
    allow_parameters(request, "tenant", *asked.fields)
    if not asked.is_valid():
        raise ValidationError(
            {
                name: [str(text) for text in texts]
                for name, texts in asked.errors.items()
            }
        )
    return asked.cleaned_data


def _class_of(head: AggregateHead) -> type[Aggregate]:
    cls = registered_aggregate(head.aggregate_type)
    if cls is None:
        raise AggregateNotRegistered
    return cls


def _version(
    head: AggregateHead, given: int | None, moment: datetime | None = None
) -> int:
    if moment is not None:
        return time_travel.version_at(
            head.aggregate_type, head.aggregate_id, head.tenant_id, moment
        )
    if given is None:
        return head.current_version
    if given > head.current_version:
        raise NotFound(
            _("The aggregate stands at version %(current)d: there is no %(given)d.")
            % {"current": head.current_version, "given": given}
        )
    return given


def _named(head: AggregateHead) -> dict[str, Any]:
    return {
        "tenant_id": head.tenant_id,
        "aggregate_type": head.aggregate_type,
        "aggregate_id": head.aggregate_id,
        "current_version": head.current_version,
    }
