"""Mail to customers over REST: what was sent, and what became of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from desk.outbound_mail import queries
from desk.outbound_mail.domain import Kind, MailState
from desk.transaction import DeskTx

READ = "desk.tickets.read"

outbound_mails = Routes("/v1/desk/outbound-mails", tag="mail")


class OutboundMailOut(BaseModel):
    """A mail to a customer. `person_id` is missing for whoever was not known as a person then.

    `notification_id` is the message in the log of notifications.
    """

    id: UUID
    version: int
    ticket_id: UUID
    message_id: UUID
    kind: Kind
    person_id: UUID | None
    mailbox_id: UUID | None
    state: MailState
    reason: str
    notification_id: UUID | None
    asked_at: datetime
    updated_at: datetime


@outbound_mails.get("", permission=READ, listing=queries.OUTBOUND_MAILS, returns=OutboundMailOut)
def list_outbound_mails(call: Call[DeskTx], listing: Listing) -> Reply:
    """List mails to customers about tickets, the latest first."""
    return Reply(call.read(queries.list_outbound_mails, listing))
