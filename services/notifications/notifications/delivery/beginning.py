"""Decides whether a message goes out now, and notes the attempt before the provider is called."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from chassis.events.backoff import growing_delay
from notifications.delivery.choosing import INBOX, Busy, Chosen, choose, providers_of
from notifications.delivery.digesting import digest_due, gather, take_turns
from notifications.delivery.permission import Resolved, objection
from notifications.delivery.queue import Turn
from notifications.delivery.recipients import remember
from notifications.delivery.taking_up import held_message, unanswered_by
from notifications.delivery.timing import not_before, quiet_until
from notifications.delivery.wording import Worded
from notifications.messages.attempts import Attempt, note_attempt
from notifications.messages.bodies import keep_body
from notifications.messages.domain import HeldBack, Message, Order, Wait
from notifications.policies.domain import Rules, WhenCapped
from notifications.policies.storage import use_caps
from notifications.providers.kinds import provider_kinds
from notifications.transaction import NotificationsTx

_chance = random.Random()  # noqa: S311 - jitter, of its own: the shared one may be seeded alike

NO_PROVIDER_FOR = timedelta(minutes=5)
"""How soon it is looked again whether a tenant has set up a provider."""


@dataclass(frozen=True, slots=True)
class Ready:
    """All that a decision needs, known before the transaction begins.

    `asked` is whether contacts has answered just now, and not from memory.
    """

    resolved: Resolved
    asked: bool
    worded: Worded | None
    order: Order
    rules: Rules
    platform_mail: bool
    lease: timedelta


@dataclass(frozen=True, slots=True)
class Begun:
    """An attempt that is noted and may go ahead, and what it says."""

    attempt: Attempt
    worded: Worded
    chosen: Chosen


def begin_attempt(tx: NotificationsTx, turn: Turn, ready: Ready) -> Begun | None:
    """Begin an attempt; None when the message waits, is held back, or is another worker's."""
    take_turns(tx, ready.order)
    message = held_message(tx, turn, ready.lease)
    if message is None or not message.is_open:
        return None
    _point_at(tx, message, ready)
    now, addressee = tx.clock.now(), ready.resolved.addressee
    channel = message.order.channel
    message.fingerprint = tx.secrecy.fingerprints.of(channel, addressee.address)
    why_not = objection(tx, message.order, ready.resolved, message.fingerprint)
    if why_not is not None:
        message.hold_back(why_not, now)
        return None
    waits = _waits_for(message, ready, now)
    if waits is not None:
        if waits[1] is Wait.DIGEST and ready.worded is not None:
            keep_body(tx, message.id, ready.worded.content, ready.worded.language)
        message.wait(waits[0], waits[1], now)
        return None
    chosen = _provider(tx, message, ready, now)
    if chosen is None or not _within_caps(tx, message, ready, now):
        return None
    if ready.worded is None:
        raise RuntimeError("nothing is sent without words")
    worded = gather(tx, message, ready.worded) if message.attempts == 0 else ready.worded
    return _begun(tx, message, ready, chosen, worded)


def _point_at(tx: NotificationsTx, message: Message, ready: Ready) -> None:
    """Keep whom and what contacts named: somebody merged is somebody else by now."""
    addressee, recipient = ready.resolved.addressee, message.order.recipient
    if recipient.person_id is None:
        return
    if ready.asked:
        point = recipient.contact_point_id
        remember(tx, tx.secrecy.sealer, addressee, message.order.channel, point)
    recipient = replace(
        recipient,
        person_id=addressee.person_id,
        contact_point_id=recipient.contact_point_id or addressee.contact_point_id,
    )
    message.order = replace(message.order, recipient=recipient)


def _waits_for(message: Message, ready: Ready, now: datetime) -> tuple[datetime, Wait] | None:
    zone, rules = ready.resolved.addressee.time_zone, ready.rules
    due = not_before(message.order.schedule, rules, zone, message.created_at)
    if due is not None and due > now:
        return due, Wait.LOCAL_TIME
    due = digest_due(message.order, rules, zone, message.created_at)
    if due is not None and due > now:
        return due, Wait.DIGEST
    over = quiet_until(rules, zone, now, promotional=ready.resolved.promotional)
    if over > now:
        return over, Wait.QUIET_HOURS
    return None


def _provider(tx: NotificationsTx, message: Message, ready: Ready, now: datetime) -> Chosen | None:
    channel = message.order.channel
    candidates = providers_of(tx, channel, platform_mail=ready.platform_mail)
    bound = unanswered_by(tx, message.id)
    chosen = choose(tx, candidates, message.failures, bound)
    if chosen is None and bound is not None:
        message.uncertain("its provider was removed before it answered", now)
    elif chosen is None:
        message.wait(now + NO_PROVIDER_FOR, Wait.NO_PROVIDER, now)
    elif isinstance(chosen, Busy):
        # Not all at the same moment: a second's worth of messages would find one place.
        spread = timedelta(seconds=_chance.uniform(0, 0.5))
        message.wait(chosen.until + spread, chosen.why, now)
    else:
        return chosen
    return None


def _within_caps(tx: NotificationsTx, message: Message, ready: Ready, now: datetime) -> bool:
    rules, order = ready.rules, message.order
    whom = order.recipient.person_id or order.recipient.user_id
    if not rules.caps or whom is None or not rules.bind(promotional=ready.resolved.promotional):
        return True
    free_at = use_caps(tx, rules, whom, order.channel, order.purpose, message.id)
    if free_at is None:
        return True
    if rules.when_capped is WhenCapped.WAIT:
        message.wait(free_at, Wait.CAPPED, now)
    else:
        message.hold_back(HeldBack.CAPPED, now)
    return False


def _begun(
    tx: NotificationsTx, message: Message, ready: Ready, chosen: Chosen, worded: Worded
) -> Begun:
    now = tx.clock.now()
    keep_body(tx, message.id, worded.content, worded.language)
    message.language = worded.language
    number = message.begin(chosen.id, now, now + ready.lease)
    kind = provider_kinds().get(chosen.kind)
    attempt = Attempt(
        message_id=message.id,
        number=number,
        provider_id=chosen.id,
        provider_kind=chosen.kind,
        idempotency_key=str(idempotency_key(message.id, chosen.id)),
        deduplicates=chosen.kind == INBOX or (kind is not None and kind.deduplicates),
        started_at=now,
    )
    note_attempt(tx, attempt)
    return Begun(attempt, worded, chosen)


def idempotency_key(message_id: UUID, provider_id: UUID) -> UUID:
    """The key under which a provider knows a message in every attempt."""
    return uuid5(message_id, str(provider_id))


def retry_at(now: datetime, failures: int) -> datetime:
    """When it is tried again after so many failures: ever later, with jitter."""
    return now + timedelta(seconds=growing_delay(failures, first=5, most=3600))
