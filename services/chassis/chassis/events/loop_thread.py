"""A thread with an event loop of its own, which keeps one piece of work going until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import psycopg

from chassis.events.backoff import Backoff, pause

log = logging.getLogger("chassis.events")

_EXPECTED = (OSError, psycopg.OperationalError)
"""What happens when a server is away: a line in the log is enough."""

Work = Callable[[asyncio.Event], Awaitable[None]]


class LoopThread:
    """Runs `work(stop)` in its own thread and begins it anew, with growing pauses, when it fails."""

    def __init__(self, name: str, work: Work) -> None:
        self._name = name
        self._work = work
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; returns when the loop runs."""
        if self._thread is not None:
            raise RuntimeError(f"{self._name} was started before")
        running = threading.Event()
        self._thread = threading.Thread(
            target=asyncio.run, args=(self._run(running),), name=self._name, daemon=True
        )
        self._thread.start()
        running.wait()

    def stop(self, timeout: float) -> None:
        """Have the work finish what it has begun; after `timeout` seconds it is cut off."""
        if self._thread is None or self._stop is None or self._task is None:
            return
        self.call(self._stop.set)
        self._thread.join(timeout)
        if self._thread.is_alive():
            log.warning("%s did not finish in time and is cut off", self._name)
            self.call(self._task.cancel)
            self._thread.join(5)

    def is_alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def call(self, function: Callable[..., object], *args: Any) -> None:
        """Have the loop call a function soon; nothing happens when the loop has ended."""
        try:
            self._running_loop().call_soon_threadsafe(function, *args)
        except RuntimeError:
            log.debug("%s has ended already", self._name)

    def wait_for(self, work: Coroutine[Any, Any, None], timeout: float) -> None:
        """Run a coroutine in the loop and wait for it here, in another thread."""
        asyncio.run_coroutine_threadsafe(work, self._running_loop()).result(timeout)

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            raise RuntimeError(f"{self._name} was not started")
        return self._loop

    async def _run(self, running: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        self._task = asyncio.create_task(self._keep_going(self._stop))
        running.set()
        await asyncio.wait({self._task})

    async def _keep_going(self, stop: asyncio.Event) -> None:
        backoff = Backoff()
        loop = asyncio.get_running_loop()
        while not stop.is_set():
            began = loop.time()
            try:
                await self._work(stop)
            except Exception as error:
                if loop.time() - began > 10:
                    backoff.reset()
                delay = backoff.next_delay()
                log.warning(
                    "%s failed and begins anew in %.1f s: %s: %s",
                    self._name,
                    delay,
                    type(error).__name__,
                    error,
                    exc_info=not isinstance(error, _EXPECTED),
                )
                await pause(stop, delay)


async def together(*works: Coroutine[Any, Any, None]) -> None:
    """Run coroutines at once until the first ends or fails; the others are then cancelled."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in ended:
        task.result()


async def all_of(*works: Coroutine[Any, Any, None]) -> None:
    """Run coroutines at once until all have ended; when one fails, the others are cancelled."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in ended:
        task.result()
