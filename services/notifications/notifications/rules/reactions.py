"""Rules fire: what happens to messages when something happened anywhere."""

from __future__ import annotations

from collections.abc import Sequence

from google.protobuf.message import DecodeError, Message

from chassis.events.reactions import Envelope, RawFact
from notifications.feed.catalogue import fact_types
from notifications.feed.erased import without_the_erased
from notifications.messages.operations import queue_message
from notifications.rules.checking import ABOUT_MESSAGES
from notifications.rules.firing import Occurrence, outcome
from notifications.rules.storage import Firing, WaitingRule, has_fired_before
from notifications.rules.tellings import note_telling
from notifications.transaction import NotificationsTx


def fire_rules(tx: NotificationsTx, facts: Sequence[RawFact]) -> None:
    """Queue the messages that the tenant's rules make of these facts, each of them once.

    A fact that cannot be read leads to nothing here; whoever keeps facts says what is wrong.
    """
    types = sorted({fact.envelope.type for fact in facts if _may_lead_to_messages(fact)})
    if not types:
        return
    waiting = tx.rules.waiting_for(types)
    if not waiting:
        return
    for fact in without_the_erased(tx, facts):
        chosen = [one for one in waiting if one.definition.fact_type == fact.envelope.type]
        message = _decoded(fact) if chosen else None
        if message is not None:
            tx.cause = fact.envelope.id
            _fire(tx, chosen, message, fact.envelope)
            # Here, so that the messages' facts name the one that they follow from.
            tx.flush()
            tx.cause = None


def _fire(
    tx: NotificationsTx, waiting: Sequence[WaitingRule], message: Message, envelope: Envelope
) -> None:
    occurrence = Occurrence.of(message, envelope)
    for rule in waiting:
        found = outcome(rule.definition, occurrence)
        if found.holders is not None:
            note_telling(tx, rule.id, rule.definition, found, envelope)
            continue
        if found.recipient_id is None or found.subject_id is None:
            continue
        firing = Firing(rule.id, found.recipient_id, found.subject_id, envelope.id)
        if not has_fired_before(tx, firing):
            queue_message(tx, found.order(rule.id, rule.definition, envelope.id))


def _may_lead_to_messages(fact: RawFact) -> bool:
    return not fact.envelope.type.startswith(ABOUT_MESSAGES)


def _decoded(fact: RawFact) -> Message | None:
    kind = fact_types().get(fact.envelope.type)
    if kind is None:
        return None
    content = kind.message()
    try:
        content.ParseFromString(fact.payload)
    except DecodeError:
        return None
    return content
