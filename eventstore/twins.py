"""Async twins of synchronous methods: one core, one crossing."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from asgiref.sync import sync_to_async

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator

P = ParamSpec("P")
R = TypeVar("R")


def async_twin(method: Callable[P, R]) -> Callable[P, Coroutine[Any, Any, R]]:
    """Return ``method`` as a coroutine that runs it in Django's thread."""

    @functools.wraps(method)
    async def twin(*args: P.args, **kwargs: P.kwargs) -> R:
        return await sync_to_async(method, thread_sensitive=True)(*args, **kwargs)

    return twin


def async_iterator_twin(
    method: Callable[P, Iterator[R]],
) -> Callable[P, AsyncIterator[R]]:
    """Return the iterator ``method`` as an asynchronous one."""

    @functools.wraps(method)
    async def twin(*args: P.args, **kwargs: P.kwargs) -> AsyncIterator[R]:
        # Making the iterator may read already: the type of an aggregate is looked up.
        iterator = await sync_to_async(method, thread_sensitive=True)(*args, **kwargs)
        end: Any = object()
        step: Any = sync_to_async(next, thread_sensitive=True)
        while (item := await step(iterator, end)) is not end:
            yield item

    return twin
