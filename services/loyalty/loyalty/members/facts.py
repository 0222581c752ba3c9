"""Facts about members to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from loyalty.encoding import id_or_none, moment
from loyalty.members.domain import (
    Member,
    MemberChanged,
    MemberEnrolled,
    MemberLeft,
    MemberMerged,
    MemberReinstated,
    MemberRejoined,
    MemberSuspended,
    MemberUnmerged,
)
from rapport.loyalty.events.v1 import member_events_pb2 as events


def _enrolled(fact: MemberEnrolled) -> events.MemberEnrolled:
    member = fact.member
    return events.MemberEnrolled(
        **_about(member), source=member.source, enrolled_at=moment(member.enrolled_at)
    )


def _changed(fact: MemberChanged) -> events.MemberChanged:
    return events.MemberChanged(**_about(fact.member))


def _suspended(fact: MemberSuspended) -> events.MemberSuspended:
    return events.MemberSuspended(**_about(fact.member), reason=fact.member.reason)


def _reinstated(fact: MemberReinstated) -> events.MemberReinstated:
    return events.MemberReinstated(**_about(fact.member))


def _left(fact: MemberLeft) -> events.MemberLeft:
    return events.MemberLeft(**_about(fact.member), reason=fact.member.reason)


def _rejoined(fact: MemberRejoined) -> events.MemberRejoined:
    return events.MemberRejoined(**_about(fact.member))


def _merged(fact: MemberMerged) -> events.MemberMerged:
    return events.MemberMerged(**_about(fact.member), into_member_id=str(fact.into_member_id))


def _unmerged(fact: MemberUnmerged) -> events.MemberUnmerged:
    return events.MemberUnmerged(**_about(fact.member), from_member_id=str(fact.from_member_id))


def _about(member: Member) -> dict[str, Any]:
    return {
        "member_id": str(member.id),
        "program_id": str(member.program_id),
        "person_id": id_or_none(member.person_id),
    }


MEMBER_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    MemberEnrolled: _enrolled,
    MemberChanged: _changed,
    MemberSuspended: _suspended,
    MemberReinstated: _reinstated,
    MemberLeft: _left,
    MemberRejoined: _rejoined,
    MemberMerged: _merged,
    MemberUnmerged: _unmerged,
}
