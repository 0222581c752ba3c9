"""Watches how services answer during a fault, and how soon those that were hit are back."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from functools import partial

from chassis.testing.waiting import eventually
from tests.reliability.estate import Estate
from tests.reliability.faults.fault import Fault
from tests.reliability.ledger import Ledger

_RECOVERY_SECONDS = 90.0


class Watch:
    """Compares what readers are answered with what they are answered in quiet times."""

    def __init__(self, estate: Estate, ledger: Ledger) -> None:
        self._estate = estate
        self._ledger = ledger
        self._usual: Mapping[str, str] = {}

    def learn(self) -> None:
        """Note what each service answers when nothing is wrong; fails if that is no answer."""

        def answer(service: str) -> str:
            readings = self._ledger.readings_between(service, 0, time.monotonic())
            return readings[-1].answered if len(readings) > 2 else ""

        self._usual = {name: eventually(partial(answer, name)) for name in self._estate.public}
        bad = {
            n: said for n, said in self._usual.items() if not said.isdecimal() or int(said) > 499
        }
        assert not bad, f"not well before the first fault: {bad}"

    def recovery(self, touched: frozenset[str], since: float) -> dict[str, float | None]:
        """Wait until all that was touched is ready and answers as always; the seconds since then."""
        found: dict[str, float | None] = dict.fromkeys(sorted(touched))
        while time.monotonic() - since < _RECOVERY_SECONDS and None in found.values():
            for name in [name for name, seconds in found.items() if seconds is None]:
                if self._estate.is_ready(name) and self._answers(name, since):
                    found[name] = time.monotonic() - since
        return found

    def _answers(self, service: str, since: float) -> bool:
        if service not in self._usual:
            return True
        readings = self._ledger.readings_between(service, since, time.monotonic())
        return any(r.answered == self._usual[service] and r.began >= since for r in readings)

    def wait_for_use(self, fault: Fault, began: float) -> None:
        """Wait until something was written and all that was not hit was read since a fault began.

        A fault may be over before a slow machine has sent the next request.
        """
        deadline = time.monotonic() + _RECOVERY_SECONDS
        while time.monotonic() < deadline and not self._is_used(fault, began):
            threading.Event().wait(0.05)

    def _is_used(self, fault: Fault, began: float) -> bool:
        now = time.monotonic()
        return any(write.was_sent_between(began, now) for write in self._ledger.writes) and all(
            self._ledger.readings_between(service, began, now)
            for service in self._usual.keys() - fault.silences
        )

    def availability(
        self, fault: Fault, began: float, ended: float
    ) -> tuple[dict[str, tuple[int, int]], list[str]]:
        """How services that were not hit have answered: good answers of all; and what was wrong."""
        reads, trouble = {}, []
        for service, usual in self._usual.items():
            if service in fault.silences:
                continue
            readings = self._ledger.readings_between(service, began, ended)
            bad = [reading for reading in readings if reading.answered != usual]
            reads[service] = (len(readings) - len(bad), len(readings))
            if not readings:
                trouble.append(f"nobody read {service}")
            trouble += [f"{service}, which was not hit, answered {r.answered}" for r in bad[:3]]
        return reads, trouble
