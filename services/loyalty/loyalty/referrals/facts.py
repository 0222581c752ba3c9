"""Facts about referrals to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from loyalty.encoding import id_or_none, moment, moment_or_none, money_or_none
from loyalty.referrals import domain
from rapport.loyalty.events.v1 import referral_events_pb2 as events


def _claimed(fact: domain.ReferralClaimed) -> events.ReferralClaimed:
    referral = fact.referral
    return events.ReferralClaimed(
        **_about(referral),
        person_id=id_or_none(referral.referrer_person_id) or "",
        friend_person_id=id_or_none(referral.friend_person_id) or "",
        expires_at=moment(referral.expires_at),
    )


def _completed(fact: domain.ReferralCompleted) -> events.ReferralCompleted:
    referral = fact.referral
    return events.ReferralCompleted(
        **_about(referral),
        person_id=id_or_none(referral.referrer_person_id),
        friend_person_id=id_or_none(referral.friend_person_id),
        order_id=id_or_none(referral.order_id) or "",
        order_value=money_or_none(referral.order_value),
        completed_at=moment_or_none(referral.completed_at),
    )


def _held(fact: domain.ReferralHeldBack) -> events.ReferralHeldBack:
    return events.ReferralHeldBack(**_about(fact.referral), reason=fact.referral.reason or "")


def _approved(fact: domain.ReferralApproved) -> events.ReferralApproved:
    return events.ReferralApproved(**_about(fact.referral))


def _rewarded(fact: domain.ReferralRewarded) -> events.ReferralRewarded:
    return events.ReferralRewarded(
        **_about(fact.referral),
        person_id=str(fact.person_id),
        member_id=str(fact.member_id),
        side=fact.side,
        points=fact.points,
    )


def _refused(fact: domain.ReferralRefused) -> events.ReferralRefused:
    return events.ReferralRefused(**_about(fact.referral), reason=fact.reason)


def _expired(fact: domain.ReferralExpired) -> events.ReferralExpired:
    return events.ReferralExpired(**_about(fact.referral))


def _reversed(fact: domain.ReferralReversed) -> events.ReferralReversed:
    return events.ReferralReversed(
        **_about(fact.referral),
        person_id=id_or_none(fact.referral.referrer_person_id),
        reason=fact.reason,
    )


def _about(referral: domain.Referral) -> dict[str, str]:
    return {"referral_id": str(referral.id), "program_id": str(referral.program_id)}


REFERRAL_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    domain.ReferralClaimed: _claimed,
    domain.ReferralCompleted: _completed,
    domain.ReferralHeldBack: _held,
    domain.ReferralApproved: _approved,
    domain.ReferralRewarded: _rewarded,
    domain.ReferralRefused: _refused,
    domain.ReferralExpired: _expired,
    domain.ReferralReversed: _reversed,
}
