"""Notes what became of an attempt."""

from __future__ import annotations

from datetime import datetime, timedelta

from notifications.delivery.beginning import Begun, retry_at
from notifications.delivery.choosing import providers_of
from notifications.delivery.queue import Turn
from notifications.delivery.taking_up import held_message
from notifications.messages.attempts import close_attempt
from notifications.messages.domain import Failure, Message, State, Wait
from notifications.policies.storage import give_caps_back
from notifications.providers.port import Accepted, Outcome, Refused, TryLater, Unknown
from notifications.suppressions.domain import Scope, SuppressionReason, Whom, hint_of
from notifications.suppressions.operations import suppress
from notifications.transaction import NotificationsTx


def conclude(
    tx: NotificationsTx, turn: Turn, begun: Begun, outcome: Outcome, lease: timedelta, address: str
) -> None:
    """Note the outcome, on the attempt, the message and the provider."""
    attempt = begun.attempt
    message = held_message(tx, turn, lease)
    if message is None or message.state is not State.SENDING:
        return
    if message.attempts != attempt.number:
        return
    now = tx.clock.now()
    match outcome:
        case Accepted():
            close_attempt(tx, message.id, attempt.number, "accepted", outcome.reference)
            message.sent(outcome.reference, now)
            if outcome.delivered:
                message.delivered(now)
            _pace(tx, begun, outcome, now)
        case Refused():
            _refused(tx, message, begun, outcome, address)
        case TryLater():
            close_attempt(tx, message.id, attempt.number, "try_later", outcome.detail)
            _pace(tx, begun, outcome, now)
            _again(tx, message, outcome, now)
            give_caps_back(tx, message.id)
        case Unknown() if attempt.deduplicates:
            close_attempt(tx, message.id, attempt.number, "unanswered", outcome.detail)
            message.wait(
                retry_at(now, message.failures + 1), Wait.PROVIDER_UNAVAILABLE, now, failed=True
            )
        case Unknown():
            close_attempt(tx, message.id, attempt.number, "uncertain", outcome.detail)
            message.uncertain(outcome.detail, now)


def _refused(
    tx: NotificationsTx, message: Message, begun: Begun, outcome: Refused, address: str
) -> None:
    now = tx.clock.now()
    close_attempt(tx, message.id, begun.attempt.number, "refused", outcome.detail)
    give_caps_back(tx, message.id)
    _pace(tx, begun, outcome, now)
    if not outcome.bad_address:
        message.fail(Failure.REFUSED_BY_PROVIDER, now, outcome.detail)
        return
    message.bounced(outcome.detail, now, permanent=True)
    suppress_address(tx, message, SuppressionReason.BOUNCED, address)


def suppress_address(
    tx: NotificationsTx, message: Message, reason: SuppressionReason, address: str = ""
) -> None:
    """Send nothing more to the address that a message went to.

    After a complaint transactional messages still go there.
    """
    if message.fingerprint is None:
        return
    everything = reason is SuppressionReason.BOUNCED
    whom = Whom(None, message.fingerprint, hint_of(address) if address else "", message.id)
    suppress(tx, Scope(message.order.channel, "", everything), whom, reason)


def _pace(tx: NotificationsTx, begun: Begun, outcome: Outcome, now: datetime) -> None:
    """What the outcome says of the provider; only what changes is written."""
    provider_id = begun.chosen.id
    pace = tx.providers.pace(provider_id)
    if isinstance(outcome, TryLater) and outcome.busy:
        changed = pace.asked_to_wait(now, outcome.seconds or 5.0)
    elif isinstance(outcome, TryLater) and not outcome.of_message:
        changed = pace.failed(now)
    else:
        changed = pace.succeeded()
    if changed != pace:
        tx.providers.keep_pace(provider_id, changed)


def _again(tx: NotificationsTx, message: Message, outcome: TryLater, now: datetime) -> None:
    if outcome.busy:
        until = now + timedelta(seconds=outcome.seconds or 5.0)
        others = len(providers_of(tx, message.order.channel, platform_mail=True)) > 1
        message.wait(now if others else until, Wait.PROVIDER_BUSY, now)
        return
    failures = message.failures + 1
    candidates = len(providers_of(tx, message.order.channel, platform_mail=True))
    elsewhere = failures < candidates and not outcome.of_message
    until = now if elsewhere else retry_at(now, failures)
    message.wait(until, Wait.PROVIDER_UNAVAILABLE, now, failed=True)
