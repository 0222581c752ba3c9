"""Facts about the teams of opportunities to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from rapport.sales.events.v1 import collaboration_events_pb2 as events
from sales.encoding import moment
from sales.opportunity_teams.domain import (
    Membership,
    OpportunityMemberJoined,
    OpportunityMemberLeft,
    OpportunityMemberRoleChanged,
)


def _joined(fact: OpportunityMemberJoined) -> events.OpportunityMemberJoined:
    one = fact.membership
    return events.OpportunityMemberJoined(
        role=one.role, joined_at=moment(one.joined_at), **_about(one)
    )


def _role_changed(fact: OpportunityMemberRoleChanged) -> events.OpportunityMemberRoleChanged:
    return events.OpportunityMemberRoleChanged(
        role=fact.role, previous_role=fact.previous_role, **_about(fact.membership)
    )


def _left(fact: OpportunityMemberLeft) -> events.OpportunityMemberLeft:
    return events.OpportunityMemberLeft(left_at=moment(fact.at), **_about(fact.membership))


def _about(one: Membership) -> dict[str, str]:
    return {
        "membership_id": str(one.id),
        "opportunity_id": str(one.opportunity_id),
        "user_id": str(one.user_id),
    }


OPPORTUNITY_TEAM_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    OpportunityMemberJoined: _joined,
    OpportunityMemberRoleChanged: _role_changed,
    OpportunityMemberLeft: _left,
}
