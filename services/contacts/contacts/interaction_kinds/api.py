"""Kinds of interactions over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from contacts.interaction_kinds import operations, queries
from contacts.interaction_kinds.domain import InteractionKind
from contacts.interaction_kinds.models import (
    InteractionKindIn,
    InteractionKindOut,
    InteractionKindPatch,
    changed,
    definition_in,
    shown,
)
from contacts.transaction import ContactsTx

READ = "contacts.interaction_kinds.read"
WRITE = "contacts.interaction_kinds.write"

interaction_kinds = Routes("/v1/contacts/interaction-kinds", tag="interaction kinds")


@interaction_kinds.get("", permission=READ, listing=queries.KINDS, returns=InteractionKindOut)
def list_interaction_kinds(call: Call[ContactsTx], listing: Listing) -> Reply:
    """List the kinds of interactions: those of the platform and the tenant's own."""
    return Reply(call.read(queries.list_kinds, listing))


@interaction_kinds.post(
    "", permission=WRITE, body=InteractionKindIn, returns=InteractionKindOut, status=201
)
def define_interaction_kind(call: Call[ContactsTx], body: InteractionKindIn) -> Response:
    """Define a kind of interactions; its key is for good."""
    definition = definition_in(body)

    def reply(_tx: ContactsTx, kind: InteractionKind) -> Reply:
        location = f"{interaction_kinds.prefix}/{kind.id}"
        return Reply.created(location, shown(kind), kind.version)

    return call.run(lambda tx: operations.define_kind(tx, definition), reply)


@interaction_kinds.get("/<uuid:kind_id>", permission=READ, returns=InteractionKindOut)
def get_interaction_kind(call: Call[ContactsTx], kind_id: UUID) -> Reply:
    """Get a kind of interactions."""
    kind = call.read(queries.get_kind, kind_id)
    return Reply(kind, version=kind["version"])


@interaction_kinds.patch(
    "/<uuid:kind_id>", permission=WRITE, body=InteractionKindPatch, returns=InteractionKindOut
)
def redefine_interaction_kind(
    call: Call[ContactsTx], body: InteractionKindPatch, kind_id: UUID
) -> Response:
    """Change a kind, the platform's too; interactions stay as they were recorded."""
    return call.run(
        lambda tx: operations.redefine_kind(tx, kind_id, lambda old: changed(old, body)), _shown
    )


@interaction_kinds.delete("/<uuid:kind_id>", permission=WRITE)
def archive_interaction_kind(call: Call[ContactsTx], kind_id: UUID) -> Response:
    """Archive a kind: it takes no new interactions, and those that there are stay."""
    return call.run(
        lambda tx: operations.archive_kind(tx, kind_id), lambda _tx, _kind: Reply.nothing()
    )


@interaction_kinds.post("/<uuid:kind_id>/restore", permission=WRITE, returns=InteractionKindOut)
def restore_interaction_kind(call: Call[ContactsTx], kind_id: UUID) -> Response:
    """Take an archived kind back into use."""
    return call.run(lambda tx: operations.restore_kind(tx, kind_id), _shown)


def _shown(_tx: ContactsTx, kind: InteractionKind) -> Reply:
    return Reply(shown(kind), version=kind.version)
