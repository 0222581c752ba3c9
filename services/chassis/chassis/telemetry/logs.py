"""Logs: one event, one line of JSON on standard output, with trace and tenant, without personal data."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TextIO
from uuid import UUID

import orjson

from chassis.telemetry.stack import stack_of
from chassis.telemetry.tracing import current_trace_id

_tenant: ContextVar[UUID | None] = ContextVar("tenant_of_logs", default=None)

_OWN = frozenset(vars(logging.LogRecord("", 0, "", 0, "", (), None))) | {"message", "asctime"}
_RESERVED = frozenset(("time", "level", "logger", "service", "trace_id", "tenant_id", "stack"))
_OPTIONS = orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z

_OTHERS = ("_granian", "granian.access")
"""Loggers that bring handlers of their own; their events go where all the others go."""
_QUIETER = {"alembic": logging.INFO, "httpx": logging.WARNING, "httpcore": logging.WARNING}
"""httpx writes addresses with their queries at INFO, and those may hold personal data."""


@contextmanager
def working_for(tenant_id: UUID | None) -> Iterator[None]:
    """Name the tenant in all events of this block."""
    token = _tenant.set(tenant_id)
    try:
        yield
    finally:
        _tenant.reset(token)


def name_tenant(tenant_id: UUID | None) -> None:
    """Name the tenant in all further events of the enclosing `working_for` block."""
    _tenant.set(tenant_id)


class JsonLines(logging.Formatter):
    """Writes a record as one JSON object; what a caller gives as `extra` becomes members."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        event: dict[str, Any] = {
            "time": _rfc3339(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "service": self._service,
        }
        trace_id = current_trace_id()
        if trace_id is not None:
            event["trace_id"] = trace_id
        tenant_id = _tenant.get()
        if tenant_id is not None:
            event["tenant_id"] = str(tenant_id)
        for name, value in vars(record).items():
            if name not in _OWN:
                event[f"extra_{name}" if name in _RESERVED else name] = value
        if record.exc_info and record.exc_info[1] is not None:
            event["stack"] = stack_of(record.exc_info[1])
        try:
            return orjson.dumps(event, default=str, option=_OPTIONS).decode()
        except TypeError:  # half of a surrogate pair, a number beyond 64 bits, a circle
            return json.dumps({name: str(value) for name, value in event.items()})


def _rfc3339(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def configure_logging(service: str, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send the events of all loggers, other libraries' included, to `stream` (standard output).

    May be called again, as it is in a process that was forked: the last call counts.
    """
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(JsonLines(service))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _OTHERS:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    for name, quietest in _QUIETER.items():
        logging.getLogger(name).setLevel(max(quietest, root.level))
    logging.captureWarnings(capture=True)


def granian_logging() -> dict[str, Any]:
    """What to hand to Granian as `log_dictconfig`, so that it adds no handlers of its own."""
    return {
        "handlers": {},
        "formatters": {},
        "loggers": {name: {"propagate": True} for name in _OTHERS},
    }
