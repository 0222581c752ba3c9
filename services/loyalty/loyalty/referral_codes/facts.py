"""Facts about members' codes to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from loyalty.encoding import id_or_none
from loyalty.referral_codes.domain import ReferralCodeChanged, ReferralCodeIssued
from rapport.loyalty.events.v1 import referral_events_pb2 as events


def _issued(fact: ReferralCodeIssued) -> events.ReferralCodeIssued:
    return events.ReferralCodeIssued(
        code_id=str(fact.code.id),
        program_id=str(fact.code.program_id),
        member_id=str(fact.code.member_id),
        person_id=id_or_none(fact.code.person_id),
    )


def _changed(fact: ReferralCodeChanged) -> events.ReferralCodeChanged:
    return events.ReferralCodeChanged(
        code_id=str(fact.code.id),
        program_id=str(fact.code.program_id),
        member_id=str(fact.code.member_id),
        enabled=fact.code.enabled,
    )


REFERRAL_CODE_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    ReferralCodeIssued: _issued,
    ReferralCodeChanged: _changed,
}
