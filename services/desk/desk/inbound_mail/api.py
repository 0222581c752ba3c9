"""Mail from customers over REST: what came, what became of it, and what is held back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import Response
from pydantic import BaseModel

from chassis.http.call import Call
from chassis.http.reply import Reply, Stream
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from desk.attachments.files import FileStore
from desk.inbound_mail import operations, queries
from desk.inbound_mail.domain import Outcome
from desk.inbound_mail.flows import MailIntake
from desk.transaction import DeskTx

READ = "desk.tickets.read"
DECIDE = "desk.mail.decide"
_ONE = "/<uuid:mail_id>"


class InboundMailOut(BaseModel):
    """A mail from a customer.

    `reply_to` is where answers go, if not to the sender, `left_out` what files were called that are
    not kept.
    """

    id: UUID
    version: int
    mailbox_id: UUID
    header_id: str
    sender: str
    sender_name: str
    reply_to: str
    subject: str
    automatic: bool
    left_out: list[str]
    outcome: Outcome
    reason: str
    ticket_id: UUID | None
    message_id: UUID | None
    received_at: datetime
    decided_at: datetime


def inbound_mail_routes(intake: MailIntake, raw: FileStore) -> Routes:
    """The routes of mail from customers, which is kept in `raw` as it came."""
    routes = Routes("/v1/desk/inbound-mails", tag="mail")

    @routes.get("", permission=READ, listing=queries.INBOUND_MAILS, returns=InboundMailOut)
    def list_inbound_mails(call: Call[DeskTx], listing: Listing) -> Reply:
        """List mails from customers, the latest first."""
        return Reply(call.read(queries.list_inbound_mails, listing))

    @routes.get(_ONE, permission=READ, returns=InboundMailOut)
    def get_inbound_mail(call: Call[DeskTx], mail_id: UUID) -> Reply:
        """Get what is known of a mail."""
        mail = call.read(queries.get_inbound_mail, mail_id)
        return Reply(queries.shown(mail), version=mail.version)

    @routes.get(f"{_ONE}/content", permission=READ, media_type="message/rfc822")
    def get_inbound_mail_content(call: Call[DeskTx], mail_id: UUID) -> Stream:
        """Get a mail as it came, to be saved; it is kept for 30 days."""
        mail = call.read(queries.get_inbound_mail, mail_id)
        pieces = raw.read(_tenant_of(call), mail.id)
        head = {
            "Content-Disposition": f'attachment; filename="{mail_id}.eml"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "private, no-store",
        }
        return Stream(pieces, "message/rfc822", head)

    @routes.post(f"{_ONE}/release", permission=DECIDE, returns=InboundMailOut, problems=(409,))
    def release_inbound_mail(call: Call[DeskTx], mail_id: UUID) -> Response:
        """Let a mail through that was held back: it goes where it would have gone."""
        call.check_headers()
        mail = call.read(queries.get_inbound_mail, mail_id)
        with intake.prepared(_tenant_of(call), mail) as (mailbox, arrived):
            return call.run(
                lambda tx: operations.release(tx, mailbox, arrived),
                lambda _tx, one: Reply(queries.shown(one), version=one.version),
            )

    @routes.post(f"{_ONE}/discard", permission=DECIDE, returns=InboundMailOut, problems=(409,))
    def discard_inbound_mail(call: Call[DeskTx], mail_id: UUID) -> Response:
        """Throw a mail away that was held back."""

        def discarded(tx: DeskTx) -> object:
            queries.get_inbound_mail(tx, mail_id)
            return queries.shown(operations.discard(tx, mail_id))

        return call.run(discarded, lambda _tx, one: Reply(one))

    return routes


def _tenant_of(call: Call[DeskTx]) -> UUID:
    if call.caller.tenant_id is None:
        raise RuntimeError("mail is a tenant's")
    return call.caller.tenant_id
