"""The process that answers and works: the service is built, started, and stopped here."""

from __future__ import annotations

import ctypes
import gc
import logging
import multiprocessing.util
import sys
from importlib import import_module
from typing import Any

from flask import Flask

from chassis.description import Description
from chassis.niceness import let_others_go_first
from chassis.service import Service
from chassis.settings import ServiceSettings
from chassis.telemetry.export import start_tracing, stop_tracing


def started(description: Description, settings: ServiceSettings, roles: tuple[str, ...]) -> Flask:
    """The service with these roles, at work in this process until that ends; gives what answers requests."""
    start_tracing(description.name, settings)
    service: Service[Any] = import_module(f"{description.package}.app").build(settings)
    app = service.start(roles)
    settle_in()
    if roles == ("jobs",):
        let_others_go_first()
    # Granian ends its workers without atexit hooks; finalizers do run.
    multiprocessing.util.Finalize(None, _finish, args=(service,), exitpriority=100)
    return app


def settle_in() -> None:
    """Have interpreter and allocator be as they are good for a service, once all of it is made.

    Whoever measures parts of a service in a process of their own does the same.
    """
    _spare_the_collector()
    _take_turns_sooner()
    _give_large_blocks_back()


def _spare_the_collector() -> None:
    """Have the garbage collector leave alone what stays until the end, and look less often.

    Nearly nothing here is garbage that only it can find. As Python sets it up it takes a third of
    the time of an import, which makes many objects that live for a while.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _take_turns_sooner() -> None:
    """Have a thread that computes hand the interpreter over after 1 ms, not 5, to those that wait.

    Requests, relay and consumers wait for servers again and again, and after each time for the
    interpreter. Six round trips beside two threads that compute, an import and a reaction, say,
    took 23 to 52 ms in the middle and 205 at the 99th percentile; so they take 11 to 18 and 45 to
    60, and the threads that compute get no less done.
    """
    sys.setswitchinterval(0.001)


_M_MMAP_THRESHOLD = -3  # of glibc's malloc.h
_LARGE_BYTES = 256 * 1024


def _give_large_blocks_back() -> None:
    """Have glibc return what a large body took to the system as soon as it is freed.

    Left to itself it raises its threshold with the first large block that is freed, and from then
    on every thread keeps room for the largest body it has ever seen: a part of an import, say.
    """
    allocator = ctypes.CDLL(None)
    if hasattr(allocator, "mallopt"):  # other C libraries have none, and no such habit
        allocator.mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)


def _finish(service: Service[Any]) -> None:
    try:
        service.stop()
    finally:
        stop_tracing()
        logging.shutdown()
