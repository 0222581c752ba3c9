"""What users do to shared documents; each function is one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from chassis.domain import Conflict, NotFound
from sales.opportunities.queries import within_reach
from sales.shared_documents.domain import MOST_DOCUMENTS, DocumentDetails, SharedDocument
from sales.transaction import SalesTx


def share_document(tx: SalesTx, opportunity_id: UUID, details: DocumentDetails) -> SharedDocument:
    """Share a link with all who see an opportunity. Raises `NotFound`, `Invalid`, `Conflict`."""
    within_reach(tx, opportunity_id)
    if tx.shared_documents.count(opportunity_id) >= MOST_DOCUMENTS:
        message = f"At most {MOST_DOCUMENTS} documents are shared on an opportunity."
        raise Conflict(message, code="too_many_documents")
    now = tx.clock.now()
    shared = SharedDocument(
        id=tx.ids.new(),
        opportunity_id=opportunity_id,
        details=details,
        shared_by=tx.caller.actor,
        shared_at=now,
        updated_at=now,
    )
    shared.share(tx.caller.user_id)
    tx.shared_documents.add(shared)
    return shared


def change_document(
    tx: SalesTx, opportunity_id: UUID, document_id: UUID, changes: Mapping[str, Any]
) -> SharedDocument:
    """Change what is mentioned. Raises `NotFound`, `Invalid`, `Conflict` for a link twice."""
    document = _found(tx, opportunity_id, document_id)
    document.change(replace(document.details, **changes), tx.clock.now())
    return document


def unshare_document(tx: SalesTx, opportunity_id: UUID, document_id: UUID) -> None:
    """Share it no more. Raises `NotFound`."""
    document = _found(tx, opportunity_id, document_id)
    document.unshare()
    tx.shared_documents.remove(document)


def _found(tx: SalesTx, opportunity_id: UUID, document_id: UUID) -> SharedDocument:
    within_reach(tx, opportunity_id)
    document = tx.shared_documents.get(document_id)
    if document.opportunity_id != opportunity_id:
        raise NotFound.of("document", document_id)
    return document
