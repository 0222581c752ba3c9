"""One fact as the broker handed it over, and what the broker is told about it in the end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from nats.aio.msg import Msg

from chassis.events.reactions import Subscription

ACK = b"+ACK"
IN_PROGRESS = b"+WPI"
TERM = b"+TERM"


def nak(delay: float) -> bytes:
    """Have it delivered again after so many seconds."""
    return b"-NAK " + json.dumps({"delay": int(delay * 1e9)}).encode()


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message of a subscription; `reply` is where the broker listens for its settlement.

    `sequence` is its place in the stream, `attempt` counts deliveries from 1, `behind` is how
    many messages wait after it.
    """

    subscription: Subscription
    subject: str
    payload: bytes
    headers: Mapping[str, str]
    reply: str
    sequence: int
    attempt: int
    behind: int

    @classmethod
    def of(cls, message: Msg, subscription: Subscription) -> Delivery:
        """Raises ValueError for a message that does not come from a stream."""
        tokens = message.reply.split(".")
        if tokens[:2] != ["$JS", "ACK"]:
            raise ValueError(f"{message.subject} did not come from a stream")
        # $JS.ACK.<stream>.<consumer>.<attempt>…; newer servers put domain and account before.
        first = 4 if len(tokens) == 9 else 6
        return cls(
            subscription,
            message.subject,
            message.data,
            message.headers or {},
            message.reply,
            sequence=int(tokens[first + 1]),
            attempt=int(tokens[first]),
            behind=int(tokens[first + 4]),
        )

    @property
    def line(self) -> str:
        """Facts of one line are worked on in their order: the aggregate's id."""
        return self.headers.get("ce-subject", "")
