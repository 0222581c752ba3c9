"""Works a little ahead: the next batch is made ready while the one before is stored."""

from __future__ import annotations

import contextvars
import queue
import threading
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

_LOOK_SECONDS = 0.2


class _End:
    """What comes last: nothing more, or why there is nothing more."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


@contextmanager
def ahead(items: Iterable[T], depth: int = 2) -> Generator[Iterator[T], None, None]:
    """The items, made in a thread of their own, at most `depth` of them before they are asked for.

    What the making raises is raised where the item is asked for. The thread ends with the block.
    """
    ready: queue.Queue[T | _End] = queue.Queue(depth)
    stop = threading.Event()

    def put(item: T | _End) -> bool:
        while not stop.is_set():
            try:
                ready.put(item, timeout=_LOOK_SECONDS)
            except queue.Full:
                continue
            return True
        return False

    def make() -> None:
        try:
            for item in items:
                if not put(item):
                    return
        except BaseException as error:  # noqa: BLE001 - it is raised where the item is asked for
            put(_End(error))
        else:
            put(_End())

    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(make,), name="import-ahead", daemon=True)
    thread.start()
    try:
        yield _taken(ready)
    finally:
        stop.set()
        thread.join()


def _taken(ready: queue.Queue[T | _End]) -> Iterator[T]:
    while True:
        item = ready.get()
        if isinstance(item, _End):
            if item.error is not None:
                raise item.error
            return
        yield item
