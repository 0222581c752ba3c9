"""Purposes over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from contacts.purposes import operations, queries
from contacts.purposes.domain import Purpose
from contacts.purposes.models import (
    PurposeIn,
    PurposeOut,
    PurposePatch,
    changed,
    definition_in,
    shown,
)
from contacts.purposes.queries import READ
from contacts.transaction import ContactsTx

WRITE = "contacts.purposes.write"

purposes = Routes("/v1/contacts/purposes", tag="consents")


@purposes.get("", permission=READ, listing=queries.PURPOSES, returns=PurposeOut)
def list_purposes(call: Call[ContactsTx], listing: Listing) -> Reply:
    """List what people are written to for: the platform's purposes and the tenant's own."""
    return Reply(call.read(queries.list_purposes, listing))


@purposes.post("", permission=WRITE, body=PurposeIn, returns=PurposeOut, status=201)
def define_purpose(call: Call[ContactsTx], body: PurposeIn) -> Response:
    """Define a purpose; its key is for good."""
    definition = definition_in(body)

    def reply(_tx: ContactsTx, purpose: Purpose) -> Reply:
        return Reply.created(f"{purposes.prefix}/{purpose.id}", shown(purpose), purpose.version)

    return call.run(lambda tx: operations.define_purpose(tx, definition), reply)


@purposes.get("/<uuid:purpose_id>", permission=READ, returns=PurposeOut)
def get_purpose(call: Call[ContactsTx], purpose_id: UUID) -> Reply:
    """Get a purpose."""
    purpose = call.read(queries.get_purpose, purpose_id)
    return Reply(purpose, version=purpose["version"])


@purposes.patch("/<uuid:purpose_id>", permission=WRITE, body=PurposePatch, returns=PurposeOut)
def redefine_purpose(call: Call[ContactsTx], body: PurposePatch, purpose_id: UUID) -> Response:
    """Change a purpose, the platform's too; what people have said stays said."""
    return call.run(
        lambda tx: operations.redefine_purpose(tx, purpose_id, lambda old: changed(old, body)),
        _shown,
    )


@purposes.delete("/<uuid:purpose_id>", permission=WRITE)
def archive_purpose(call: Call[ContactsTx], purpose_id: UUID) -> Response:
    """Archive a purpose: nothing new is sent for it, and consents can only be withdrawn."""
    return call.run(
        lambda tx: operations.archive_purpose(tx, purpose_id),
        lambda _tx, _purpose: Reply.nothing(),
    )


@purposes.post("/<uuid:purpose_id>/restore", permission=WRITE, returns=PurposeOut)
def restore_purpose(call: Call[ContactsTx], purpose_id: UUID) -> Response:
    """Take an archived purpose back into use."""
    return call.run(lambda tx: operations.restore_purpose(tx, purpose_id), _shown)


def _shown(_tx: ContactsTx, purpose: Purpose) -> Reply:
    return Reply(shown(purpose), version=purpose.version)
