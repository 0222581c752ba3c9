"""Live updates of one's own inbox, as server-sent events: a part of the tenant's feed (NO-10)."""

from __future__ import annotations

from uuid import UUID

import orjson

from chassis.context import Caller
from chassis.domain import Forbidden
from chassis.http.routes import SIGNED_IN
from chassis.streams.routes import Source, StreamCall, StreamRoute
from notifications.feed.streaming import LAST_EVENT_ID, FeedHub
from rapport.notifications.events.v1.inbox_events_pb2 import InboxEntryAdded, InboxEntryChanged

INBOX_STREAM = "/v1/notifications/inbox/stream"

_TYPES = frozenset(kind.DESCRIPTOR.full_name for kind in (InboxEntryAdded, InboxEntryChanged))


def inbox_stream(feed: FeedHub) -> StreamRoute:
    """Tells a user of new entries and of changes, whoever made them; the ids are those of the feed."""

    async def open_stream(call: StreamCall) -> Source:
        user_id = call.caller.user_id
        if user_id is None:
            raise Forbidden("An inbox is a user's; an app has none.", code="user_needed")
        return await feed.enter(call, _own, lambda event: _is_of(event, user_id))

    return StreamRoute(
        path=INBOX_STREAM,
        name="stream_inbox",
        tag="inbox",
        permission=SIGNED_IN,
        summary="Hear of changes in one's own inbox as they happen, as server-sent events.",
        description=(
            "Each event is a CloudEvent in JSON that says which entry is new or changed; its id is a"
            " position in the feed. For users alone: an app has no inbox."
        ),
        parameters={"last_event_id": LAST_EVENT_ID},
        open=open_stream,
        problems=(410, 422),
    )


def _own(_caller: Caller) -> frozenset[str]:
    return _TYPES


def _is_of(event: bytes, user_id: UUID) -> bool:
    _, _, data = event.partition(b"\ndata: ")
    return bool(orjson.loads(data)["data"]["user_id"] == str(user_id))
