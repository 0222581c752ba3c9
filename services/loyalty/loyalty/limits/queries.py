"""Reads limits and reviews, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, boolean_filter, choice_filter, uuid_filter
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from loyalty.limits.domain import Act, Response, ReviewStatus
from loyalty.limits.models import review_shown, rule_shown
from loyalty.limits.storage import (
    review_of,
    velocity_reviews,
    velocity_rule_of,
    velocity_rules,
)

_rules, _reviews = velocity_rules.c, velocity_reviews.c
_all_rules = sa.select(*(column for column in _rules if column.name != "tenant_id"))
_all_reviews = sa.select(*(column for column in _reviews if column.name != "tenant_id"))
_rule = Statement.of(
    _all_rules.where(_rules.tenant_id == sa.bindparam("tenant_id"), _rules.id == sa.bindparam("id"))
)
_review = Statement.of(
    _all_reviews.where(
        _reviews.tenant_id == sa.bindparam("tenant_id"), _reviews.id == sa.bindparam("id")
    )
)

VELOCITY_RULES = ListSpec(
    key=_rules.id,
    sorts={"created_at": _rules.created_at},
    default_sort="-created_at",
    filters={
        "program_id": uuid_filter(_rules.program_id),
        "act": choice_filter(_rules.act, *Act),
        "active": boolean_filter(_rules.active),
    },
)
VELOCITY_REVIEWS = ListSpec(
    key=_reviews.id,
    sorts={"created_at": _reviews.created_at},
    default_sort="-created_at",
    filters={
        "program_id": uuid_filter(_reviews.program_id),
        "rule_id": uuid_filter(_reviews.rule_id),
        "member_id": uuid_filter(_reviews.member_id),
        "status": choice_filter(_reviews.status, *ReviewStatus),
        "response": choice_filter(_reviews.response, *Response),
        "act": choice_filter(_reviews.act, *Act),
    },
)


def get_rule(reading: Reading, rule_id: UUID) -> dict[str, Any]:
    """A limit as the API shows one. Raises `NotFound`."""
    row = reading.fetch_one(_rule, {"tenant_id": reading.caller.tenant_id, "id": rule_id})
    if row is None:
        raise NotFound.of("velocity rule", rule_id)
    return rule_shown(velocity_rule_of(row))


def list_rules(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of limits."""
    mine = _all_rules.where(_rules.tenant_id == reading.caller.tenant_id)
    return listing.fetch(
        reading.connection, mine, lambda row: rule_shown(velocity_rule_of(row._mapping))
    )


def get_review(reading: Reading, review_id: UUID) -> dict[str, Any]:
    """A review as the API shows one. Raises `NotFound`."""
    row = reading.fetch_one(_review, {"tenant_id": reading.caller.tenant_id, "id": review_id})
    if row is None:
        raise NotFound.of("velocity review", review_id)
    return review_shown(review_of(row))


def list_reviews(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of reviews."""
    mine = _all_reviews.where(_reviews.tenant_id == reading.caller.tenant_id)
    return listing.fetch(
        reading.connection, mine, lambda row: review_shown(review_of(row._mapping))
    )
