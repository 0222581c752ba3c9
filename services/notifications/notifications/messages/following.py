"""What becomes of messages when people are merged, erased or say yes, and what others ask to send."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from google.protobuf.json_format import MessageToDict
from google.protobuf.timestamp_pb2 import Timestamp

from chassis.domain import Invalid
from chassis.events.reactions import Envelope, Reactions
from chassis.storage.statements import Statement
from notifications.delivery.recipients import forget
from notifications.feed.erased import are_erased
from notifications.mail_threads.domain import MailThread
from notifications.messages import erasure
from notifications.messages.domain import Content, Order, Recipient, Schedule
from notifications.messages.operations import queue_message, sealed_address
from notifications.providers.mail import is_address
from notifications.rules.storage import firings_are_of_both
from notifications.suppressions.operations import allow_again
from notifications.transaction import NotificationsTx
from rapport.contacts.events.v1.consent_events_pb2 import ConsentGranted, PurposeDefined
from rapport.contacts.events.v1.person_events_pb2 import (
    PersonChanged,
    PersonDeleted,
    PersonErased,
    PersonMerged,
    PersonUnmerged,
)
from rapport.contacts.requests.v1.send_message_pb2 import SendMessage
from rapport.contacts.v1.consent_pb2 import LegalBasis
from rapport.desk.requests.v1.send_message_pb2 import SendMessage as DeskSendMessage
from rapport.loyalty.requests.v1.send_message_pb2 import SendMessage as LoyaltySendMessage
from rapport.notifications.v1.message_request_pb2 import MessageRequest
from rapport.sales.requests.v1.send_message_pb2 import SendMessage as SalesSendMessage


def follow_contacts(reactions: Reactions) -> None:
    """Have messages follow what contacts says and asks for."""
    reactions.on(PurposeDefined, on_purpose_defined, "projection")
    reactions.on(PersonChanged, on_person_changed)
    reactions.on(PersonMerged, on_person_merged)
    reactions.on(PersonUnmerged, on_person_unmerged)
    # A projection, so that a replay reaches it: whoever an older state has brought back goes again.
    reactions.on(PersonErased, on_person_erased, "projection")
    reactions.on(PersonDeleted, on_person_deleted, "projection")
    reactions.on(ConsentGranted, on_consent_granted)
    reactions.on(SendMessage, on_send_message)


def follow_sales(reactions: Reactions) -> None:
    """Do what sales asks for."""
    reactions.on(SalesSendMessage, on_send_message)


def follow_loyalty(reactions: Reactions) -> None:
    """Do what loyalty asks for."""
    reactions.on(LoyaltySendMessage, on_send_message)


def follow_desk(reactions: Reactions) -> None:
    """Do what desk asks for."""
    reactions.on(DeskSendMessage, on_send_message)


def on_purpose_defined(tx: NotificationsTx, fact: PurposeDefined, envelope: Envelope) -> None:
    """Keep which purposes are promotional, for when contacts does not answer."""
    about = {
        "tenant_id": tx.tenant_id,
        "key": fact.key,
        "version": envelope.aggregate_version,
        "promotional": fact.promotional,
        "archived": fact.archived,
    }
    tx.write(_PURPOSE, about)


def on_person_changed(tx: NotificationsTx, fact: PersonChanged, _envelope: Envelope) -> None:
    """Ask again before the next message: an address may be another."""
    forget(tx, UUID(fact.person_id))


def on_person_merged(tx: NotificationsTx, fact: PersonMerged, _envelope: Envelope) -> None:
    """Have messages and suppressions of the one who is gone belong to the one who is left.

    And rules tell neither again what they have told the other, which stays so after an unmerge.
    """
    about = {
        "tenant_id": tx.tenant_id,
        "merge_id": UUID(fact.merge_id),
        "from": UUID(fact.merged_person_id),
        "to": UUID(fact.person_id),
    }
    for statement in _MERGE:
        tx.write(statement, about)
    firings_are_of_both(tx, about["from"], about["to"])
    forget(tx, about["from"])
    forget(tx, about["to"])


def on_person_unmerged(tx: NotificationsTx, fact: PersonUnmerged, _envelope: Envelope) -> None:
    """Give back what was moved; what came after the merge stays."""
    about = {
        "tenant_id": tx.tenant_id,
        "merge_id": UUID(fact.merge_id),
        "from": UUID(fact.person_id),
        "to": UUID(fact.unmerged_person_id),
    }
    for statement in _UNMERGE:
        tx.write(statement, about)
    forget(tx, about["from"])


def on_person_erased(tx: NotificationsTx, fact: PersonErased, _envelope: Envelope) -> None:
    """Keep nothing that names the person, or the people merged into them."""
    for person_id in (fact.person_id, *fact.merged_person_ids):
        erasure.erase_person(tx, UUID(person_id))


def on_person_deleted(tx: NotificationsTx, fact: PersonDeleted, _envelope: Envelope) -> None:
    """The same for somebody who should never have been there."""
    erasure.erase_person(tx, UUID(fact.person_id))


def on_consent_granted(tx: NotificationsTx, fact: ConsentGranted, envelope: Envelope) -> None:
    """A yes that was said after unsubscribing counts again; other legal bases are no yes."""
    if fact.legal_basis == LegalBasis.LEGAL_BASIS_CONSENT:
        person_id = UUID(fact.person_id)
        allow_again(tx, person_id, fact.channel, fact.purpose, said_at=envelope.occurred_at)


def on_send_message(
    tx: NotificationsTx,
    request: SendMessage | SalesSendMessage | LoyaltySendMessage | DeskSendMessage,
    envelope: Envelope,
) -> None:
    """Queue what another service asks for, once for each request.

    Of a request for somebody erased, which comes late, the words are not kept; it is held back as
    every message to somebody who is gone.
    """
    order = order_of_request(request.request, envelope)
    if request.request.WhichOneof("recipient") == "address":
        order = replace(order, recipient=sealed_address(tx, _address(request.request.address)))
    person_id = order.recipient.person_id
    if person_id is not None and are_erased(tx, [person_id]):
        order = replace(order, variables={}, content=None)
    elif person_id is not None and request.request.mail.written_from:
        sealed = sealed_address(tx, _address(request.request.mail.written_from)).address
        order = replace(order, recipient=replace(order.recipient, address=sealed))
    # One that is late by now was in time when it was asked for: it belongs into the log, and not among dead letters.
    queue_message(tx, order, asked_at=envelope.occurred_at)


def order_of_request(request: MessageRequest, envelope: Envelope) -> Order:
    """What a request amounts to. Raises `Invalid` for one that nobody can fulfil."""
    try:
        recipient = Recipient(
            UUID(request.person_id) if request.WhichOneof("recipient") == "person_id" else None,
            UUID(request.user_id) if request.WhichOneof("recipient") == "user_id" else None,
            request.contact_point_id,
        )
        request_id = str(UUID(request.request_id))
    except ValueError:
        message = "The request's ids are no UUIDs."
        raise Invalid.at("/request_id", "not_a_uuid", message) from None
    return Order(
        recipient=recipient,
        channel=request.channel or "email",
        purpose=request.purpose,
        template=request.template,
        variables=MessageToDict(request.variables),
        schedule=Schedule(
            send_at=_moment(request.send_at) if request.HasField("send_at") else None,
            expires_at=_moment(request.expires_at) if request.HasField("expires_at") else None,
        ),
        request_id=request_id,
        cause=str(envelope.id),
        content=_content(request),
        mail_thread=_thread(request),
    )


def _address(address: str) -> str:
    if not is_address(address):
        message = "That is no e-mail address."
        raise Invalid.at("/address", "not_an_address", message)
    return address


def _content(request: MessageRequest) -> Content | None:
    if not request.HasField("content"):
        return None
    return Content(request.content.subject, request.content.text, request.content.html)


def _thread(request: MessageRequest) -> MailThread | None:
    if not request.HasField("mail"):
        return None
    mail = request.mail
    return MailThread(mail.reply_to, mail.in_reply_to, tuple(mail.references), mail.auto_submitted)


def _moment(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(UTC)


_PURPOSE = Statement(
    """
    INSERT INTO purposes (tenant_id, key, version, promotional, archived)
    VALUES (%(tenant_id)s, %(key)s, %(version)s, %(promotional)s, %(archived)s)
    ON CONFLICT (tenant_id, key) DO UPDATE SET version = excluded.version,
        promotional = excluded.promotional, archived = excluded.archived
    WHERE purposes.version < excluded.version
    """
)
_MOVING = ("messages", "suppressions", "push_subscriptions")
_MERGE: Sequence[Statement] = tuple(
    Statement(
        f"""
        WITH moved AS (
            UPDATE {table} SET person_id = %(to)s
            WHERE tenant_id = %(tenant_id)s AND person_id = %(from)s RETURNING id
        )
        INSERT INTO message_moves (tenant_id, merge_id, kind, record_id)
        SELECT %(tenant_id)s, %(merge_id)s, '{table}', id FROM moved ON CONFLICT DO NOTHING
        """  # noqa: S608 - our own tables
    )
    for table in _MOVING
)
_UNMERGE: Sequence[Statement] = tuple(
    Statement(
        f"""
        WITH moved AS (
            DELETE FROM message_moves WHERE tenant_id = %(tenant_id)s
                AND merge_id = %(merge_id)s AND kind = '{table}' RETURNING record_id
        )
        UPDATE {table} SET person_id = %(to)s FROM moved
        WHERE {table}.tenant_id = %(tenant_id)s AND {table}.id = moved.record_id
            AND {table}.person_id = %(from)s
        """  # noqa: S608 - our own tables
    )
    for table in _MOVING
)
