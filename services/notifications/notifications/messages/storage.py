"""How messages are kept, and their places in the queue: one narrow row for each that is still open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import time
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.telemetry.tracing import current_traceparent
from notifications.mail_threads.domain import MailThread
from notifications.messages.domain import (
    Content,
    Digest,
    Message,
    Order,
    Recipient,
    Schedule,
    State,
)

REQUEST_UNIQUE = "messages_request_unique"
"""The constraint that is broken when the same request comes in twice at the same moment."""
TRANSACTIONAL_LANE, PROMOTIONAL_LANE = 0, 1

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_key = sa.Text(collation="C")

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("person_id", _uuid),
    sa.Column("user_id", _uuid),
    sa.Column("contact_point_id", sa.Text, nullable=False),
    sa.Column("address", sa.LargeBinary),
    sa.Column("fingerprint", sa.LargeBinary),
    sa.Column("channel", _key, nullable=False),
    sa.Column("purpose", _key, nullable=False),
    sa.Column("template", _key, nullable=False),
    sa.Column("variables", sa.JSON, nullable=False),
    sa.Column("content", sa.JSON(none_as_null=True)),
    sa.Column("mail_thread", sa.JSON(none_as_null=True)),
    sa.Column("send_at", _time),
    sa.Column("local_time", sa.Text),
    sa.Column("expires_at", _time),
    sa.Column("digest", sa.JSON(none_as_null=True)),
    sa.Column("cause", _key, nullable=False),
    sa.Column("request_id", _key),
    sa.Column("resend_of", _uuid),
    sa.Column("digested_into", _uuid),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("due_at", _time),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("failing_since", _time),
    sa.Column("provider_id", _uuid),
    sa.Column("provider_reference", _key),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("sent_at", _time),
    sa.Column("ended_at", _time),
    sa.Column("opened_at", _time),
    sa.Column("blanked_at", _time),
)


class MessagesRepository(Repository[Message]):
    """Keeps messages, and their places in the queue in step with them."""

    table = messages
    kind = "message"

    def requested(self, request_id: str) -> Message | None:
        """The message that was asked for under this name before."""
        about = {"tenant_id": self._tx.tenant_id, "request_id": request_id}
        found = self._tx.fetch_one(_REQUESTED, about)
        return None if found is None else self.get(found["id"])

    def referred_to(self, provider_id: UUID, reference: str) -> Message | None:
        """The message that a provider calls by this name."""
        about = {
            "tenant_id": self._tx.tenant_id,
            "provider_id": provider_id,
            "reference": reference,
        }
        found = self._tx.fetch_one(_REFERRED, about)
        return None if found is None else self.get(found["id"])

    def latest_to(self, channel: str, fingerprint: bytes) -> Message | None:
        """The last message that went to an address; only on channels that have an index for it."""
        about = {
            "tenant_id": self._tx.tenant_id,
            "channel": channel,
            "fingerprint": fingerprint,
        }
        found = self._tx.fetch_one(_LATEST_TO, about)
        return None if found is None else self.get(found["id"])

    def add(self, aggregate: Message) -> None:
        """Have a message stored; whoever asks for the same one at this moment finds it then."""
        if aggregate.order.request_id is not None:
            self._tx.try_again_on(REQUEST_UNIQUE)
        super().add(aggregate)

    def _stored(self, aggregate: Message, *, new: bool) -> None:
        here = {"tenant_id": self._tx.tenant_id, "message_id": aggregate.id}
        if aggregate.state is State.SENDING:
            return  # whoever sends it holds the lease
        if aggregate.due_at is None:
            self._tx.write(_LEAVE, here)
            return
        lane = PROMOTIONAL_LANE if aggregate.order.purpose else TRANSACTIONAL_LANE
        place = {**here, "lane": lane, "due_at": aggregate.due_at}
        if new:
            self._tx.write(_ENTER, {**place, "traceparent": current_traceparent()})
        else:
            self._tx.write(_MOVE, place)

    def _row(self, aggregate: Message) -> dict[str, Any]:
        order, schedule = aggregate.order, aggregate.order.schedule
        recipient = order.recipient
        local, digest = schedule.local_time, schedule.digest
        return {
            "person_id": recipient.person_id,
            "user_id": recipient.user_id,
            "contact_point_id": recipient.contact_point_id,
            "address": recipient.address,
            "fingerprint": aggregate.fingerprint,
            "channel": order.channel,
            "purpose": order.purpose,
            "template": order.template,
            "variables": dict(order.variables),
            "content": order.content and _plain(order.content),
            "mail_thread": order.mail_thread and asdict(order.mail_thread),
            "send_at": schedule.send_at,
            "local_time": None if local is None else local.isoformat("minutes"),
            "expires_at": schedule.expires_at,
            "digest": digest and {"key": digest.key, "at": digest.at.isoformat("minutes")},
            "cause": order.cause,
            "request_id": order.request_id,
            "resend_of": order.resend_of,
            **{name: getattr(aggregate, name) for name in _OWN},
        }

    def _aggregate(self, row: sa.RowMapping) -> Message:
        own = {name: row[name] for name in _OWN}
        return Message(
            id=row["id"],
            version=row["version"],
            order=_order_of(row),
            **{**own, "state": State(row["state"])},
        )


_OWN = (
    "created_by created_at updated_at state reason detail due_at attempts failures failing_since "
    "provider_id provider_reference fingerprint language sent_at ended_at opened_at digested_into "
    "blanked_at"
).split()
"""What the aggregate itself holds under the column's name."""


