"""Facts about limits and reviews to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from loyalty.encoding import id_or_none
from loyalty.limits.domain import (
    VelocityReview,
    VelocityReviewCleared,
    VelocityReviewConfirmed,
    VelocityReviewOpened,
    VelocityRule,
    VelocityRuleChanged,
    VelocityRuleCreated,
    VelocityRuleRemoved,
)
from rapport.loyalty.events.v1 import velocity_events_pb2 as events
from rapport.loyalty.v1 import velocity_rule_pb2


def _created(fact: VelocityRuleCreated) -> events.VelocityRuleCreated:
    return events.VelocityRuleCreated(**_about(fact.rule))


def _changed(fact: VelocityRuleChanged) -> events.VelocityRuleChanged:
    return events.VelocityRuleChanged(**_about(fact.rule))


def _removed(fact: VelocityRuleRemoved) -> events.VelocityRuleRemoved:
    return events.VelocityRuleRemoved(velocity_rule_id=str(fact.rule_id))


def _opened(fact: VelocityReviewOpened) -> events.VelocityReviewOpened:
    return events.VelocityReviewOpened(**_reviewed(fact.review))


def _cleared(fact: VelocityReviewCleared) -> events.VelocityReviewCleared:
    return events.VelocityReviewCleared(**_reviewed(fact.review), reason=fact.review.reason)


def _confirmed(fact: VelocityReviewConfirmed) -> events.VelocityReviewConfirmed:
    return events.VelocityReviewConfirmed(**_reviewed(fact.review), reason=fact.review.reason)


def _about(rule: VelocityRule) -> dict[str, Any]:
    terms = rule.terms
    told = velocity_rule_pb2.VelocityRule(
        program_id=str(rule.program_id),
        act=terms.act,
        measure=terms.measure,
        scope=terms.scope,
        limit=terms.most,
        window_minutes=terms.window_minutes,
        response=terms.response,
        active=terms.active,
    )
    return {"velocity_rule_id": str(rule.id), "velocity_rule": told}


def _reviewed(review: VelocityReview) -> dict[str, Any]:
    told = velocity_rule_pb2.VelocityReview(
        velocity_rule_id=str(review.rule_id),
        program_id=str(review.program_id),
        member_id=id_or_none(review.member_id),
        act=review.act,
        subject=review.subject,
        key=review.key,
        measured=review.measured,
        limit=review.most,
        response=review.response,
    )
    return {"velocity_review_id": str(review.id), "velocity_review": told}


LIMIT_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    VelocityRuleCreated: _created,
    VelocityRuleChanged: _changed,
    VelocityRuleRemoved: _removed,
    VelocityReviewOpened: _opened,
    VelocityReviewCleared: _cleared,
    VelocityReviewConfirmed: _confirmed,
}
