"""The gRPC face of notifications: thin, over the same log as REST."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from chassis.domain import Invalid
from chassis.rpc.call import Servicer
from chassis.rpc.declaration import RpcService
from notifications.messages.api import READ
from notifications.messages.recent import MOST, USUALLY, recent_messages
from notifications.transaction import NotificationsTx
from rapport.notifications.v1 import notifications_service_pb2 as messages
from rapport.notifications.v1 import notifications_service_pb2_grpc as stubs
from rapport.notifications.v1.recent_message_pb2 import RecentMessage


class NotificationsServicer(Servicer[NotificationsTx], stubs.NotificationsServiceServicer):
    """Answers what other services ask."""

    def ListRecentMessages(
        self, request: messages.ListRecentMessagesRequest, context: grpc.ServicerContext
    ) -> messages.ListRecentMessagesResponse:
        """What was last written to a person."""
        person_id = _uuid(request.person_id, "person_id")
        if not 0 <= request.limit <= MOST:
            raise Invalid.at("limit", "out_of_bounds", f"limit has to be 1 to {MOST}.")
        rows = self.call(context).read(recent_messages, person_id, request.limit or USUALLY)
        return messages.ListRecentMessagesResponse(messages=map(_message, rows))


NOTIFICATIONS_SERVICE = RpcService(
    descriptor=messages.DESCRIPTOR.services_by_name["NotificationsService"],
    register=stubs.add_NotificationsServiceServicer_to_server,
    servicer=NotificationsServicer(),
    permissions={"ListRecentMessages": READ},
)

_PLAIN = ("channel", "template", "subject", "purpose", "state", "reason")


def _message(row: Mapping[str, Any]) -> RecentMessage:
    return RecentMessage(
        message_id=str(row["id"]),
        **{name: row[name] for name in _PLAIN},
        sent_at=_moment(row["sent_at"]),
        created_at=_moment(row["created_at"]),
    )


def _moment(at: datetime | None) -> Timestamp | None:
    if at is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(at)
    return stamp


def _uuid(text: str, field: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid.at(field, "uuid_malformed", f"{field} has to be a UUID.") from None
