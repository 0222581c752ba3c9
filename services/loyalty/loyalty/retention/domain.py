"""Who drifts away and who is lost, as a tenant defines it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from chassis.domain import Aggregate, Fact, Invalid, Money, Unpublished
from loyalty.acts.domain import Act, ActTable, require_distinct

MOST_CYCLE_DAYS = 3650
MOST_SIGNS, MOST_CYCLES = 50, 500
VALUE_DAYS = 365
"""What a customer is worth is told by the year up to their last purchase."""


class CustomerState(StrEnum):
    """How a customer stands."""

    ACTIVE = "active"
    DRIFTING = "drifting"
    LAPSED = "lapsed"


class ValueBand(StrEnum):
    """Whether a customer is worth much."""

    HIGH = "high"
    LOW = "low"


class Timing(StrEnum):
    """Whether a customer was lost soon after they came."""

    EARLY = "early"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Sign:
    """A kind of act that keeps a customer though they do not buy.

    `weight` is above 0, at most 1: it takes that part of the days since the last purchase off.
    """

    act: Act
    weight: Decimal


@dataclass(frozen=True)
class Rules:
    """A tenant's definition.

    `cycles` are the days between purchases that are expected by category. With `least_buyers` those
    of other categories are estimated from the tenant's own purchases, where so many people have
    bought again. From `own_from_purchases` on, a customer's own rhythm counts instead.
    `drift_factor` and `lapse_factor` are in cycles. Worth much is who bought for `high_value`. Lost
    early is whose last purchase came less than `early_days` after their first. `evaluate_hour` is
    local; without `time_zone` it is the organisation's.
    """

    cycles: Mapping[str, int] = field(default_factory=dict)
    default_cycle_days: int = 90
    least_buyers: int | None = 20
    own_from_purchases: int | None = 4
    drift_factor: Decimal = Decimal("1.5")
    lapse_factor: Decimal = Decimal(3)
    signs: Sequence[Sign] = ()
    high_value: Money | None = None
    early_days: int = 180
    evaluate_hour: int = 4
    time_zone: str | None = None

    @cached_property
    def sign_table(self) -> ActTable[Sign]:
        """The signs, to look up."""
        return ActTable((sign.act, sign) for sign in self.signs)

    def drift_after(self, cycle_days: int) -> timedelta:
        """How long after a purchase a customer with this cycle drifts."""
        return timedelta(days=float(self.drift_factor * cycle_days))

    def lapse_after(self, cycle_days: int) -> timedelta:
        """How long after a purchase a customer with this cycle is lost."""
        return timedelta(days=float(self.lapse_factor * cycle_days))

    def require_sound(self) -> None:
        """Raise `Invalid` for factors in the wrong order, signs that are there twice, or no zone."""
        if not Decimal(0) < self.drift_factor < self.lapse_factor:
            message = "A customer drifts before they are lost: lapse_factor is above drift_factor."
            raise Invalid.at("/lapse_factor", "factors_unsound", message)
        require_distinct((sign.act for sign in self.signs), "/signs")
        for place, sign in enumerate(self.signs):
            if not 0 < sign.weight <= 1:
                message = "A sign counts more than nothing, and at most what a purchase does."
                raise Invalid.at(f"/signs/{place}/weight", "weight_impossible", message)
        if self.time_zone is not None and self.time_zone not in available_timezones():
            message = f"{self.time_zone!r} is no time zone of the IANA database."
            raise Invalid.at("/time_zone", "time_zone_unknown", message)


@dataclass(frozen=True, slots=True)
class RetentionDefinitionChanged(Fact):
    """The tenant says otherwise who drifts, and who is lost."""

    drift_factor: Decimal
    lapse_factor: Decimal


@dataclass(frozen=True, slots=True)
class RetentionFollowed(Unpublished):
    """Something that customers are judged by is another: the organisation's zone, an estimated cycle."""


@dataclass(frozen=True, slots=True)
class MemberDrifted(Fact):
    """A customer has not bought for longer than expected."""

    person_id: UUID
    since: datetime
    last_bought_at: datetime
    category: str
    cycle_days: int
    value_band: ValueBand | None


@dataclass(frozen=True, slots=True)
class MemberLapsed(Fact):
    """A customer counts as lost."""

    person_id: UUID
    since: datetime
    last_bought_at: datetime
    category: str
    cycle_days: int
    value_band: ValueBand | None
    timing: Timing
    order_reason: str
    turnover: Money | None


@dataclass(frozen=True, slots=True)
class MemberReturned(Fact):
    """A customer who drifted or was lost is there again."""

    person_id: UUID
    returned_at: datetime
    from_state: CustomerState


@dataclass(frozen=True, slots=True)
class LossReasonEntered(Fact):
    """Somebody has said why a customer was lost; an empty reason takes it back."""

    person_id: UUID
    reason: str


@dataclass(kw_only=True)
class RetentionDefinition(Aggregate):
    """A tenant's one definition; nobody is judged before it was given.

    `rules_version` rises with everything that customers are judged by. `organisation_zone` is as
    identity told, `zone_version` the version of the tenant that told it.
    """

    rules: Rules = field(default_factory=Rules)
    rules_version: int = 0
    defined_at: datetime | None = None
    evaluated_at: datetime | None = None
    organisation_zone: str = "UTC"
    zone_version: int = 0

    @property
    def is_defined(self) -> bool:
        """Whether customers are judged at all."""
        return self.defined_at is not None

    @property
    def zone(self) -> ZoneInfo:
        """Whose days count; UTC for a zone that is not known here."""
        named = self.rules.time_zone or self.organisation_zone
        return ZoneInfo(named if named in available_timezones() else "UTC")

    def change(self, rules: Rules, now: datetime) -> bool:
        """Judge otherwise from now on; whether anything differs. Raises `Invalid`."""
        rules.require_sound()
        if self.is_defined and rules == self.rules:
            return False
        self.rules, self.defined_at = rules, self.defined_at or now
        self.rules_version += 1
        self.record(RetentionDefinitionChanged(rules.drift_factor, rules.lapse_factor))
        return True

    def follow(self, time_zone: str, version: int) -> None:
        """Reckon days by another time zone, unless something later was heard already."""
        if version > self.zone_version:
            self.organisation_zone, self.zone_version = time_zone or "UTC", version
            self.rules_version += 1
            self.record(RetentionFollowed())

    def cycles_found(self) -> None:
        """Judge anew: cycles that are estimated are others than before."""
        self.rules_version += 1
        self.record(RetentionFollowed())

    def evaluated(self, now: datetime) -> None:
        """Note that everybody was judged."""
        self.evaluated_at = now
        self.record(RetentionFollowed())
