"""One fact as the broker handed it over, and what the broker is told about it in the end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from nats.aio.msg import Msg

from chassis.events.names import REPLAY_STREAM, replayed_subject
from chassis.events.reactions import Kind, Subscription

ACK = b"+ACK"
IN_PROGRESS = b"+WPI"
TERM = b"+TERM"

LANE, BULK_LANE = "lane", "bulk"
"""The header, and its value, of facts that nobody waits for."""
REPLAYED_FROM = "replay-from"
"""The header of a replay that names the stream and the place where the fact was before."""
REPLAYED_FOR = "replay-for"
"""The header of a replay that is for one kind of reaction only, which it names."""


def nak(delay: float) -> bytes:
    """Have it delivered again after so many seconds."""
    return b"-NAK " + json.dumps({"delay": int(delay * 1e9)}).encode()


class Delivery(NamedTuple):
    """A message of a subscription; `reply` is where the broker listens for its settlement.

    `sequence` is its place in the stream, `attempt` counts deliveries from 1, `behind` is how
    many messages wait after it. A `replayed` one comes out of the stream of replays, into which
    only operators write: with the fact's own subject, headers and content, for this service alone.
    """

    subscription: Subscription
    subject: str
    payload: bytes
    headers: Mapping[str, str]
    reply: str
    sequence: int
    attempt: int
    behind: int
    replayed: bool = False

    @classmethod
    def of(cls, message: Msg, subscription: Subscription, replay_to: str | None = None) -> Delivery:
        """Raises ValueError for a message that does not come from a stream.

        `replay_to` names the service to which the stream of replays has delivered it.
        """
        tokens = message.reply.split(".")
        if tokens[:2] != ["$JS", "ACK"]:
            raise ValueError(f"{message.subject} did not come from a stream")
        # $JS.ACK.<stream>.<consumer>.<attempt>…; newer servers put domain and account before.
        first = 4 if len(tokens) == 9 else 6
        return cls(
            subscription,
            message.subject if replay_to is None else replayed_subject(replay_to, message.subject),
            message.data,
            message.headers or {},
            message.reply,
            int(tokens[first + 1]),
            int(tokens[first]),
            int(tokens[first + 4]),
            replay_to is not None,
        )

    @property
    def stream(self) -> str:
        """The stream that it was delivered from."""
        return REPLAY_STREAM if self.replayed else self.subscription.stream

    @property
    def origin(self) -> str:
        """Where the fact was in the first place: the producer's stream, and the number in it."""
        here = f"{self.stream}:{self.sequence}"
        return self.headers.get(REPLAYED_FROM, here) if self.replayed else here

    def is_for(self, kind: Kind) -> bool:
        """Whether reactions of this kind are to see it: a replay may be for one of them only."""
        return not self.replayed or self.headers.get(REPLAYED_FOR, kind) == kind

    @property
    def is_bulk(self) -> bool:
        """Whether it is one of many that nobody waits for: an import's, say."""
        return self.headers.get(LANE) == BULK_LANE

    @property
    def line(self) -> str:
        """Facts of one line are worked on in their order: the aggregate's id."""
        return self.headers.get("ce-subject", "")
