"""Types of requests for approval over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from sales.approval_types import operations, queries
from sales.approval_types.domain import ApprovalType
from sales.approval_types.models import (
    ApprovalTypeIn,
    ApprovalTypeOut,
    ApprovalTypePatch,
    changed,
    definition_in,
    shown,
)
from sales.transaction import SalesTx

READ = "sales.approval_types.read"
WRITE = "sales.approval_types.write"

approval_types = Routes("/v1/sales/approval-types", tag="approval requests")


@approval_types.get("", permission=READ, listing=queries.APPROVAL_TYPES, returns=ApprovalTypeOut)
def list_approval_types(call: Call[SalesTx], listing: Listing) -> Reply:
    """List what may be asked for, by key."""
    return Reply(call.read(queries.list_approval_types, listing))


@approval_types.post(
    "",
    permission=WRITE,
    body=ApprovalTypeIn,
    returns=ApprovalTypeOut,
    status=201,
    problems=(409,),
)
def define_approval_type(call: Call[SalesTx], body: ApprovalTypeIn) -> Response:
    """Define what may be asked for, what has to be said, and who has to approve it."""
    definition = definition_in(body)

    def reply(_tx: SalesTx, kind: ApprovalType) -> Reply:
        return Reply.created(f"{approval_types.prefix}/{kind.id}", shown(kind), kind.version)

    return call.run(lambda tx: operations.define_approval_type(tx, body.key, definition), reply)


@approval_types.get("/<uuid:approval_type_id>", permission=READ, returns=ApprovalTypeOut)
def get_approval_type(call: Call[SalesTx], approval_type_id: UUID) -> Reply:
    """Get a type of requests for approval."""
    kind = call.read(queries.get_approval_type, approval_type_id)
    return Reply(kind, version=kind["version"])


@approval_types.patch(
    "/<uuid:approval_type_id>",
    permission=WRITE,
    body=ApprovalTypePatch,
    returns=ApprovalTypeOut,
    problems=(409,),
)
def redefine_approval_type(
    call: Call[SalesTx], body: ApprovalTypePatch, approval_type_id: UUID
) -> Response:
    """Change a type; it holds for what is submitted from now on."""
    return call.run(
        lambda tx: operations.redefine_approval_type(
            tx, approval_type_id, lambda old: changed(old, body)
        ),
        _shown,
    )


@approval_types.delete("/<uuid:approval_type_id>", permission=WRITE)
def archive_approval_type(call: Call[SalesTx], approval_type_id: UUID) -> Response:
    """Archive a type; what was submitted goes on."""
    return call.run(
        lambda tx: operations.archive_approval_type(tx, approval_type_id),
        lambda _tx, _kind: Reply.nothing(),
    )


@approval_types.post("/<uuid:approval_type_id>/restore", permission=WRITE, returns=ApprovalTypeOut)
def restore_approval_type(call: Call[SalesTx], approval_type_id: UUID) -> Response:
    """Take an archived type back into use."""
    return call.run(lambda tx: operations.restore_approval_type(tx, approval_type_id), _shown)


def _shown(_tx: SalesTx, kind: ApprovalType) -> Reply:
    return Reply(shown(kind), version=kind.version)