def _plain(content: Content) -> dict[str, str]:
    said = {"subject": content.subject, "text": content.text, "html": content.html}
    return {**said, "link": content.link} if content.link else said


def _order_of(row: Mapping[Any, Any]) -> Order:
    digest, local = row["digest"], row["local_time"]
    return Order(
        recipient=Recipient(
            row["person_id"], row["user_id"], row["contact_point_id"], row["address"]
        ),
        channel=row["channel"],
        purpose=row["purpose"],
        template=row["template"],
        variables=row["variables"],
        content=None if row["content"] is None else Content(**row["content"]),
        schedule=Schedule(
            row["send_at"],
            None if local is None else time.fromisoformat(local),
            row["expires_at"],
            None if digest is None else Digest(digest["key"], time.fromisoformat(digest["at"])),
        ),
        request_id=row["request_id"],
        cause=row["cause"],
        resend_of=row["resend_of"],
        mail_thread=_thread_of(row["mail_thread"]),
    )


def _thread_of(kept: Mapping[str, Any] | None) -> MailThread | None:
    if kept is None:
        return None
    return MailThread(**{**kept, "references": tuple(kept["references"])})


_HERE = "WHERE tenant_id = %(tenant_id)s AND message_id = %(message_id)s"
_ENTER = Statement(
    "INSERT INTO message_queue (tenant_id, message_id, lane, due_at, traceparent)"
    " VALUES (%(tenant_id)s, %(message_id)s, %(lane)s, %(due_at)s, %(traceparent)s)"
)
_MOVE = Statement(
    "UPDATE message_queue SET lane = %(lane)s, due_at = %(due_at)s, lease_id = NULL,"  # noqa: S608
    f" lease_until = NULL {_HERE}"
)
_LEAVE = Statement(f"DELETE FROM message_queue {_HERE}")  # noqa: S608 - our own words
_REQUESTED = Statement(
    "SELECT id FROM messages WHERE tenant_id = %(tenant_id)s AND request_id = %(request_id)s"
)
_LATEST_TO = Statement(
    "SELECT id FROM messages WHERE tenant_id = %(tenant_id)s AND channel = %(channel)s"
    " AND fingerprint = %(fingerprint)s AND sent_at IS NOT NULL ORDER BY sent_at DESC LIMIT 1"
)
_REFERRED = Statement(
    "SELECT id FROM messages WHERE tenant_id = %(tenant_id)s AND provider_id = %(provider_id)s"
    " AND provider_reference = %(reference)s"
)
