"""An app that sells: it places orders, hands them over, and plans what it wants to be reminded of."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.reliability.client import Client, Request
from tests.reliability.ledger import Kind, Ledger, Outcome, Write
from tests.reliability.load import send
from tests.reliability.rewarding import PEOPLE

ORDERS = "/v1/sales/orders"
ACTIVITIES = "/v1/sales/activities"
SYSTEM = "till"
"""What calls an order by its mark."""
REMINDED_AFTER = timedelta(seconds=4)
_TO_MEMBERS = 0.8
_WEIGHTS = {Kind.PLACE_ORDER: 4, Kind.DELIVER_ORDER: 3, Kind.PLAN_REMINDER: 3}


@dataclass
class Seller:
    """Writes one thing after the other. Whatever it hands over it has placed itself, and once."""

    name: str
    client: Client
    ledger: Ledger
    rng: random.Random
    pause: float
    impatient: float = 0.0
    """Which part of its writes it gives up on after one try."""
    undelivered: list[Write] = field(default_factory=list)
    _number: int = 0

    def work(self, stop: threading.Event) -> None:
        """Write until told to stop."""
        while not stop.is_set():
            self.write_something()
            stop.wait(self.rng.uniform(0.3, 1.7) * self.pause)

    def write_something(self) -> None:
        """Send one write, whichever it is."""
        self._number += 1
        mark = f"{self.name}-{self._number}"
        kind = self.rng.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
        if kind == Kind.PLAN_REMINDER:
            self._send(Write(kind, mark, mark), Request("POST", ACTIVITIES, _reminder(mark), mark))
        elif kind == Kind.PLACE_ORDER or not self.undelivered:
            self._place(mark)
        else:
            self._deliver(mark)

    def _place(self, mark: str) -> None:
        write = Write(Kind.PLACE_ORDER, mark, mark, expected_refusal=self.rng.random() < 0.1)
        body = _order(mark, "of silver" if write.expected_refusal else "TWD")
        if self.rng.random() < _TO_MEMBERS:
            body["person_id"] = self.rng.choice(PEOPLE)
        self._send(write, Request("POST", ORDERS, body, mark))
        if write.outcome == Outcome.ACCEPTED and write.id is not None:
            self.undelivered.append(write)

    def _deliver(self, mark: str) -> None:
        placed = self.undelivered.pop(self.rng.randrange(len(self.undelivered)))
        write = Write(Kind.DELIVER_ORDER, mark, placed.mark)
        self._send(write, Request("POST", f"{ORDERS}/{placed.id}/deliver", {}, mark))

    def _send(self, write: Write, request: Request) -> None:
        hasty = self.rng.random() < self.impatient
        send(self.client, self.ledger, write, request, hasty=hasty)


def _order(mark: str, currency: str) -> dict[str, Any]:
    line = {"name": mark, "unit_price": "120", "quantity": "2"}
    keys = [{"system": SYSTEM, "id": mark}]
    known = {"currency": currency, "channel": "shop", "branch": mark, "confirmed": True}
    return {**known, "lines": [line], "external_ids": keys, "company_id": _NOBODY}


def _reminder(mark: str) -> dict[str, Any]:
    at = (datetime.now(UTC) + REMINDED_AFTER).isoformat()
    return {"kind": "call", "subject": mark, "remind_at": at}


_NOBODY = "00000000-0000-4000-8000-000000000001"
"""A company that nobody has entered: orders may be of one that contacts has not told of yet."""
