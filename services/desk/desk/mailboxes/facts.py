"""Facts about mailboxes to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from desk.encoding import id_or_none, moment
from desk.mailboxes.domain import (
    Mailbox,
    MailboxArchived,
    MailboxChanged,
    MailboxCreated,
    MailboxRestored,
    MailboxSecretRotated,
)
from rapport.desk.events.v1 import mailbox_events_pb2 as events


def _described(mailbox: Mailbox) -> dict[str, Any]:
    return {
        "mailbox_id": str(mailbox.id),
        "queue_id": id_or_none(mailbox.details.queue_id),
        "acknowledges": mailbox.details.acknowledges,
    }


def _created(fact: MailboxCreated) -> events.MailboxCreated:
    return events.MailboxCreated(
        **_described(fact.mailbox), created_at=moment(fact.mailbox.created_at)
    )


def _changed(fact: MailboxChanged) -> events.MailboxChanged:
    return events.MailboxChanged(
        **_described(fact.mailbox),
        changed_fields=fact.changed_fields,
        changed_at=moment(fact.mailbox.updated_at),
    )


def _rotated(fact: MailboxSecretRotated) -> events.MailboxSecretRotated:
    return events.MailboxSecretRotated(mailbox_id=str(fact.mailbox_id), rotated_at=moment(fact.at))


def _archived(fact: MailboxArchived) -> events.MailboxArchived:
    return events.MailboxArchived(mailbox_id=str(fact.mailbox_id), archived_at=moment(fact.at))


def _restored(fact: MailboxRestored) -> events.MailboxRestored:
    return events.MailboxRestored(mailbox_id=str(fact.mailbox_id), restored_at=moment(fact.at))


MAILBOX_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    MailboxCreated: _created,
    MailboxChanged: _changed,
    MailboxSecretRotated: _rotated,
    MailboxArchived: _archived,
    MailboxRestored: _restored,
}
