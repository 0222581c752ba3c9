"""Shared documents as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from sales.names import Key, Line
from sales.shared_documents.domain import DocumentDetails, SharedDocument


class DocumentIn(Body):
    """A document, by the `https` address of where it is kept; sales never opens it."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    kind: Key
    url: Annotated[str, Field(min_length=1, max_length=2_000)]
    note: Line = ""


class DocumentPatch(Patch, DocumentIn):
    """What may change about a shared document."""

    name: Annotated[str, Field(min_length=1, max_length=200)] = ""
    kind: Key = "other"
    url: Annotated[str, Field(min_length=1, max_length=2_000)] = ""


class DocumentOut(BaseModel):
    """A shared document. `shared_by` is who has shared it, `user:…` or `client:…`."""

    id: UUID
    version: int
    opportunity_id: UUID
    name: str
    kind: str
    url: str
    note: str
    shared_by: str
    shared_at: datetime
    updated_at: datetime


def details_in(body: DocumentIn) -> DocumentDetails:
    """The details that a body gives."""
    return DocumentDetails(body.name, body.kind, body.url, body.note)


def changes_of(body: DocumentPatch) -> dict[str, Any]:
    """What a body mentions, as fields of the details."""
    return {name: getattr(body, name) for name in body.model_fields_set}


def shown(one: SharedDocument) -> dict[str, Any]:
    """A document as the API shows one, without reading it back."""
    own = ("id", "version", "opportunity_id", "shared_by", "shared_at", "updated_at")
    return {
        **{name: getattr(one, name) for name in own},
        **{name: getattr(one.details, name) for name in ("name", "kind", "url", "note")},
    }
