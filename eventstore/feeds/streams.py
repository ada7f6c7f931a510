"""One client's way through the log: behind it reads alone, at the head it is told."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from typing import Any

from eventstore.conf import store_settings
from eventstore.feeds import log
from eventstore.feeds.access import Access
from eventstore.feeds.hub import Hub
from eventstore.feeds.lane import FAULTS
from eventstore.feeds.values import FeedItem, Shown, Wanted

logger = logging.getLogger(__name__)

#: What may wait for a client at the head. One that is slower goes on from the database.
QUEUE_EVENTS = 1000
QUEUE_BYTES = 1024 * 1024
#: Bytes handed over at once, about.
CHUNK_BYTES = 64 * 1024
_PAUSE = 1.0


class StreamEnded(Exception):
    """The stream hands out nothing more; its text says why."""


class Stream:
    """The events that one client wants, each once, in order.

    Attributes:
        wanted: which events.
        owner: whose stream it is.
        position: everything that is wanted up to here has been handed over.
    """

    def __init__(self, hub: Hub, owner: Any, wanted: Wanted, position: int) -> None:
        """Begin after ``position``; nothing is read yet."""
        self.wanted = wanted
        self.owner = owner
        self.position = position
        self._hub = hub
        self._is_following = False
        self._queue: deque[Shown] = deque()
        self._queued_bytes = 0
        self._change = asyncio.Event()
        self._reason = ""

    async def take(self, timeout: float) -> Sequence[Shown]:  # noqa: ASYNC109 - a quiet log is no error
        """Return what comes next, or nothing when nothing came for ``timeout`` seconds.

        Raises:
            StreamEnded: somebody has ended it.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while (left := deadline - loop.time()) > 0:
            if self._reason:
                raise StreamEnded(self._reason)
            if self._queue:
                return self._take_queued()
            if self._is_following:
                await self._wait(left)
            elif self.position >= self._hub.head:
                self._is_following = True
                self._hub.follow(self)
            elif items := await self._catch_up():
                return items
        self._settle()
        return ()

    async def is_given(self, access: Access) -> bool:
        """Ask whether the client may go on.

        Raises:
            StreamEnded: it may not.
        """
        try:
            is_given = await self._hub.catching_up.call(access.is_still_given)
        except FAULTS as error:
            logger.warning("Access to a live feed is not known: %s", error)
            return False
        if not is_given:
            raise StreamEnded("You may no longer see all of this. Connect again.")
        access.renew()
        return True

    def offer(self, items: Sequence[FeedItem]) -> None:
        """Take what is wanted of ``items``; fall behind when too much waits."""
        self._settle()
        for item in items:
            if item.position > self.position and self.wanted.matches(item):
                if self._is_full():
                    self.fall_behind()
                    return
                self._queue.append(item.shown_to(self.wanted))
                self._queued_bytes += len(self._queue[-1].json)
        if self._queue:
            self._change.set()

    def fall_behind(self) -> None:
        """Go on from the database, after what was handed over."""
        self._settle()
        self._hub.unfollow(self)
        self._is_following = False
        self._queue.clear()
        self._queued_bytes = 0
        self._change.set()

    def end(self, reason: str) -> None:
        """Hand out nothing more."""
        self._reason = self._reason or reason
        self._change.set()

    def close(self) -> None:
        """Give everything back."""
        self._hub.dismiss(self)
        self._queue.clear()

    async def _catch_up(self) -> Sequence[Shown]:
        read = self._hub.catching_up.call
        try:
            page = await read(
                log.read_wanted, self.wanted, self.position, self._hub.head
            )
        except FAULTS as error:
            logger.warning("A live feed cannot read the log: %s", error)
            await asyncio.sleep(_PAUSE * random.uniform(0.5, 1.5))  # noqa: S311 - to spread
            return ()
        self.position = page.end
        return [item.shown_to(self.wanted) for item in page.items]

    async def _wait(self, seconds: float) -> None:
        self._change.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._change.wait()
        except TimeoutError:
            pass

    def _take_queued(self) -> list[Shown]:
        taken: list[Shown] = []
        size = 0
        while self._queue and size < CHUNK_BYTES:
            taken.append(self._queue.popleft())
            size += len(taken[-1].json)
        self._queued_bytes -= size
        self.position = taken[-1].position
        return taken

    def _settle(self) -> None:
        """At the head with nothing waiting, the head is where the client is."""
        if self._is_following and not self._queue:
            self.position = max(self.position, self._hub.head)

    def _is_full(self) -> bool:
        return len(self._queue) >= QUEUE_EVENTS or self._queued_bytes >= QUEUE_BYTES


async def run(stream: Stream, access: Access) -> AsyncGenerator[Sequence[Shown], None]:
    """Yield what comes, and nothing now and then, until the stream ends.

    Raises:
        StreamEnded: access was taken away, or the server stops.
    """
    heartbeat = store_settings().FEED_HEARTBEAT_SECONDS
    try:
        while True:
            items = await stream.take(min(heartbeat, max(access.seconds_left(), 0.01)))
            # What was taken before the question was answered waits for the answer.
            while access.seconds_left() <= 0 and not await stream.is_given(access):
                yield ()
                await asyncio.sleep(_PAUSE)
            yield items
    finally:
        stream.close()
