"""Earning rules as the REST face takes and shows them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.conditions.syntax import MAX_SOURCE, Kind
from chassis.http.body import Body, Moment, Patch
from chassis.http.money import MoneyIn, MoneyOut, money_in, money_out
from loyalty.earning_rules.domain import EarningRule, RuleStatus
from loyalty.earning_terms.domain import (
    KINDS_OF_GIVING,
    MOST_POINTS,
    Basis,
    Cap,
    CapMeasure,
    CapPeriod,
    EarningTerms,
    Fixed,
    Giving,
    Multiplier,
    PerAmount,
    Rounding,
    Window,
)
from loyalty.happenings.domain import HappeningKind
from loyalty.names import Key, Name

Points = Annotated[int, Field(ge=1, le=MOST_POINTS)]
Weekday = Annotated[int, Field(ge=1, le=7)]
Hour = Annotated[int, Field(ge=0, le=23)]
Words = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=200)], ...], Field(max_length=200)
]
ConditionText = Annotated[str, Field(max_length=MAX_SOURCE)]
PendingDays = Annotated[int, Field(ge=0, le=366)]
Priority = Annotated[int, Field(ge=-1000, le=1000)]


class FixedIn(Body):
    """So many points each time."""

    kind: Literal["fixed"]
    points: Points


class PerAmountIn(Body):
    """So many points for every `amount`: of the whole purchase, or of each `line`, rounded down."""

    kind: Literal["per_amount"]
    points: Points
    amount: MoneyIn
    basis: Basis = Basis.TOTAL
    rounding: Rounding = Rounding.WHOLE


class MultiplierIn(Body):
    """On top of what other rules give for the same, so that it comes to `factor` times as much."""

    kind: Literal["multiplier"]
    factor: Annotated[str, Field(max_length=10, pattern=r"^[0-9]{1,3}(\.[0-9]{1,2})?$")]


GivingIn = Annotated[FixedIn | PerAmountIn | MultiplierIn, Field(discriminator="kind")]


class WindowModel(Body):
    """When a purchase has to be made. Days (Monday is 1) and hours are on the member's clock.

    Hours that end before they begin go past midnight.
    """

    valid_from: Moment | None = None
    valid_until: Moment | None = None
    weekdays: Annotated[tuple[Weekday, ...], Field(max_length=7)] = ()
    from_hour: Hour | None = None
    until_hour: Hour | None = None


class CapModel(Body):
    """How much the rule gives a member at most: points, or how many times."""

    measure: CapMeasure
    per: CapPeriod
    limit: Annotated[int, Field(ge=1, le=10**12)]


Caps = Annotated[tuple[CapModel, ...], Field(max_length=12)]


class TermsIn(Body):
    """What a rule says. `condition` is in the language of conditions; see the vocabulary."""

    name: Name
    trigger: HappeningKind
    gives: GivingIn
    condition: ConditionText = ""
    categories: Words = ()
    skus: Words = ()
    tiers: Annotated[tuple[Key, ...], Field(max_length=50)] = ()
    window: WindowModel = WindowModel()
    caps: Caps = ()
    pending_days: PendingDays | None = None
    priority: Priority = 0
    group: Annotated[str, Field(max_length=50)] = ""


class EarningRuleIn(TermsIn):
    """A new rule of a program."""

    program_id: UUID


class EarningRulePatch(Patch):
    """What may be written anew; `gives`, `window` and lists change as a whole."""

    name: Name = ""
    trigger: HappeningKind = HappeningKind.ORDER_DELIVERED
    gives: GivingIn = FixedIn(kind="fixed", points=1)
    condition: ConditionText = ""
    categories: Words = ()
    skus: Words = ()
    tiers: Annotated[tuple[Key, ...], Field(max_length=50)] = ()
    window: WindowModel = WindowModel()
    caps: Caps = ()
    pending_days: PendingDays | None = None
    priority: Priority = 0
    group: Annotated[str, Field(max_length=50)] = ""


class SinceIn(Body):
    """Since when a rule is in force."""

    since: Moment


class GivingOut(BaseModel):
    """How a rule gives points; what its kind has no use for is null."""

    kind: Literal["fixed", "per_amount", "multiplier"]
    points: int | None
    amount: MoneyOut | None
    basis: Basis | None
    rounding: Rounding | None
    factor: str | None


class WindowOut(BaseModel):
    """When a purchase has to be made."""

    valid_from: datetime | None
    valid_until: datetime | None
    weekdays: list[int]
    from_hour: int | None
    until_hour: int | None


class CapOut(BaseModel):
    """How much the rule gives a member at most."""

    measure: CapMeasure
    per: CapPeriod
    limit: int


class TermsOut(BaseModel):
    """What a rule says."""

    name: str
    trigger: HappeningKind
    gives: GivingOut
    condition: str
    categories: list[str]
    skus: list[str]
    tiers: list[str]
    window: WindowOut
    caps: list[CapOut]
    pending_days: int | None
    priority: int
    group: str


class EarningRuleOut(TermsOut):
    """A rule as it was written last.

    `number` is that of the version activated last; what is written differs from it while `changed`.
    """

    id: UUID
    version: int
    program_id: UUID
    status: RuleStatus
    number: int
    changed: bool
    created_at: datetime
    updated_at: datetime


class VersionOut(BaseModel):
    """What was in force from one instant up to another; without an end, it is still."""

    number: int
    valid_from: datetime
    valid_until: datetime | None
    terms: TermsOut


class VersionsOut(BaseModel):
    """What was ever in force of a rule."""

    items: list[VersionOut]


class VariableOut(BaseModel):
    """Something that a condition can ask about."""

    name: str
    kind: Kind
    meaning: str


class VocabularyOut(BaseModel):
    """What rules can be made of."""

    variables: list[VariableOut]
    triggers: list[HappeningKind]


def terms_in(body: TermsIn) -> EarningTerms:
    """The terms that a body states. Raises `Invalid` for what is no money."""
    return EarningTerms(**_stated(body, set(TermsIn.model_fields)))


def changed_by(body: EarningRulePatch, terms: EarningTerms) -> EarningTerms:
    """The terms with what a patch mentions. Raises `Invalid`."""
    before = {name: getattr(terms, name) for name in TermsIn.model_fields}
    return EarningTerms(**{**before, **_stated(body, set(body.model_fields_set))})


def _stated(body: TermsIn | EarningRulePatch, names: Collection[str]) -> dict[str, Any]:
    stated = {name: getattr(body, name) for name in names}
    if "gives" in stated:
        stated["gives"] = _giving_in(body.gives)
    if "window" in stated:
        stated["window"] = Window(**{n: getattr(body.window, n) for n in WindowModel.model_fields})
    if "caps" in stated:
        stated["caps"] = tuple(Cap(cap.measure, cap.per, cap.limit) for cap in body.caps)
    return stated


def _giving_in(body: FixedIn | PerAmountIn | MultiplierIn) -> Giving:
    if isinstance(body, FixedIn):
        return Fixed(body.points)
    if isinstance(body, MultiplierIn):
        return Multiplier(Decimal(body.factor))
    amount = money_in(body.amount, "/gives/amount")
    return PerAmount(body.points, amount, body.basis, body.rounding)


def terms_out(terms: EarningTerms) -> dict[str, Any]:
    """Terms as the API shows them."""
    lists = ("categories", "skus", "tiers")
    plain = ("name", "trigger", "condition", "pending_days", "priority", "group")
    window = {name: getattr(terms.window, name) for name in WindowModel.model_fields}
    return {
        **{name: getattr(terms, name) for name in plain},
        **{name: list(getattr(terms, name)) for name in lists},
        "gives": _giving_out(terms.gives),
        "window": {**window, "weekdays": list(terms.window.weekdays)},
        "caps": [{"measure": c.measure, "per": c.per, "limit": c.limit} for c in terms.caps],
    }


def _giving_out(gives: Giving) -> Mapping[str, Any]:
    out: dict[str, Any] = dict.fromkeys(GivingOut.model_fields)
    out["kind"] = KINDS_OF_GIVING[type(gives)]
    if isinstance(gives, Multiplier):
        return {**out, "factor": f"{gives.factor:f}"}
    out["points"] = gives.points
    if isinstance(gives, PerAmount):
        out |= {"amount": money_out(gives.amount), "basis": gives.basis, "rounding": gives.rounding}
    return out


def shown(rule: EarningRule) -> dict[str, Any]:
    """A rule as the API shows one, without reading it back."""
    own = ("id", "version", "program_id", "status", "number", "changed", "created_at", "updated_at")
    return {**{name: getattr(rule, name) for name in own}, **terms_out(rule.terms)}
