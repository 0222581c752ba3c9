"""Facts about redemptions to protobuf; none of them holds a code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from loyalty.encoding import id_or_none, moment_or_none
from loyalty.redemptions import domain
from loyalty.redemptions.domain import Redemption
from rapport.loyalty.events.v1 import redemption_events_pb2 as events
from rapport.loyalty.v1 import reward_pb2


def _reserved(fact: domain.RewardReserved) -> events.RewardReserved:
    held_until = moment_or_none(fact.redemption.held_until)
    return events.RewardReserved(**_told(fact.redemption), held_until=held_until)


def _collected(fact: domain.RewardCollected) -> events.RewardCollected:
    return events.RewardCollected(**_told(fact.redemption))


def _fulfilled(fact: domain.RewardFulfilled) -> events.RewardFulfilled:
    coupon_id = id_or_none(fact.redemption.coupon_id)
    return events.RewardFulfilled(**_told(fact.redemption), coupon_id=coupon_id)


def _cancelled(fact: domain.RedemptionCancelled) -> events.RedemptionCancelled:
    return events.RedemptionCancelled(**_told(fact.redemption), reason=fact.redemption.reason)


def _expired(fact: domain.RedemptionExpired) -> events.RedemptionExpired:
    return events.RedemptionExpired(**_told(fact.redemption))


def _returned(fact: domain.RewardReturned) -> events.RewardReturned:
    redemption = fact.redemption
    return events.RewardReturned(
        **_told(redemption),
        points_restored=redemption.points_restored,
        reason=redemption.reason,
    )


def _renewed(fact: domain.CollectionCodeRenewed) -> events.CollectionCodeRenewed:
    return events.CollectionCodeRenewed(redemption=_redemption(fact.redemption))


def _told(redemption: Redemption) -> dict[str, Any]:
    return {
        "redemption": _redemption(redemption),
        "person_id": id_or_none(redemption.person_id),
    }


def _redemption(redemption: Redemption) -> reward_pb2.Redemption:
    promised = redemption.promised
    return reward_pb2.Redemption(
        redemption_id=str(redemption.id),
        reward_id=str(promised.reward_id),
        program_id=str(redemption.program_id),
        member_id=str(redemption.member_id),
        reward_name=promised.reward_name,
        quantity=promised.quantity,
        points=promised.points,
        fulfilment=promised.fulfilment,
        branch=redemption.branch,
    )


REDEMPTION_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    domain.RewardReserved: _reserved,
    domain.RewardCollected: _collected,
    domain.RewardFulfilled: _fulfilled,
    domain.RedemptionCancelled: _cancelled,
    domain.RedemptionExpired: _expired,
    domain.RewardReturned: _returned,
    domain.CollectionCodeRenewed: _renewed,
}
