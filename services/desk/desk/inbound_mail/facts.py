"""Facts about mail from customers to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.encoding import id_or_none, moment
from desk.inbound_mail.domain import InboundMail, MailDiscarded, MailReceived, MailReleased
from rapport.desk.events.v1 import mail_events_pb2 as events


def _described(mail: InboundMail) -> dict[str, Any]:
    return {"mail_id": str(mail.id), "mailbox_id": str(mail.mailbox_id)}


def _received(fact: MailReceived) -> events.MailReceived:
    mail = fact.mail
    return events.MailReceived(
        **_described(mail),
        outcome=mail.landing.outcome,
        reason=mail.landing.reason,
        ticket_id=id_or_none(mail.landing.ticket_id),
        received_at=moment(mail.received_at),
    )


def _released(fact: MailReleased) -> events.MailReleased:
    mail = fact.mail
    return events.MailReleased(
        **_described(mail),
        outcome=mail.landing.outcome,
        ticket_id=id_or_none(mail.landing.ticket_id),
        released_at=moment(mail.decided_at),
    )


def _discarded(fact: MailDiscarded) -> events.MailDiscarded:
    return events.MailDiscarded(**_described(fact.mail), discarded_at=moment(fact.mail.decided_at))


INBOUND_MAIL_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    MailReceived: _received,
    MailReleased: _released,
    MailDiscarded: _discarded,
}
