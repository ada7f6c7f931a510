"""What one request asks for, in whatever form: tenant, events, expected versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import PermissionDenied

from eventstore import cloudevents
from eventstore.api.appending.cloudevents import (
    attributes_of,
    is_binary,
    read_binary,
    read_structured,
)
from eventstore.api.appending.drafts import (
    Draft,
    check_version,
    read_draft,
)
from eventstore.api.appending.faults import Faults, at
from eventstore.api.refusals import AmbiguousTenant, BodyTooLarge, InvalidEvents
from eventstore.conf import store_settings
from eventstore.types import AggregateKey

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_framework.request import Request

    from eventstore.api.parsers import Body
    from eventstore.api.permissions import GrantedView

_ENVELOPE = frozenset({"events", "expected_version", "tenant_id"})


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be appended.

    Attributes:
        tenant_id: where.
        drafts: the events, in order.
        is_batch: whether the answer is a list, too.
        expected: by aggregate, where it must stand before.
    """

    tenant_id: str
    drafts: list[Draft]
    is_batch: bool
    expected: dict[tuple[str, str], int]

    @property
    def aggregates(self) -> set[AggregateKey]:
        """Whose events they are."""
        return {
            AggregateKey(draft.event.aggregate_type, draft.event.aggregate_id)
            for draft in self.drafts
        }


def tenant_of(body: Body, request: Request, view: GrantedView) -> str:
    """Return the tenant that a request is for.

    The address names it, or the body; who may append in one tenant alone need not.

    Raises:
        NotFound: the caller has no grant there; nothing says whether it exists.
        PermissionDenied: they may not append there.
        AmbiguousTenant: they may append in several.
        InvalidEvents: the body names another one than the address.
    """
    named = request.query_params.get("tenant")
    inside, name = _named_inside(body, request)
    if inside is not None and (type(inside) is not str or named not in (None, inside)):
        what = f"is {inside!r}; it must be text, and the one that the address names."
        raise InvalidEvents([{**at()((name,)), "detail": what}])
    return choose_tenant(inside if named is None else named, view)


def choose_tenant(chosen: str | None, view: GrantedView) -> str:
    """Return the tenant that was chosen, or the only one that there is to choose.

    Raises:
        NotFound: the caller has no grant there; nothing says whether it exists.
        PermissionDenied: they may not append there.
        AmbiguousTenant: they may append in several and have chosen none.
    """
    if chosen is None:
        if len(view.tenants) > 1:
            raise AmbiguousTenant
        if not view.tenants:
            raise PermissionDenied
        (chosen,) = view.tenants
    view.require(chosen)
    return chosen


def read_order(
    body: Body, request: Request, tenant_id: str, known: Mapping[str, str]
) -> Order:
    """Return what a request asks for.

    Args:
        body: as it was parsed.
        request: whose headers hold the attributes of a binary CloudEvent.
        tenant_id: as chosen.
        known: what the address says of each event.

    Raises:
        InvalidEvents: with every fault of every event.
        BodyTooLarge: there are more events than a batch may have.
    """
    faults = Faults()
    if body.media_type != "application/json" or is_binary(request):
        drafts, is_batch = _read_cloudevents(body, request, tenant_id, faults)
        _check_address(drafts, known, faults)
    else:
        drafts, is_batch = _read_drafts(body.document, known, faults)
    _check_ids(drafts, faults)
    expected = _expectations(drafts, faults)
    faults.raise_any()
    return Order(tenant_id, drafts, is_batch, expected)


def _named_inside(body: Body, request: Request) -> tuple[Any, str]:
    """Return the tenant that the body names, and under which name."""
    document = body.document
    if is_binary(request):
        return attributes_of(request, Faults()).get("tenantid"), "tenantid"
    if not isinstance(document, dict):
        return None, ""
    name = "tenantid" if body.media_type == cloudevents.MEDIA_TYPE else "tenant_id"
    return document.get(name), name


def _read_drafts(
    document: Any, known: Mapping[str, str], faults: Faults
) -> tuple[list[Draft], bool]:
    expected = None
    prefix: tuple[str, ...] = ()
    if isinstance(document, dict) and "events" in document:
        for name in document.keys() - _ENVELOPE:
            faults.add(
                at()((name,)),
                f"is unknown beside events; known are {', '.join(sorted(_ENVELOPE))}.",
            )
        expected = check_version(document.get("expected_version"), at(), faults)
        items, prefix = document["events"], ("events",)
    elif isinstance(document, list):
        items = document
    else:
        draft = read_draft(
            document, at(), faults, known=known, allowed=frozenset({"tenant_id"})
        )
        return ([draft] if draft else []), False
    found = [
        read_draft(item, at(*prefix, number), faults, known=known)
        for number, item in enumerate(_items(items, prefix, faults))
    ]
    return [
        draft
        if expected is None or draft.expected_version is not None
        else Draft(draft.event, draft.place, expected)
        for draft in found
        if draft
    ], True


def _read_cloudevents(
    body: Body, request: Request, tenant_id: str, faults: Faults
) -> tuple[list[Draft], bool]:
    if body.media_type == cloudevents.BATCH_MEDIA_TYPE:
        found = [
            read_structured(item, (number,), faults, tenant_id)
            for number, item in enumerate(_items(body.document, (), faults))
        ]
        return [draft for draft in found if draft], True
    if body.media_type == cloudevents.MEDIA_TYPE:
        draft = read_structured(body.document, (), faults, tenant_id)
    else:
        draft = read_binary(body.document, request, faults, tenant_id)
    return ([draft] if draft else []), False


def _items(items: Any, prefix: tuple[str, ...], faults: Faults) -> list[Any]:
    if not isinstance(items, list) or not items:
        faults.add(at(*prefix)(()), "must be a list with at least one event.")
        return []
    limit = store_settings().API_MAX_BATCH_EVENTS
    if len(items) > limit:
        raise BodyTooLarge(
            _(
                "The batch has %(count)d events; at most %(limit)d go together. "
                "Send several batches, or stream the events to bulk/events/."
            )
            % {"count": len(items), "limit": limit},
            limit=limit,
        )
    return items


def _check_address(
    drafts: list[Draft], known: Mapping[str, str], faults: Faults
) -> None:
    for draft in drafts:
        for name, value in known.items():
            if getattr(draft.event, name) != value:
                faults.add(
                    draft.place((name,)), f"is not {value!r}, which the address names."
                )


def _check_ids(drafts: list[Draft], faults: Faults) -> None:
    seen: set[Any] = set()
    for draft in drafts:
        event_id = draft.event.event_id
        if isinstance(event_id, str):
            if event_id in seen:
                faults.add(draft.place(("event_id",)), "is used twice in this request.")
            seen.add(event_id)


def _expectations(drafts: list[Draft], faults: Faults) -> dict[tuple[str, str], int]:
    """Return where each aggregate must stand before the whole request."""
    expected: dict[tuple[str, str], int] = {}
    for draft in drafts:
        if draft.expected_version is None:
            continue
        key = (draft.event.aggregate_type, draft.event.aggregate_id)
        if not all(isinstance(part, str) for part in key):
            continue
        if expected.setdefault(key, draft.expected_version) != draft.expected_version:
            faults.add(
                draft.place(("expected_version",)),
                f"is {draft.expected_version}, but another event of the aggregate says "
                f"{expected[key]}: it is the version before the whole request.",
            )
    return expected
