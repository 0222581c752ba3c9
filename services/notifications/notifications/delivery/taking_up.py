"""Takes a message up: looks how it stands, also after a worker died over it, and what it takes to go on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chassis.storage.statements import Statement
from notifications.delivery.queue import Turn
from notifications.delivery.recipients import Addressee, remembered
from notifications.delivery.wording import Worded
from notifications.messages.attempts import Phase, close_attempt, keep_lease, last_attempt
from notifications.messages.bodies import body_of
from notifications.messages.domain import Failure, HeldBack, Message, Order, State, Wait
from notifications.policies.domain import Rules
from notifications.policies.storage import rules_for
from notifications.transaction import NotificationsTx

DEDUPLICATED_FOR = timedelta(hours=23)
"""How long a provider is trusted to know an idempotency key again; they promise a day."""
GIVE_UP_AFTER = timedelta(days=3)
"""How long it is tried in vain, from when it could have gone and did not."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known here about a purpose."""

    promotional: bool
    archived: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """A message that goes on: what was asked for, and what is known before anybody is asked."""

    order: Order
    created_at: datetime
    failures: int
    worded: Worded | None
    rules: Rules
    purpose: Known | None
    remembered: Addressee | None


def take_up(tx: NotificationsTx, turn: Turn) -> Plan | None:
    """The plan for a message; None when there is nothing to do for now."""
    message = _held(tx, turn)
    if message is None or not message.is_open:
        return None
    now = tx.clock.now()
    if message.state is State.SENDING:
        _recover(tx, message, now)
        return None  # it is due at once, and whoever claims it goes on
    expires_at = message.order.schedule.expires_at
    if expires_at is not None and expires_at <= now:
        message.hold_back(HeldBack.EXPIRED, now)
        return None
    failing_since = message.failing_since
    if failing_since is not None and failing_since + GIVE_UP_AFTER <= now:
        _give_up(tx, message, now)
        return None
    return _plan(tx, message)


def held_message(tx: NotificationsTx, turn: Turn, lease: timedelta) -> Message | None:
    """The message, if this worker still has it; its lease begins anew."""
    if not keep_lease(tx, turn.message_id, turn.lease_id, tx.clock.now() + lease):
        return None
    return tx.messages.get(turn.message_id)


def unanswered_by(tx: NotificationsTx, message_id: UUID) -> UUID | None:
    """The provider that may have the message already, and would know it again."""
    about = {"tenant_id": tx.tenant_id, "message_id": message_id}
    row = tx.fetch_one(_UNANSWERED, about)
    return None if row is None else UUID(str(row["provider_id"]))


def _held(tx: NotificationsTx, turn: Turn) -> Message | None:
    if not keep_lease(tx, turn.message_id, turn.lease_id, turn.until):
        return None
    return tx.messages.get(turn.message_id)


def _recover(tx: NotificationsTx, message: Message, now: datetime) -> None:
    """A worker died over it: what it had noted says what may be done."""
    attempt = last_attempt(tx, message.id)
    if attempt is None or attempt.phase is not Phase.HANDING_OVER:
        if attempt is not None:
            close_attempt(
                tx, message.id, attempt.number, "interrupted", "before it was handed over"
            )
        message.wait(now, Wait.TURN, now)
    elif attempt.deduplicates and now - attempt.started_at < DEDUPLICATED_FOR:
        close_attempt(tx, message.id, attempt.number, "unanswered", "the worker ended")
        message.wait(now, Wait.TURN, now)
    else:
        close_attempt(tx, message.id, attempt.number, "uncertain", "the worker ended")
        message.uncertain("the worker ended while it was handed over", now)


def _give_up(tx: NotificationsTx, message: Message, now: datetime) -> None:
    if unanswered_by(tx, message.id) is None:
        message.fail(Failure.GIVEN_UP, now, f"after {message.failures} failures")
        return
    message.uncertain("the provider never answered", now)


def _plan(tx: NotificationsTx, message: Message) -> Plan:
    order = message.order
    recipient = order.recipient
    known = None
    if recipient.person_id is not None:
        point = recipient.contact_point_id
        sealer = tx.secrecy.sealer
        known = remembered(tx, sealer, recipient.person_id, order.channel, point)
    found = tx.fetch_one(_PURPOSE, {"tenant_id": tx.tenant_id, "key": order.purpose})
    purpose = None if found is None else Known(found["promotional"], found["archived"])
    body = body_of(tx, message.id)
    return Plan(
        order=order,
        created_at=message.created_at,
        failures=message.failures,
        worded=None if body is None else Worded(*body),
        rules=rules_for(tx, order.channel, order.purpose),
        purpose=purpose,
        remembered=known,
    )


_UNANSWERED = Statement(
    "SELECT provider_id FROM message_attempts WHERE tenant_id = %(tenant_id)s"
    " AND message_id = %(message_id)s AND outcome = 'unanswered' LIMIT 1"
)
_PURPOSE = Statement(
    "SELECT promotional, archived FROM purposes WHERE tenant_id = %(tenant_id)s AND key = %(key)s"
)
