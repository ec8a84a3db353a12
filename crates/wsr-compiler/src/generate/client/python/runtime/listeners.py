"""Things that applications listen to: by callbacks, or with `async for`."""

from __future__ import annotations

import asyncio
import inspect
import logging
import weakref
from collections import deque
from typing import Any, AsyncIterator, Awaitable, Callable, Coroutine, Generic, TypeVar

T = TypeVar("T")
log = logging.getLogger("switchboard")


class Event(Generic[T]):
    """Something that happens again and again."""

    def __init__(self, spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]) -> None:
        self._spawn = spawn
        self._callbacks: dict[object, Callable[[T], object]] = {}
        self._running = 0
        # Those whose loops were left are gone.
        self._buffers: weakref.WeakSet[_Buffer[T]] = weakref.WeakSet()

    def on(self, callback: Callable[[T], Awaitable[object] | object]) -> Callable[[], None]:
        """Calls this each time; gives a function that ends it.

        What an async callback is called with waits while it runs: it is called once at a time, in order. Of more than
        1,024 that wait the oldest are dropped. An exception in a callback is logged, and ends nothing.
        """
        if not inspect.iscoroutinefunction(callback):
            key = object()
            self._callbacks[key] = lambda value: self._call(callback, value)
            return lambda: self._callbacks.pop(key, None) and None
        events = aiter(self)

        async def run() -> None:
            async for value in events:
                try:
                    await callback(value)
                except Exception:
                    log.exception("in a callback")

        self._spawn(run())
        return events.close

    def __aiter__(self) -> Events[T]:
        """From now on; leaving the loop ends it."""
        return Events(self._buffers)

    def tell(self, value: T) -> None:
        """For the runtime: it has happened."""
        for callback in list(self._callbacks.values()):
            callback(value)
        for buffer in list(self._buffers):
            buffer.put(value)

    def end(self) -> None:
        """For the runtime: it will not happen any more."""
        for buffer in list(self._buffers):
            buffer.end()

    def _call(self, callback: Callable[[T], object], value: T) -> None:
        try:
            result = callback(value)
        except Exception:
            log.exception("in a callback")
            return
        if inspect.isawaitable(result):
            self._finish(result)

    def _finish(self, work: Awaitable[object]) -> None:
        """What a plain function gives to be awaited; not more of it at a time than there may wait of anything."""
        if self._running == _MOST:
            log.warning("1,024 callbacks run already: another one was dropped")
            if inspect.iscoroutine(work):
                work.close()
            return
        self._running += 1
        self._spawn(self._finished(work))

    async def _finished(self, work: Awaitable[object]) -> None:
        try:
            await work
        except Exception:
            log.exception("in a callback")
        finally:
            self._running -= 1


class Events(AsyncIterator[T]):
    """What has happened and was not looked at yet, at most 1,024."""

    def __init__(self, buffers: weakref.WeakSet[_Buffer[T]]) -> None:
        self._buffers = buffers
        self._buffer: _Buffer[T] = _Buffer()
        buffers.add(self._buffer)

    @property
    def lost(self) -> int:
        """How many were dropped, since too many waited."""
        return self._buffer.lost

    async def __anext__(self) -> T:
        return await self._buffer.get()

    def close(self) -> None:
        """Ends it, also what waits; so does leaving the loop."""
        self._buffers.discard(self._buffer)
        self._buffer.close()


class _Buffer(Generic[T]):
    def __init__(self) -> None:
        self._values: deque[T] = deque()
        self._changed = asyncio.Event()
        self._is_over = False
        self.lost = 0

    def put(self, value: T) -> None:
        if self._is_over:
            return
        if len(self._values) == _MOST:
            self._values.popleft()
            self.lost += 1
        self._values.append(value)
        self._changed.set()

    def end(self) -> None:
        self._is_over = True
        self._changed.set()

    def close(self) -> None:
        self._values.clear()
        self.end()

    async def get(self) -> T:
        while not self._values:
            if self._is_over:
                raise StopAsyncIteration
            self._changed.clear()
            await self._changed.wait()
        return self._values.popleft()


_MOST = 1024
