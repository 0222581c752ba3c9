"""Commission plans as the REST face takes and shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from chassis.http.body import Body, Patch
from chassis.http.money import PercentIn
from chassis.storage.scope import Scope
from sales.commission_plans.documents import participant_document, participant_of, terms_document
from sales.commission_plans.domain import (
    MOST_CATEGORIES,
    MOST_PARTICIPANTS,
    MOST_TIERS,
    CommissionPlan,
    EarningTerms,
    PlanDefinition,
    Tier,
    TierMethod,
)
from sales.names import Label
from sales.periods.domain import PeriodLength
from sales.sales_credits.domain import Basis


def _at_most(most: int) -> AfterValidator:
    def checked(text: str) -> str:
        if Decimal(text) > most:
            raise ValueError(f"has to be at most {most}")
        return text

    return AfterValidator(checked)


_SHORT_DECIMAL = r"^[0-9]{1,9}(\.[0-9]{1,4})?$"
Percentage = Annotated[str, Field(max_length=14, pattern=_SHORT_DECIMAL), _at_most(10_000)]
Multiplier = Annotated[str, Field(max_length=14, pattern=_SHORT_DECIMAL), _at_most(100)]
Category = Annotated[str, Field(min_length=1, max_length=100)]


class TierIn(Body):
    """From so many per cent of the quota on, the rate times `multiplier`."""

    from_percent: Percentage
    multiplier: Multiplier


class ParticipantIn(Body):
    """Who earns by the plan, and from when until when; without days, as long as the plan holds."""

    user_id: UUID
    since: date | None = None
    until: date | None = None


CategoryRates = Annotated[dict[Category, PercentIn], Field(max_length=MOST_CATEGORIES)]
Tiers = Annotated[tuple[TierIn, ...], Field(min_length=1, max_length=MOST_TIERS)]
Participants = Annotated[tuple[ParticipantIn, ...], Field(max_length=MOST_PARTICIPANTS)]
_ONE_TIER = (TierIn(from_percent="0", multiplier="1"),)


class PlanIn(Body):
    """A new plan. Rates are in per cent of what is credited; tiers go by the quota's attainment.

    `marginal` tiers multiply the part of the credits that lies in them, `retroactive` ones all of
    them once they are reached; without a quota the first tier holds.
    """

    name: Label
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    frequency: PeriodLength
    basis: Basis
    rate: PercentIn
    category_rates: CategoryRates = Field(default_factory=dict)
    tiers: Tiers = _ONE_TIER
    method: TierMethod = TierMethod.MARGINAL
    valid_from: date
    valid_until: date | None = None
    participants: Participants = ()


class PlanPatch(Patch):
    """What may change about a plan; tiers, category rates and participants are replaced as a whole."""

    name: Label = Field(default_factory=dict)
    rate: PercentIn = "0"
    category_rates: CategoryRates = Field(default_factory=dict)
    tiers: Tiers = _ONE_TIER
    method: TierMethod = TierMethod.MARGINAL
    valid_until: date | None = None
    participants: Participants = ()


class TermsOut(BaseModel):
    """How credits become commissions. Rates are in per cent."""

    basis: Basis
    rate: str
    category_rates: dict[str, str]
    tiers: list[TierIn]
    method: TierMethod


class PlanOut(TermsOut):
    """A plan, with those of its participants who are within the caller's reach."""

    id: UUID
    version: int
    name: dict[str, str]
    currency: str
    frequency: PeriodLength
    valid_from: date
    valid_until: date | None
    participants: list[ParticipantIn]
    created_at: datetime
    updated_at: datetime


def definition_in(body: PlanIn) -> PlanDefinition:
    """The definition that a body gives."""
    return PlanDefinition(
        name=body.name,
        currency=body.currency,
        frequency=body.frequency,
        terms=EarningTerms(body.basis, Decimal(body.rate), **_terms_changes(body)),
        valid_from=body.valid_from,
        valid_until=body.valid_until,
        participants=_participants(body),
    )


def changed(definition: PlanDefinition, body: PlanPatch) -> PlanDefinition:
    """The definition with what the body mentions."""
    named = body.model_fields_set
    terms: Mapping[str, Any] = {"rate": Decimal(body.rate), **_terms_changes(body)}
    own: Mapping[str, Any] = {
        "name": body.name,
        "valid_until": body.valid_until,
        "participants": _participants(body),
    }
    return replace(
        definition,
        terms=replace(definition.terms, **{k: v for k, v in terms.items() if k in named}),
        **{name: value for name, value in own.items() if name in named},
    )


def shown(plan: CommissionPlan, scope: Scope) -> dict[str, Any]:
    """A plan as the API shows one to somebody with this reach."""
    definition = plan.definition
    return {
        "id": plan.id,
        "version": plan.version,
        "name": definition.name,
        "currency": definition.currency,
        "frequency": definition.frequency,
        **terms_document(definition.terms),
        "valid_from": definition.valid_from,
        "valid_until": definition.valid_until,
        "participants": [
            participant_document(one)
            for one in definition.participants
            if scope.allows(one.user_id)
        ],
        "created_at": plan.created_at,
        "updated_at": plan.updated_at,
    }


def _terms_changes(body: PlanIn | PlanPatch) -> dict[str, Any]:
    return {
        "category_rates": {key: Decimal(rate) for key, rate in body.category_rates.items()},
        "tiers": tuple(
            Tier(Decimal(tier.from_percent), Decimal(tier.multiplier)) for tier in body.tiers
        ),
        "method": body.method,
    }


def _participants(body: PlanIn | PlanPatch) -> Any:
    return tuple(participant_of(one.model_dump(mode="json")) for one in body.participants)
