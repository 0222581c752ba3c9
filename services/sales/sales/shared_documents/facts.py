"""Facts about shared documents to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from rapport.sales.events.v1 import collaboration_events_pb2 as events
from sales.encoding import id_or_none, moment
from sales.shared_documents.domain import DocumentChanged, DocumentShared, DocumentUnshared


def _shared(fact: DocumentShared) -> events.DocumentShared:
    one = fact.document
    return events.DocumentShared(
        document_id=str(one.id),
        opportunity_id=str(one.opportunity_id),
        kind=one.details.kind,
        shared_by_id=id_or_none(fact.shared_by_id),
        shared_at=moment(one.shared_at),
    )


def _changed(fact: DocumentChanged) -> events.DocumentChanged:
    return events.DocumentChanged(
        document_id=str(fact.document.id),
        opportunity_id=str(fact.document.opportunity_id),
        changed_fields=fact.changed_fields,
    )


def _unshared(fact: DocumentUnshared) -> events.DocumentUnshared:
    return events.DocumentUnshared(
        document_id=str(fact.document.id), opportunity_id=str(fact.document.opportunity_id)
    )


SHARED_DOCUMENT_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    DocumentShared: _shared,
    DocumentChanged: _changed,
    DocumentUnshared: _unshared,
}
