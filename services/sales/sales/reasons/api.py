"""Reasons over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from sales.reasons import operations, queries
from sales.reasons.domain import Reason
from sales.reasons.models import ReasonIn, ReasonOut, ReasonPatch, shown
from sales.transaction import SalesTx

READ = "sales.reasons.read"
WRITE = "sales.reasons.write"

reasons = Routes("/v1/sales/reasons", tag="reasons")


@reasons.get("", permission=READ, listing=queries.REASONS, returns=ReasonOut)
def list_reasons(call: Call[SalesTx], listing: Listing) -> Reply:
    """List why things are lost, returned, paid back or called off."""
    return Reply(call.read(queries.list_reasons, listing))


@reasons.post("", permission=WRITE, body=ReasonIn, returns=ReasonOut, status=201, problems=(409,))
def define_reason(call: Call[SalesTx], body: ReasonIn) -> Response:
    """Define a reason; its kind and its key are for good."""

    def reply(_tx: SalesTx, reason: Reason) -> Reply:
        return Reply.created(f"{reasons.prefix}/{reason.id}", shown(reason), reason.version)

    return call.run(lambda tx: operations.define_reason(tx, body.kind, body.key, body.name), reply)


@reasons.get("/<uuid:reason_id>", permission=READ, returns=ReasonOut)
def get_reason(call: Call[SalesTx], reason_id: UUID) -> Reply:
    """Get a reason."""
    reason = call.read(queries.get_reason, reason_id)
    return Reply(reason, version=reason["version"])


@reasons.patch("/<uuid:reason_id>", permission=WRITE, body=ReasonPatch, returns=ReasonOut)
def rename_reason(call: Call[SalesTx], body: ReasonPatch, reason_id: UUID) -> Response:
    """Call a reason something else."""
    return call.run(lambda tx: operations.rename_reason(tx, reason_id, body.name), _shown)


@reasons.delete("/<uuid:reason_id>", permission=WRITE)
def archive_reason(call: Call[SalesTx], reason_id: UUID) -> Response:
    """Archive a reason; where it was given it stays."""
    return call.run(
        lambda tx: operations.archive_reason(tx, reason_id), lambda _tx, _reason: Reply.nothing()
    )


@reasons.post("/<uuid:reason_id>/restore", permission=WRITE, returns=ReasonOut)
def restore_reason(call: Call[SalesTx], reason_id: UUID) -> Response:
    """Take an archived reason back into use."""
    return call.run(lambda tx: operations.restore_reason(tx, reason_id), _shown)


def _shown(_tx: SalesTx, reason: Reason) -> Reply:
    return Reply(shown(reason), version=reason.version)
