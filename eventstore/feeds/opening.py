"""Let a client in: who it is, what it wants, where it begins, if there is room."""

from __future__ import annotations

import logging
from collections import Counter
from typing import Any

from django.http import HttpRequest

from eventstore.conf import store_settings
from eventstore.feeds import hub, log
from eventstore.feeds.access import Access, Caller, caller_of
from eventstore.feeds.asking import Question, question_of
from eventstore.feeds.hub import Hub
from eventstore.feeds.lane import FAULTS
from eventstore.feeds.refusals import Refusal
from eventstore.feeds.streams import Stream
from eventstore.feeds.values import Wanted

logger = logging.getLogger(__name__)

_AGAIN = {"Retry-After": "5"}


async def open_stream(request: HttpRequest) -> tuple[Stream, Access]:
    """Return the stream that ``request`` asks for, and its right to it.

    Raises:
        Refusal: it gets none.
    """
    home = hub.current()
    question = question_of(request)
    with home.in_use():
        try:
            caller = await home.catching_up.call(caller_of, request)
            stable, drawn = await home.catching_up.call(log.bounds)
        except FAULTS as error:
            logger.warning("A live feed cannot be opened.", exc_info=True)
            raise Refusal(
                503, "The database cannot be reached now. Try again.", _AGAIN
            ) from error
        wanted = _wanted(question, caller)
        after = _after(question, stable, drawn)
        _check_room(home, caller)
        home.begin_at(stable)
        stream = Stream(home, caller.identity, wanted, after)
        home.admit(stream)
        return stream, Access(caller, wanted.views)


def _wanted(question: Question, caller: Caller) -> Wanted:
    views = caller.views
    if question.tenant is not None:
        if question.tenant not in views:
            # Nothing says whether it exists.
            raise Refusal(404, "Not found.")
        views = {question.tenant: views[question.tenant]}
    return Wanted(
        views=views,
        event_types=question.event_types,
        aggregate_types=question.aggregate_types,
        aggregate_id=question.aggregate_id,
    )


def _after(question: Question, stable: int, drawn: int) -> int:
    if question.after is None:
        return stable
    if question.after > drawn:
        raise Refusal(409, str(log.HistoryReplaced(question.after, drawn)))
    return question.after


def _check_room(home: Hub, caller: Caller) -> None:
    limits = store_settings()
    open_now: Counter[Any] = Counter(
        client.owner for client in home.clients() if isinstance(client, Stream)
    )
    if home.is_closed:
        raise Refusal(503, "The server is shutting down. Try again.", _AGAIN)
    if open_now[caller.identity] >= limits.FEED_STREAMS_PER_USER:
        raise Refusal(
            429,
            f"You have {open_now[caller.identity]} feeds open, as many as you may. "
            "Close one.",
            _AGAIN,
        )
    if open_now.total() >= limits.FEED_STREAMS:
        raise Refusal(503, "The server has as many feeds as it can hold.", _AGAIN)
