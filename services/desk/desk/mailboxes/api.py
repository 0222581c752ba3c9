"""Mailboxes over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from desk.mailboxes import operations, queries
from desk.mailboxes.domain import Mailbox
from desk.mailboxes.models import (
    MailboxIn,
    MailboxOut,
    MailboxPatch,
    MailboxWithSecretOut,
    changed,
    details_in,
    shown,
)
from desk.transaction import DeskTx

READ = "desk.mailboxes.read"
WRITE = "desk.mailboxes.write"
_ONE = "/<uuid:mailbox_id>"

mailboxes = Routes("/v1/desk/mailboxes", tag="mail")


@mailboxes.get("", permission=READ, listing=queries.MAILBOXES, returns=MailboxOut)
def list_mailboxes(call: Call[DeskTx], listing: Listing) -> Reply:
    """List the addresses that customers write to."""
    return Reply(call.read(queries.list_mailboxes, listing))


@mailboxes.post(
    "", permission=WRITE, body=MailboxIn, returns=MailboxWithSecretOut, status=201, problems=(409,)
)
def create_mailbox(call: Call[DeskTx], body: MailboxIn) -> Response:
    """Have customers write to an address; the secret is shown this once."""

    def reply(_tx: DeskTx, made: tuple[Mailbox, str]) -> Reply:
        mailbox, secret = made
        location = f"{mailboxes.prefix}/{mailbox.id}"
        reply = Reply.created(location, {**shown(mailbox), "secret": secret}, mailbox.version)
        reply.secrets = ("secret",)
        return reply

    details = details_in(body)
    return call.run(lambda tx: operations.create_mailbox(tx, body.address, details), reply)


@mailboxes.get(_ONE, permission=READ, returns=MailboxOut)
def get_mailbox(call: Call[DeskTx], mailbox_id: UUID) -> Reply:
    """Get a mailbox."""
    mailbox = call.read(queries.get_mailbox, mailbox_id)
    return Reply(shown(mailbox), version=mailbox.version)


@mailboxes.patch(_ONE, permission=WRITE, body=MailboxPatch, returns=MailboxOut, problems=(409,))
def change_mailbox(call: Call[DeskTx], body: MailboxPatch, mailbox_id: UUID) -> Response:
    """Change how mail to an address is taken in."""
    return call.run(
        lambda tx: operations.change_mailbox(tx, mailbox_id, lambda old: changed(old, body)),
        lambda _tx, mailbox: Reply(shown(mailbox), version=mailbox.version),
    )


@mailboxes.post(
    f"{_ONE}/rotate-secret", permission=WRITE, returns=MailboxWithSecretOut, problems=(409,)
)
def rotate_mailbox_secret(call: Call[DeskTx], mailbox_id: UUID) -> Response:
    """Give a mailbox another secret, shown this once; the one before is good for a day."""

    def reply(_tx: DeskTx, made: tuple[Mailbox, str]) -> Reply:
        mailbox, secret = made
        body = {**shown(mailbox), "secret": secret}
        return Reply(body, version=mailbox.version, secrets=("secret",))

    return call.run(lambda tx: operations.rotate_secret(tx, mailbox_id), reply)


@mailboxes.delete(_ONE, permission=WRITE)
def archive_mailbox(call: Call[DeskTx], mailbox_id: UUID) -> Response:
    """Take no mail to an address any more."""
    return call.run(
        lambda tx: operations.archive_mailbox(tx, mailbox_id), lambda _tx, _: Reply.nothing()
    )


@mailboxes.post(f"{_ONE}/restore", permission=WRITE, returns=MailboxOut, problems=(409,))
def restore_mailbox(call: Call[DeskTx], mailbox_id: UUID) -> Response:
    """Take mail to the address of an archived mailbox again, by the secret that it had."""
    return call.run(
        lambda tx: operations.restore_mailbox(tx, mailbox_id),
        lambda _tx, mailbox: Reply(shown(mailbox), version=mailbox.version),
    )
