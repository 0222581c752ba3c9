"""What follows from what: how far triggers have called each other, and when that is enough (DE-6).

Each fact that follows from a trigger names the fact on which it fired as its cause. So a chain goes
from fact to fact: in one chain and about one ticket a trigger fires once, at most `MOST_DEEP` follow
each other, and about one ticket at most `MOST_AN_HOUR` fire within an hour, wherever they come from. The
last of these also ends what runs in circles through timers, routing or mail, where no cause is named.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

MOST_DEEP = 10
MOST_AN_HOUR = 30


class Barred(StrEnum):
    """Why a trigger does not fire although its condition holds."""

    AGAIN = "again"
    TOO_DEEP = "too_deep"
    TOO_OFTEN = "too_often"


@dataclass(frozen=True, slots=True)
class Chain:
    """Where a fact stands: how many steps before it fired triggers, which fired about this ticket.

    `stopped` is whether that was said of the chain already.
    """

    ticket_id: UUID
    depth: int = 0
    fired: tuple[UUID, ...] = ()
    stopped: bool = False

    def about(self, ticket_id: UUID) -> Chain:
        """The same chain where it goes on about a ticket: another one's triggers may fire once, too."""
        return self if ticket_id == self.ticket_id else Chain(ticket_id, self.depth)

    def bars(self, trigger_id: UUID, within_hour: int) -> Barred | None:
        """Why a trigger may not fire here; `within_hour` is how many have about this ticket."""
        if trigger_id in self.fired:
            return Barred.AGAIN
        if self.depth >= MOST_DEEP:
            return Barred.TOO_DEEP
        return Barred.TOO_OFTEN if within_hour >= MOST_AN_HOUR else None

    def after(self, fired: tuple[UUID, ...], *, stopped: bool) -> Chain:
        """The chain as facts that follow from this one have it, once these triggers have fired."""
        depth = self.depth + 1 if fired else self.depth
        return Chain(self.ticket_id, depth, (*self.fired, *fired), self.stopped or stopped)
