"""Append over HTTP: one event, or some that are stored together or not at all."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from rest_framework.response import Response

from eventstore.api.appending.actors import actor_of, signed
from eventstore.api.appending.answers import answer_of
from eventstore.api.appending.executing import append, in_transaction
from eventstore.api.appending.orders import read_order, tenant_of
from eventstore.api.appending.retries import refuse_guesses
from eventstore.api.idempotency import Answer, replay_of
from eventstore.api.parsers import (
    CloudEventBatchParser,
    CloudEventParser,
    ExactJSONParser,
    body_of,
)
from eventstore.api.permissions import GrantedView
from eventstore.api.preconditions import Precondition
from eventstore.api.refusals import allow_parameters
from eventstore.roles import Permission

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_framework.request import Request

    from eventstore.api.parsers import Body

#: Says that the answer was given before.
REPLAYED = "Idempotency-Replayed"


class AppendingView(GrantedView):
    """A view with an action that appends."""

    parser_classes = (ExactJSONParser, CloudEventParser, CloudEventBatchParser)

    def answer_append(self, request: Request, known: Mapping[str, str]) -> Response:
        """Append what the request asks for.

        Args:
            request: JSON or CloudEvents.
            known: what the address says of each event.
        """
        allow_parameters(request, "tenant")
        body: Body = body_of(request)
        tenant_id = tenant_of(body, request, self)
        answer, is_replayed = in_transaction(
            tenant_id, lambda: self._answer(body, request, tenant_id, known)
        )
        headers = {**answer.headers, **({REPLAYED: "true"} if is_replayed else {})}
        return Response(answer.body, answer.status, headers=headers)

    def _answer(
        self, body: Body, request: Request, tenant_id: str, known: Mapping[str, str]
    ) -> tuple[Answer, bool]:
        own = actor_of(request.user)
        replay = replay_of(request, body, tenant_id, f"{own['type']}:{own['id']}")
        first = replay and replay.find()
        if first:
            return first, True
        condition = Precondition(request)
        order = read_order(body, request, tenant_id, known)
        drafts = signed(
            order.drafts,
            own,
            may_name_others=Permission.APPEND_AS in self.grants[tenant_id],
        )
        order = dataclasses.replace(order, drafts=drafts)
        stored = append(order, condition)
        refuse_guesses(stored, own, self.grants[tenant_id])
        answer = answer_of(stored, request, is_batch=order.is_batch)
        if replay:
            replay.keep(answer)
        return answer, False
