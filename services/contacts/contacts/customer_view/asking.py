"""Asks the other services about a customer, all at the same time and all with one deadline."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chassis.context import Caller
from chassis.domain import Category, DomainError
from chassis.rpc.client import Asked, Peer
from chassis.rpc.deadline import time_left
from chassis.rpc.errors import PeerLate
from contacts.customer_view.bulkhead import Bulkhead
from contacts.customer_view.parts import Customer, Missing, Part, Reason, Told

log = logging.getLogger("contacts.customer_view")

_OURS = 0.8
"""The part of what time a caller has left that others may take: the rest is for the way back."""

Ask = Callable[[Peer, Caller, Customer, float], Asked[Any]]


@dataclass(frozen=True, slots=True)
class Side:
    """One service's part of a view: how to ask for it, and what of the answer counts.

    `shown` cuts the message to what was promised and gives it as the API shows it; it raises
    ValueError for an answer that makes no sense. `peer` is None where the service is not deployed.
    """

    part: Part
    ask: Ask
    shown: Callable[[Any], Any]
    peer: Peer | None
    bulkhead: Bulkhead


class Sides:
    """Everybody who knows something of customers; `seconds` is what all may take together."""

    def __init__(self, sides: Sequence[Side], seconds: float) -> None:
        self._sides = tuple(sides)
        self._seconds = seconds

    def begin(self, caller: Caller, customer: Customer) -> Answers:
        """Ask all of them; nobody waits yet. No thread is taken up but for the caller's own."""
        left = time_left()
        seconds = self._seconds if left is None else min(self._seconds, max(left, 0) * _OURS)
        ends = time.monotonic() + seconds
        answers = Answers()
        for side in self._sides:
            answers.begin(side, caller, customer, max(ends - time.monotonic(), 0))
        return answers


class Answers:
    """What is on its way."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Side, int, Asked[Any]]] = []
        self._told: dict[Part, Told] = {}
        self._missing: list[Missing] = []

    def begin(self, side: Side, caller: Caller, customer: Customer, seconds: float) -> None:
        """Ask one side, unless it is away or too many wait for it."""
        if side.peer is None:
            self._missing.append(Missing(side.part, Reason.NOT_DEPLOYED))
            return
        number = side.bulkhead.enter()
        if number is None:
            self._missing.append(Missing(side.part, Reason.UNAVAILABLE))
            return
        self._waiting.append((side, number, side.ask(side.peer, caller, customer, seconds)))

    def wait(self) -> tuple[Mapping[Part, Told], Sequence[Missing]]:
        """What everybody has told by the deadline, and what is missing. Raises nothing for a peer's sake."""
        for side, number, asked in self._waiting:
            try:
                message = asked.answer()
                self._told[side.part] = Told(message, side.shown(message))
            except DomainError as error:
                self._missing.append(Missing(side.part, _reason(error)))
            except (ValueError, ArithmeticError, OverflowError):
                log.warning("peer's answer makes no sense", extra={"part": side.part})
                self._missing.append(Missing(side.part, Reason.UNAVAILABLE))
            finally:
                side.bulkhead.leave(number)
        return self._told, self._missing

    def give_up(self) -> None:
        """Have nobody go on working for an answer that is not waited for; harmless afterwards."""
        for side, number, asked in self._waiting:
            asked.cancel()
            side.bulkhead.leave(number)


def _reason(error: DomainError) -> Reason:
    if isinstance(error, PeerLate):
        return Reason.TIMEOUT
    if error.category is Category.FORBIDDEN:
        return Reason.FORBIDDEN
    return Reason.UNAVAILABLE
