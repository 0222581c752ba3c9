"""Works on the facts of its share of aggregates, in their order, and settles each with the broker."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from chassis.domain import Clock, DomainError, Unavailable
from chassis.events.applier import Applier, Incoming, understand
from chassis.events.delivery import ACK, BULK_LANE, LANE, TERM, Delivery, nak
from chassis.events.order import Order
from chassis.events.patience import Patience, Verdict
from chassis.events.waiting import Waiting
from chassis.telemetry.metrics import dead_letters, facts_consumed, facts_delayed

log = logging.getLogger("chassis.events")

Settle = Callable[[Delivery, bytes], None]
Bury = Callable[[Delivery, str], None]


# Finding a metric by its labels takes longer than observing it, and every fact does both twice.
_consumed = lru_cache(maxsize=4096)(facts_consumed.labels)
_delayed = lru_cache(maxsize=256)(facts_delayed.labels)
_GATHER_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class _Mishap:
    error: Exception
    seconds: float = 0.0


class Worker:
    """One thread. All facts of an aggregate that are here at a time go to the same worker.

    `order` is shared with the others, since another may get what comes again. `settle` tells the
    broker what became of a delivery; `bury` stores a dead letter and returns when the broker has
    it, or raises OSError.
    """

    def __init__(
        self,
        name: str,
        service: str,
        applier: Applier,
        patience: Patience,
        settle: Settle,
        bury: Bury,
        *,
        clock: Clock,
        order: Order,
    ) -> None:
        self._clock = clock
        self._service = service
        self._applier = applier
        self._patience = patience
        self._settle = settle
        self._bury = bury
        self._waiting = Waiting()
        self._order = order
        self._began: float | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def put(self, delivery: Delivery) -> None:
        """Have a delivery worked on; once it is stopping, it is handed back."""
        self._waiting.put(delivery)

    def finish(self) -> None:
        """Hand back what is not begun; returns at once."""
        self._stopping.set()

    def end(self, timeout: float) -> None:
        """End the thread when it has finished what it has begun."""
        self.finish()
        self._waiting.end()
        self._thread.join(timeout)

    def is_alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def waiting(self, *, bulk: bool) -> int:
        """How many deliveries stand before one that came now."""
        return self._waiting.count(bulk=bulk)

    def seconds_at_work(self) -> float:
        """For how long it has been at what it has in hand; 0 if it has nothing."""
        began = self._began
        return 0.0 if began is None else time.monotonic() - began

    def _run(self) -> None:
        while taken := self._waiting.take():
            self._began = began = time.monotonic()
            self._work_on(taken)
            self._began = None
            self._gather(time.monotonic() - began)

    def _gather(self, seconds: float) -> None:
        """Let facts come together for as long as the last ones took: while there is much to do, few transactions do it.

        Who works half of the time at most makes others wait for no longer than they do anyway.
        """
        if not self._waiting.are_many():
            self._stopping.wait(min(seconds, _GATHER_SECONDS))

    def _work_on(self, deliveries: list[Delivery]) -> None:
        runs: dict[tuple[str, UUID], list[Incoming]] = {}
        for delivery in deliveries:
            if self._stopping.is_set():
                self._settle(delivery, nak(0))
                continue
            try:
                fact = understand(delivery, self._service)
            except Exception as error:  # noqa: BLE001 - judged below
                self._failed(delivery, _Mishap(error))
            else:
                runs.setdefault((fact.consumer, fact.envelope.tenant_id), []).append(fact)
        for facts in runs.values():
            self._apply(facts)

    def _apply(self, facts: list[Incoming]) -> None:
        """Apply together what can be; when that fails, each alone, to find the one at fault."""
        ready = [fact for fact in facts if not self._is_held_back(fact.delivery)]
        mishap = self._try(ready)
        if mishap is not None and len(ready) == 1:
            self._failed(ready[0].delivery, mishap)
        elif mishap is not None:
            self._apply_each(ready)

    def _apply_each(self, facts: list[Incoming]) -> None:
        outage: _Mishap | None = None
        for fact in facts:
            if self._is_held_back(fact.delivery):
                continue
            mishap = outage or self._try([fact])
            if mishap is not None:
                self._failed(fact.delivery, mishap)
                # What is away for one is away for the rest.
                outage = mishap if isinstance(mishap.error, Unavailable) else None

    def _try(self, facts: list[Incoming]) -> _Mishap | None:
        if not facts:
            return None
        began = time.perf_counter()
        try:
            applied = self._applier.apply(facts)
        except Exception as error:  # noqa: BLE001 - judged by whoever called
            return _Mishap(error, time.perf_counter() - began)
        seconds = (time.perf_counter() - began) / len(facts)
        now = self._clock.now()
        for fact, is_new in zip(facts, applied, strict=True):
            if is_new and not fact.delivery.replayed:
                self._tell_delay(fact, now)
            self._done(fact.delivery, ACK, "applied" if is_new else "duplicate", seconds)
        return None

    def _is_held_back(self, delivery: Delivery) -> bool:
        """Whether an earlier fact of the aggregate is still to come again; then this one is, too."""
        delay = self._order.wait_for_earlier(delivery)
        if delay is None:
            return False
        self._order.handed_back(delivery, delay)
        self._settle(delivery, nak(delay))
        self._observe(delivery, "held back", 0.0)
        return True

    def _failed(self, delivery: Delivery, mishap: _Mishap) -> None:
        failures = self._order.failed(delivery)
        verdict = self._patience.judge(mishap.error, failures, delivery.attempt)
        self._tell(delivery, mishap.error, verdict)
        delay = verdict.retry_after
        if delay is None:
            delay = self._give_up(delivery, verdict.reason, mishap.seconds)
        if delay is None:
            return
        self._order.handed_back(delivery, delay)
        self._settle(delivery, nak(delay))
        self._observe(delivery, "retried", mishap.seconds)

    def _give_up(self, delivery: Delivery, reason: str, seconds: float) -> float | None:
        """Bury the fact; gives the seconds after which to try that again if it cannot be."""
        try:
            self._bury(delivery, reason)
        except (OSError, RuntimeError) as error:
            log.warning("no dead letter could be written: %s", error)
            return self._patience.longest_outage_seconds
        dead_letters.labels(self._consumer(delivery), delivery.subject).inc()
        self._done(delivery, TERM, "dead", seconds)
        return None

    @staticmethod
    def _tell(delivery: Delivery, error: Exception, verdict: Verdict) -> None:
        log.log(
            logging.WARNING if verdict.retry_after is not None else logging.ERROR,
            "%s %s %s: %s",
            delivery.subject,
            delivery.headers.get("ce-id"),
            "is given up" if verdict.retry_after is None else "is tried again",
            error.code if isinstance(error, DomainError) else type(error).__name__,
            exc_info=error if verdict.surprise else None,
        )

    def _done(self, delivery: Delivery, settlement: bytes, outcome: str, seconds: float) -> None:
        self._order.done(delivery)
        self._settle(delivery, settlement)
        self._observe(delivery, outcome, seconds)

    def _observe(self, delivery: Delivery, outcome: str, seconds: float) -> None:
        _consumed(self._consumer(delivery), delivery.subject, outcome).observe(seconds)

    @staticmethod
    def _tell_delay(fact: Incoming, now: datetime) -> None:
        lane = BULK_LANE if fact.delivery.headers.get(LANE) == BULK_LANE else "interactive"
        delay = (now - fact.envelope.occurred_at).total_seconds()
        _delayed(fact.consumer, lane).observe(max(0.0, delay))

    def _consumer(self, delivery: Delivery) -> str:
        return delivery.subscription.durable(self._service)
