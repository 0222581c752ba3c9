"""Hears what is answered, to mail it, and what notifications says of mails."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from google.protobuf.message import Message

from chassis.events.reactions import Envelope, Reactions
from desk.outbound_mail.domain import MailState
from desk.outbound_mail.operations import follow_mail, mail_reply
from desk.ticket_facts.domain import Channel
from desk.transaction import DeskTx
from rapport.desk.events.v1.message_events_pb2 import PublicReplySent
from rapport.notifications.events.v1 import message_events_pb2 as events

_STATES = {
    events.MessageQueued: MailState.QUEUED,
    events.MessageSent: MailState.SENT,
    events.MessageUncertain: MailState.UNCERTAIN,
    events.MessageDelivered: MailState.DELIVERED,
    events.MessageHeldBack: MailState.HELD_BACK,
    events.MessageFailed: MailState.FAILED,
    events.MessageCancelled: MailState.CANCELLED,
    events.MessageBounced: MailState.BOUNCED,
    events.MessageComplained: MailState.COMPLAINED,
}


def on_public_reply(tx: DeskTx, fact: PublicReplySent, _envelope: Envelope) -> None:
    """Mail a reply to who is answered by mail: an effect, once for a message."""
    if fact.channel == Channel.EMAIL:
        mail_reply(tx, UUID(fact.message_id))


def mail_replies(reactions: Reactions) -> Reactions:
    """React to what agents answer; gives the same."""
    reactions.on(PublicReplySent, on_public_reply)
    return reactions


def follow_mails(reactions: Reactions) -> Reactions:
    """React to what becomes of mails; gives the same."""
    for kind, state in _STATES.items():
        reactions.on(kind, _following(state))
    return reactions


def _following(state: MailState) -> Callable[[DeskTx, Message, Envelope], None]:
    def on_mail(tx: DeskTx, fact: Message, envelope: Envelope) -> None:
        """Note how a mail stands that desk has asked for; others' are nothing to it."""
        request_id = getattr(fact, "request_id", "")
        if not request_id:
            return
        reason = getattr(fact, "reason", "")
        notification_id = UUID(getattr(fact, "message_id", ""))
        version = envelope.aggregate_version
        follow_mail(tx, UUID(request_id), state, reason, notification_id, version)

    return on_mail
