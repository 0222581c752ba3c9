"""What befell a person, whatever told of it: what rules, tiers, scores and retention all look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from chassis.domain import Money


class HappeningKind(StrEnum):
    """What kinds there are; those of contacts' interactions are told apart by a property."""

    ORDER_PLACED = "order_placed"
    ORDER_DELIVERED = "order_delivered"
    ORDER_RETURNED = "order_returned"
    ORDER_REFUNDED = "order_refunded"
    ORDER_CANCELLED = "order_cancelled"
    INTERACTION = "interaction"
    ENROLLED = "enrolled"
    OCCASION_REACHED = "occasion_reached"
    REFERRAL_COMPLETED = "referral_completed"
    EVENT_ATTENDED = "event_attended"
    SURVEY_ANSWERED = "survey_answered"


@dataclass(frozen=True, slots=True)
class HappeningLine:
    """A product within an order, or the part of it that this is about; money in the currency of the whole.

    `total` is with tax and after discounts. `quantity` is 0 where only money goes back.
    """

    line_id: str
    product_id: UUID | None
    sku: str
    category: str
    quantity: Decimal
    net: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that befell a person.

    `key` is what the one who told calls it (a delivery, a refund, an interaction): a happening is
    noted once for its tenant, kind and key. `happened_at` may lie long before it was told.
    `judged_at` is the time whose rules count: that of the purchase for all that befalls an order,
    else the same as `happened_at`. `properties` are words and numbers of the kind's own, such as
    `interaction_kind`. `value` is what it was worth, with tax.
    """

    id: UUID
    kind: HappeningKind
    key: str
    person_id: UUID
    happened_at: datetime
    judged_at: datetime
    channel: str = ""
    branch: str = ""
    value: Money | None = None
    order_id: UUID | None = None
    order_number: str = ""
    lines: Sequence[HappeningLine] = ()
    properties: Mapping[str, str | int | bool] = field(default_factory=dict)
