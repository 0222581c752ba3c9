"""Facts about attachments to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.attachments.domain import AttachmentAttached, AttachmentRemoved, AttachmentStored
from desk.encoding import moment
from rapport.desk.events.v1 import attachment_events_pb2 as events


def _stored(fact: AttachmentStored) -> events.AttachmentStored:
    one = fact.attachment
    return events.AttachmentStored(
        attachment_id=str(one.id),
        content_type=one.content_type,
        size=one.size,
        stored_at=moment(one.uploaded_at),
    )


def _attached(fact: AttachmentAttached) -> events.AttachmentAttached:
    return events.AttachmentAttached(
        attachment_id=str(fact.attachment.id),
        ticket_id=str(fact.ticket_id),
        message_id=str(fact.attachment.message_id),
        attached_at=moment(fact.at),
    )


def _removed(fact: AttachmentRemoved) -> events.AttachmentRemoved:
    return events.AttachmentRemoved(
        attachment_id=str(fact.attachment.id), removed_at=moment(fact.at)
    )


ATTACHMENT_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    AttachmentStored: _stored,
    AttachmentAttached: _attached,
    AttachmentRemoved: _removed,
}
