"""The hub of a process: one listener, one reader at the head, any number of clients.

All its state belongs to the event loop's thread; only queries and the listener run in
threads of their own.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Iterator, Sequence
from typing import Protocol
from weakref import WeakKeyDictionary, WeakSet

from eventstore.feeds import log, shutdown
from eventstore.feeds.lane import FAULTS, Lane
from eventstore.feeds.values import FeedItem, View, Wanted
from eventstore.subscriptions import wakeup

logger = logging.getLogger(__name__)

#: Seconds between the looks of a hub that was just woken.
STEP = 0.005
#: Seconds between the looks while an open append holds the log back: when it is rolled
#: back nobody notifies.
HELD_BACK = 0.1
#: Seconds for which a hub without clients stays.
REST = 5.0
_PAUSE = 1.0


class Follower(Protocol):
    """A client, as the hub sees it."""

    wanted: Wanted

    def offer(self, items: Sequence[FeedItem]) -> None:
        """Take what is wanted of ``items``."""

    def fall_behind(self) -> None:
        """Leave the head and catch up alone."""

    def end(self, reason: str) -> None:
        """Hand out nothing more."""


class Hub:
    """Follows the log for all clients of a process.

    Attributes:
        head: the position up to which all who follow have been offered everything;
            -1 before the first client.
        catching_up: where clients that are behind read, and where access is asked for.
    """

    def __init__(self) -> None:
        """Begin to listen, in the running event loop."""
        self.head = -1
        self.is_closed = False
        self.is_shutting_down = False
        self.catching_up = Lane("feed-behind")
        self._at_head = Lane("feed-head")
        self._clients: WeakSet[Follower] = WeakSet()
        self._following: set[Follower] = set()
        self._openings = 0
        self._news = asyncio.Event()
        self._stopping = threading.Event()
        self._loop = asyncio.get_running_loop()
        self._used = self._loop.time()
        self._task = self._loop.create_task(self._run())

    @contextlib.contextmanager
    def in_use(self) -> Iterator[None]:
        """Keep the hub while a client is being let in."""
        self._openings += 1
        try:
            yield
        finally:
            self._openings -= 1

    def clients(self) -> Sequence[Follower]:
        """Return all clients, at the head or behind."""
        return list(self._clients)

    def admit(self, client: Follower) -> None:
        """Count ``client`` for as long as it exists."""
        self._clients.add(client)

    def begin_at(self, stable: int) -> None:
        """Have the head at ``stable`` if nobody has had it anywhere."""
        if self.head < 0:
            self.head = stable
            self._news.set()

    def follow(self, client: Follower) -> None:
        """Offer ``client`` what comes; it has had everything up to the head."""
        self._following.add(client)

    def unfollow(self, client: Follower) -> None:
        """Offer it nothing more."""
        self._following.discard(client)

    def dismiss(self, client: Follower) -> None:
        """Forget it."""
        self._following.discard(client)
        self._clients.discard(client)

    def end_all(self, reason: str) -> None:
        """End every stream, and take no more."""
        self.is_closed = True
        for client in self.clients():
            client.end(reason)

    async def _run(self) -> None:
        listener = threading.Thread(
            target=wakeup.listen, args=(self._ring, self._stopping), daemon=True
        )
        listener.start()
        reason = "The server has ended the feed."
        try:
            with shutdown.announced(self._end_for_shutdown):
                await self._work()
        except log.HistoryReplaced as error:
            reason = str(error)
            logger.error("%s", reason)  # noqa: TRY400 - the sentence says it all
        finally:
            self._stopping.set()
            self.end_all(reason)
            self._at_head.close()
            self.catching_up.close()

    async def _work(self) -> None:
        """Look whenever there is news, until nobody has followed for a while."""
        moved = self._loop.time()
        while self._is_needed():
            self._news.clear()
            try:
                has_moved, wait = await self._look()
            except log.HistoryReplaced:
                raise
            except FAULTS as error:
                logger.warning("The live feed cannot read the log: %s", error)
                await asyncio.sleep(_PAUSE)
                continue
            if has_moved:
                moved = self._loop.time()
            if self._loop.time() - moved < wakeup.LINGER:
                await asyncio.sleep(STEP)
            elif await self._is_rung_within(wait):
                moved = self._loop.time()

    def _is_needed(self) -> bool:
        if self._clients or self._openings:
            self._used = self._loop.time()
        return not self.is_closed and self._loop.time() - self._used < REST

    async def _is_rung_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                return await self._news.wait()
        except TimeoutError:
            return False

    async def _look(self) -> tuple[bool, float]:
        """Hand out what is new.

        Returns:
            Whether there was anything, and after how many seconds to look again.

        Raises:
            HistoryReplaced: the log ends before the head.
        """
        if self.head < 0:
            return False, wakeup.POLL
        stable, drawn = await self._at_head.call(log.bounds)
        if drawn < self.head:
            raise log.HistoryReplaced(self.head, drawn)
        has_moved = self.head < stable
        while self.head < stable:
            await self._hand_out(stable)
        return has_moved, HELD_BACK if stable < drawn else wakeup.POLL

    async def _hand_out(self, stable: int) -> None:
        pairs = frozenset[tuple[str, View]]().union(
            *(client.wanted.pairs for client in self._following)
        )
        if not pairs:
            self._move_to(stable, pairs, ())
            return
        page = await self._at_head.call(log.read_news, pairs, self.head, stable)
        self._move_to(page.end, pairs, page.items)

    def _move_to(
        self,
        position: int,
        pairs: frozenset[tuple[str, View]],
        items: Sequence[FeedItem],
    ) -> None:
        """Offer ``items`` and move the head, in one step that nothing can divide."""
        for client in list(self._following):
            if client.wanted.pairs <= pairs:
                client.offer(items)
            else:
                # It came while the events were read, and they lack its tenants.
                client.fall_behind()
        self.head = position

    def _ring(self) -> None:
        # The loop may be gone before the listening thread is.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._news.set)

    def _end_for_shutdown(self) -> None:
        self._loop.call_soon_threadsafe(self._close_for_shutdown)

    def _close_for_shutdown(self) -> None:
        self.is_shutting_down = True
        self.end_all("The server is shutting down.")
        self._news.set()


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def current() -> Hub:
    """Return the hub of the running event loop; begin one if there is none.

    That of a server which shuts down stays: it takes no more clients.
    """
    loop = asyncio.get_running_loop()
    hub = _hubs.get(loop)
    if hub is None or (hub.is_closed and not hub.is_shutting_down):
        hub = _hubs[loop] = Hub()
    return hub
