"""Limits how often one client or address calls this process, and says so in `RateLimit` headers."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from chassis.http.address import neighbourhood
from chassis.http.problem import HttpProblem
from chassis.telemetry.metrics import requests_limited

_KNOWN = 10_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class RateLimiter:
    """A token bucket for each client: `per_minute` calls a minute, a minute's worth at once.

    `counted` is what a client is here. Of those seen least lately nothing is kept.
    """

    def __init__(
        self, per_minute: int, monotonic: Callable[[], float], counted: str = "client"
    ) -> None:
        self._counted = counted
        self._capacity = per_minute
        self._rate = per_minute / 60
        self._now = monotonic
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._lock = threading.Lock()
        self.policy = f'"{counted}";q={per_minute};w=60'

    def take(self, client: str) -> dict[str, str]:
        """Count one call; gives the headers to answer with. Raises a 429 problem above the limit."""
        with self._lock:
            left, wait = self._take(client)
        headers = {
            "RateLimit-Policy": self.policy,
            "RateLimit": (
                f'"{self._counted}";r={int(left)};'
                f"t={max(1, round((self._capacity - left) / self._rate))}"
            ),
        }
        if wait:
            requests_limited.inc()
            raise HttpProblem(
                429,
                "rate_limited",
                f"This {self._counted} may call {self._capacity} times a minute.",
                headers=headers,
                retry_after=wait,
            )
        return headers

    def wait(self, client: str) -> float:
        """How many seconds until a call of this client would be let in; 0 for now. Counts nothing."""
        with self._lock:
            bucket = self._bucket(client)
            return max(0.0, (1 - bucket.tokens) / self._rate)

    def spend(self, client: str, calls: int) -> None:
        """Count calls that were let in already, as far as they are left."""
        with self._lock:
            bucket = self._bucket(client)
            bucket.tokens = max(0.0, bucket.tokens - calls)

    def _take(self, client: str) -> tuple[float, float]:
        bucket = self._bucket(client)
        if bucket.tokens < 1:
            return 0, (1 - bucket.tokens) / self._rate
        bucket.tokens -= 1
        return bucket.tokens, 0

    def _bucket(self, client: str) -> _Bucket:
        now = self._now()
        bucket = self._buckets.get(client)
        if bucket is None:
            bucket = self._buckets[client] = _Bucket(self._capacity, now)
            if len(self._buckets) > _KNOWN:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(client)
            gained = (now - bucket.at) * self._rate
            bucket.tokens = min(self._capacity, bucket.tokens + gained)
            bucket.at = now
        return bucket


class AddressLimits:
    """Limits what needs no token by where it comes from: each group of routes counts for itself.

    An IPv6 address counts with its whole /64, which is what one subscriber has.
    """

    def __init__(self, per_minute: int, monotonic: Callable[[], float]) -> None:
        self._per_minute = per_minute
        self._monotonic = monotonic
        self._groups: dict[str, RateLimiter] = {}

    def of(self, group: str, times: int = 1) -> Callable[[str], dict[str, str]]:
        """What counts a call of the group from an address; `times` as many are let in as usual."""
        limiter = self._groups.setdefault(
            group, RateLimiter(self._per_minute * times, self._monotonic, "address")
        )
        return lambda address: limiter.take(neighbourhood(address))
