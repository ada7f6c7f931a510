"""What the writing side refuses: a status, a code for programs, and the facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException, ValidationError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from rest_framework.request import Request


class Refusal(APIException):
    """An error whose facts become members of the problem document.

    Attributes:
        extra: those members.
        headers: of the answer.
    """

    headers: Mapping[str, str] = {}

    def __init__(self, detail: Any = None, **extra: Any) -> None:
        """Keep the facts beside the sentence."""
        super().__init__(detail)
        self.extra = extra


class InvalidParameter(ValidationError):
    """A parameter of the address is wrong, also where the method has a body."""

    default_code = "invalid_parameter"
    in_query = True


def allow_parameters(
    request: Request, *known: str, repeatable: Collection[str] = ()
) -> None:
    """Refuse parameters that the address does not have, or has once.

    A misspelt ``?tenant=`` must not append to another tenant, nor a misspelt filter
    return everything; and of two values none is chosen in silence.

    Args:
        request: whose query counts.
        known: the parameters of the address.
        repeatable: those of them that may be given several times.

    Raises:
        InvalidParameter: it names each of them, and those that there are.
    """
    unknown = sorted(set(request.query_params) - set(known))
    if unknown:
        refusal = _("Unknown parameter; known are %(known)s.") % {
            "known": ", ".join(sorted(known))
        }
        raise InvalidParameter({name: [refusal] for name in unknown})
    repeated = sorted(
        name
        for name, values in request.query_params.lists()
        if len(values) > 1 and name not in repeatable
    )
    if repeated:
        raise InvalidParameter({name: [_("Give this once.")] for name in repeated})


class BodyTooLarge(Refusal):
    """The body has more bytes than are read."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = _("The body is too large.")
    default_code = "body_too_large"


class LengthNeeded(Refusal):
    """The server cannot read a body of unknown length."""

    status_code = status.HTTP_411_LENGTH_REQUIRED
    default_detail = _(
        "This server reads no chunked bodies: send a Content-Length, or split the "
        "upload."
    )
    default_code = "length_required"


class UnsupportedBody(Refusal):
    """The body is of a kind that is not read."""

    status_code = status.HTTP_415_UNSUPPORTED_MEDIA_TYPE
    default_detail = _("The body has a type or an encoding that is not read.")
    default_code = "unsupported_media_type"


class MalformedHeader(Refusal):
    """A header of the request says nothing that can be understood."""

    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "bad_request"

    def __init__(self, detail: str, *headers: str) -> None:
        """Name the headers, for programs too."""
        faults = [{"header": name, "detail": detail} for name in headers]
        super().__init__(detail, **({"errors": faults} if faults else {}))


class InvalidBody(Refusal):
    """A body that says nothing that can be done: every fault with its place."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = _("Nothing was written: correct the places that are named.")
    default_code = "invalid_body"

    def __init__(self, errors: Sequence[dict[str, Any]], detail: Any = None) -> None:
        """Take the faults, each with a ``pointer`` and a ``detail``."""
        super().__init__(detail, errors=list(errors))


class InvalidEvents(InvalidBody):
    """Events that cannot be stored."""

    default_code = "invalid_event"


class AmbiguousTenant(Refusal):
    """The caller may append in several tenants and names none of them."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = _("You may append in several tenants. Choose one with ?tenant=.")
    default_code = "tenant_needed"


class ActorNotPermitted(Refusal):
    """The caller names somebody else as the actor."""

    status_code = status.HTTP_403_FORBIDDEN
    default_detail = _(
        "You append in your own name: leave metadata.actor out. Naming others needs "
        "the permission append_as."
    )
    default_code = "actor_not_permitted"


class PreconditionFailed(Refusal):
    """The aggregate does not stand where ``If-Match`` or ``If-None-Match`` wants it."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_detail = _(
        "The aggregate stands at another version than the condition names. Nothing was "
        "written: read it again and decide anew."
    )
    default_code = "precondition_failed"


class KeyInUse(Refusal):
    """The first request with this key has not been answered yet."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = _(
        "The first request with this Idempotency-Key is still being worked on. Repeat "
        "yours in a moment."
    )
    default_code = "idempotency_key_in_use"


class KeyReused(Refusal):
    """The key belongs to a request that differs from this one."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = _(
        "This Idempotency-Key was used for another request. Nothing was written: each "
        "request needs a key of its own, and a retry must repeat the first exactly."
    )
    default_code = "idempotency_key_reused"
