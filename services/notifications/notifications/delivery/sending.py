"""Sends one message: look, ask, decide and note, hand over, note. Each step commits before the next."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from chassis.context import Caller, service_caller
from chassis.domain import Unavailable
from chassis.events.backoff import Backoff
from chassis.outbound.errors import OutboundRefused
from chassis.storage.unit_of_work import Operations
from notifications.delivery.beginning import Begun, Ready, begin_attempt
from notifications.delivery.choosing import Chosen
from notifications.delivery.concluding import conclude
from notifications.delivery.preparing import Preparing, Settled, settle
from notifications.delivery.public_links import MessageLinks
from notifications.delivery.queue import Turn
from notifications.delivery.taking_up import take_up
from notifications.messages.attempts import note_handover
from notifications.metrics import attempts
from notifications.providers.port import (
    Accepted,
    Outcome,
    Outgoing,
    Provider,
    Refused,
    TryLater,
    Unknown,
)
from notifications.transaction import NotificationsTx

log = logging.getLogger("notifications.delivery")

_CONCLUDING_ATTEMPTS = 8


class LeaseLost(Exception):
    """Another worker has the message by now: this one must not hand it over."""


@dataclass(frozen=True, slots=True)
class Sending:
    """What it takes to send. `providers` makes a provider ready to be called."""

    operations: Operations[NotificationsTx]
    preparing: Preparing
    providers: Callable[[Caller, Chosen], Provider]
    links: MessageLinks
    lease: timedelta

    def deliver(self, turn: Turn) -> None:
        """Bring one message as far as it goes now."""
        caller = service_caller("notifications", turn.tenant_id)
        plan = self.operations.run(caller, take_up, turn)
        if plan is None:
            return
        try:
            ready = self.preparing.prepare(caller, turn, plan)
        except Settled as settled:
            self.operations.run(caller, settle, turn, settled, self.lease)
            return
        begun = self.operations.run(caller, begin_attempt, turn, ready)
        if begun is None:
            return
        outcome = self._hand_over(caller, turn, begun, self._outgoing(turn, ready, begun))
        if outcome is not None:
            attempts.labels(ready.order.channel, _word_of(outcome)).inc()
            address = ready.resolved.addressee.address
            self._conclude(caller, turn, begun, outcome, address)

    def _hand_over(
        self, caller: Caller, turn: Turn, begun: Begun, outgoing: Outgoing
    ) -> Outcome | None:
        """What the provider says; None when another worker has the message by now."""
        handed_over = threading.Event()

        def note() -> None:
            if not self.operations.run(
                caller, note_handover, begun.attempt, turn.lease_id, self.lease
            ):
                raise LeaseLost
            handed_over.set()

        try:
            return self.providers(caller, begun.chosen).send(outgoing, note)
        except LeaseLost:
            log.warning("another worker took over", extra={"message_id": turn.message_id})
            return None
        except OutboundRefused as refused:
            # A matter of the provider's settings, not of the message: another one may do.
            return TryLater(f"the provider's address: {refused.message}")
        except Exception as error:
            log.exception("provider failed", extra={"message_id": turn.message_id})
            detail = f"{type(error).__name__} while sending"
            return Unknown(detail) if handed_over.is_set() else TryLater(detail)

    def _conclude(
        self, caller: Caller, turn: Turn, begun: Begun, outcome: Outcome, address: str
    ) -> None:
        """Note what became of it; a database that comes back soon does not leave it uncertain."""
        backoff = Backoff(first=0.2, most=5.0)
        for left in range(_CONCLUDING_ATTEMPTS, 0, -1):
            try:
                self.operations.run(caller, conclude, turn, begun, outcome, self.lease, address)
            except Unavailable:
                if left == 1:
                    raise
                threading.Event().wait(backoff.next_delay())
            else:
                return

    def _outgoing(self, turn: Turn, ready: Ready, begun: Begun) -> Outgoing:
        addressee, resolved = ready.resolved.addressee, ready.resolved
        content = self.links.tracked(turn, begun.worded.content, ready.rules)
        return Outgoing(
            tenant_id=turn.tenant_id,
            message_id=turn.message_id,
            idempotency_key=begun.attempt.idempotency_key,
            address=addressee.address,
            name=addressee.name,
            subject=content.subject,
            text=content.text,
            html=content.html,
            link=content.link,
            language=begun.worded.language,
            purpose=ready.order.purpose,
            transactional=not resolved.promotional,
            unsubscribe_url=self.links.unsubscribe(turn) if resolved.promotional else "",
            written_at=begun.attempt.started_at,
            mail_thread=ready.order.mail_thread,
        )


def _word_of(outcome: Outcome) -> str:
    match outcome:
        case Accepted():
            return "accepted"
        case Refused():
            return "bounced" if outcome.bad_address else "refused"
        case TryLater():
            return "try_later"
        case Unknown():
            return "unanswered"
