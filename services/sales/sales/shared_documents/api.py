"""Shared documents over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from sales.shared_documents import operations, queries
from sales.shared_documents.domain import SharedDocument
from sales.shared_documents.models import (
    DocumentIn,
    DocumentOut,
    DocumentPatch,
    changes_of,
    details_in,
    shown,
)
from sales.transaction import SalesTx

READ = "sales.opportunities.read"
WRITE = "sales.opportunities.write"

shared_documents = Routes(
    "/v1/sales/opportunities/<uuid:opportunity_id>/documents", tag="opportunities"
)


@shared_documents.get("", permission=READ, listing=queries.DOCUMENTS, returns=DocumentOut)
def list_shared_documents(call: Call[SalesTx], listing: Listing, opportunity_id: UUID) -> Reply:
    """List the documents that are shared on an opportunity, the latest first."""
    return Reply(call.read(queries.list_documents, opportunity_id, listing))


@shared_documents.post(
    "", permission=WRITE, body=DocumentIn, returns=DocumentOut, status=201, problems=(409,)
)
def share_document(call: Call[SalesTx], body: DocumentIn, opportunity_id: UUID) -> Response:
    """Share a link to a document with all who see an opportunity."""

    def reply(_tx: SalesTx, one: SharedDocument) -> Reply:
        location = f"/v1/sales/opportunities/{opportunity_id}/documents/{one.id}"
        return Reply.created(location, shown(one), one.version)

    return call.run(
        lambda tx: operations.share_document(tx, opportunity_id, details_in(body)), reply
    )


@shared_documents.get("/<uuid:document_id>", permission=READ, returns=DocumentOut)
def get_shared_document(call: Call[SalesTx], opportunity_id: UUID, document_id: UUID) -> Reply:
    """Get a shared document."""
    one = call.read(queries.get_document, opportunity_id, document_id)
    return Reply(one, version=one["version"])


@shared_documents.patch(
    "/<uuid:document_id>",
    permission=WRITE,
    body=DocumentPatch,
    returns=DocumentOut,
    problems=(409,),
)
def change_shared_document(
    call: Call[SalesTx], body: DocumentPatch, opportunity_id: UUID, document_id: UUID
) -> Response:
    """Change what is mentioned of a shared document."""
    changes = changes_of(body)
    return call.run(
        lambda tx: operations.change_document(tx, opportunity_id, document_id, changes),
        lambda _tx, one: Reply(shown(one), version=one.version),
    )


@shared_documents.delete("/<uuid:document_id>", permission=WRITE)
def unshare_document(call: Call[SalesTx], opportunity_id: UUID, document_id: UUID) -> Response:
    """Share a document no more; it stays where it is kept."""
    return call.run(
        lambda tx: operations.unshare_document(tx, opportunity_id, document_id),
        lambda _tx, _nothing: Reply.nothing(),
    )
