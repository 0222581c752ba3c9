"""The fact that points expire soon, to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from loyalty.encoding import id_or_none, moment
from loyalty.expiry.notices import PointsExpiryAnnounced
from rapport.loyalty.events.v1 import points_events_pb2 as events


def _expiring(fact: PointsExpiryAnnounced) -> events.PointsExpiryAnnounced:
    return events.PointsExpiryAnnounced(
        member_id=str(fact.member_id),
        program_id=str(fact.program_id),
        person_id=id_or_none(fact.person_id),
        points=fact.points,
        last_on=fact.last_on.isoformat(),
        expires_at=moment(fact.expires_at),
        notice_days=fact.notice_days,
    )


EXPIRY_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {PointsExpiryAnnounced: _expiring}
