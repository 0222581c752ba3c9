"""Slows down whoever tries codes out: clients that showed too many unknown ones are refused all."""

from __future__ import annotations

from collections.abc import Callable

from chassis.context import Caller
from chassis.http.problem import HttpProblem
from chassis.http.rate_limit import RateLimiter
from loyalty.metrics import codes_unknown


class WrongCodes:
    """Counts the unknown codes that each client of a tenant shows, in this process.

    Codes of shape `LONG` cannot be guessed anyway; this keeps public codes from being tried out, and
    shows attempts in the metrics.
    """

    def __init__(self, per_minute: int, monotonic: Callable[[], float]) -> None:
        self._limiter = RateLimiter(per_minute, monotonic, "unknown codes")

    def require_few(self, caller: Caller) -> None:
        """Raises a 429 problem for a client that has shown too many unknown codes."""
        wait = self._limiter.wait(_client(caller))
        if wait:
            message = "Too many codes were shown that nobody knows."
            raise HttpProblem(429, "too_many_unknown_codes", message, retry_after=wait)

    def count(self, caller: Caller, kind: str, unknown: int) -> None:
        """Note how many unknown codes of a kind were shown."""
        if unknown:
            codes_unknown.labels(kind).inc(unknown)
            self._limiter.spend(_client(caller), unknown)


def _client(caller: Caller) -> str:
    return f"{caller.tenant_id}/{caller.client_id or caller.subject}"
