"""Facts about mail to customers to protobuf, and what notifications is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.encoding import moment
from desk.outbound_mail.domain import (
    MailWanted,
    OutboundMail,
    TicketMailAsked,
    TicketMailDelivered,
    TicketMailUndelivered,
)
from rapport.desk.events.v1 import mail_events_pb2 as events
from rapport.desk.requests.v1.send_message_pb2 import SendMessage


def _described(mail: OutboundMail) -> dict[str, Any]:
    return {
        "mail_id": str(mail.id),
        "ticket_id": str(mail.ticket_id),
        "message_id": str(mail.message_id),
    }


def _asked(fact: TicketMailAsked) -> events.TicketMailAsked:
    mail = fact.mail
    return events.TicketMailAsked(
        **_described(mail), kind=mail.kind, asked_at=moment(mail.asked_at)
    )


def _wanted(fact: MailWanted) -> SendMessage:
    mail, wording, message = fact.mail, fact.wording, SendMessage()
    request = message.request
    request.request_id = str(mail.id)
    if mail.person_id is not None:
        request.person_id = str(mail.person_id)
    else:
        request.address = mail.address
    request.channel = "email"
    request.content.subject = wording.subject
    request.content.text, request.content.html = wording.text, wording.html
    request.mail.reply_to, request.mail.in_reply_to = wording.reply_to, wording.in_reply_to
    request.mail.references.extend(wording.references)
    request.mail.auto_submitted = wording.auto_submitted
    request.mail.written_from = wording.written_from
    return message


def _delivered(fact: TicketMailDelivered) -> events.TicketMailDelivered:
    return events.TicketMailDelivered(
        **_described(fact.mail), delivered_at=moment(fact.mail.updated_at)
    )


def _undelivered(fact: TicketMailUndelivered) -> events.TicketMailUndelivered:
    return events.TicketMailUndelivered(
        **_described(fact.mail), reason=fact.mail.state, known_at=moment(fact.mail.updated_at)
    )


OUTBOUND_MAIL_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    TicketMailAsked: _asked,
    MailWanted: _wanted,
    TicketMailDelivered: _delivered,
    TicketMailUndelivered: _undelivered,
}
