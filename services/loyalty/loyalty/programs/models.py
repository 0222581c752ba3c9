"""Programs as the REST face takes and shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from chassis.http.money import decimal_out
from loyalty.names import Key, Label, Name, Text
from loyalty.programs.domain import (
    AdjustmentPolicy,
    Enrolment,
    ExpiryEnd,
    ExpiryKind,
    ExpiryPolicy,
    LeapDay,
    NumberFormat,
    PendingPolicy,
    Policies,
    Program,
    ProgramStatus,
    ProgramTerms,
    PurchaseMoment,
    RefundPolicy,
    WhenSpent,
)

PointValue = Annotated[str, Field(max_length=20, pattern=r"^[0-9]{1,9}(\.[0-9]{1,6})?$")]
TimeZone = Annotated[str, Field(min_length=1, max_length=64, pattern="^[A-Za-z0-9_+/-]+$")]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
Months = Annotated[int, Field(ge=0, le=120)]


class EnrolmentModel(Body):
    """How people become members. `interaction_kinds` are those of contacts, such as `sign_up`."""

    by_api: bool = True
    interaction_kinds: Annotated[tuple[Key, ...], Field(max_length=20)] = ()
    first_purchase: PurchaseMoment | None = None


class NumberFormatModel(Body):
    """How numbers are written: `prefix`, that many random digits, and a check digit after Damm.

    The prefix has no characters that look like others: neither I, L, O nor 0, 1.
    """

    prefix: Annotated[str, Field(max_length=6, pattern="^[A-HJKMNP-Z2-9]*$")] = ""
    digits: Annotated[int, Field(ge=8, le=16)] = 10


class PendingPolicyModel(Body):
    """How many days points wait before they count, where a rule says nothing else."""

    days: Annotated[int, Field(ge=0, le=366)] = 0


class ExpiryPolicyModel(Body):
    """When points expire.

    `after_months`: `months` after they were earned, at the end of that day, month or year.
    `on_day`: with the end of the first `month` and `day` that is at least `months` later.
    `inactivity`: all at once, `months` after the member last earned or spent any. Members are told
    `notice_days` before, by the template that is named, if any.
    """

    kind: ExpiryKind = ExpiryKind.NEVER
    months: Months = 0
    at_end_of: ExpiryEnd = ExpiryEnd.DAY
    month: Annotated[int, Field(ge=1, le=12)] = 12
    day: Annotated[int, Field(ge=1, le=31)] = 31
    notice_days: Annotated[tuple[Annotated[int, Field(ge=1, le=366)], ...], Field(max_length=5)] = (
        30,
    )
    notice_template: Annotated[str, Field(max_length=100)] = ""


class RefundPolicyModel(Body):
    """What happens when points are taken back that were spent already: `owe` or `write_off`."""

    when_spent: WhenSpent = WhenSpent.OWE


class AdjustmentPolicyModel(Body):
    """How many points a user may give or take by hand, of a member and within a day, alone."""

    limit: Annotated[int, Field(ge=0, le=10**12)] = 0
    wait_days: Annotated[int, Field(ge=1, le=366)] = 14


class PoliciesModel(Body):
    """By what points live."""

    pending: PendingPolicyModel = PendingPolicyModel()
    expiry: ExpiryPolicyModel = ExpiryPolicyModel()
    refunds: RefundPolicyModel = RefundPolicyModel()
    adjustments: AdjustmentPolicyModel = AdjustmentPolicyModel()


class ProgramIn(Body):
    """A new program. `key` is for good; `point_value` is what a point is worth in the currency."""

    key: Key
    name: Name
    currency: Currency
    description: Text = ""
    points_name: Label = Field(default={"en": "points"})
    point_value: PointValue = "0"
    time_zone: TimeZone = "UTC"
    leap_day: LeapDay = LeapDay.FEBRUARY_28
    enrolment: EnrolmentModel = EnrolmentModel()
    numbers: NumberFormatModel = NumberFormatModel()
    policies: PoliciesModel = PoliciesModel()


class ProgramPatch(Patch):
    """What may change about a program; `enrolment`, `numbers` and `policies` change as a whole."""

    name: Name = ""
    currency: Currency = ""
    description: Text = ""
    points_name: Label = Field(default={})
    point_value: PointValue = ""
    time_zone: TimeZone = ""
    leap_day: LeapDay = LeapDay.FEBRUARY_28
    enrolment: EnrolmentModel = EnrolmentModel()
    numbers: NumberFormatModel = NumberFormatModel()
    policies: PoliciesModel = PoliciesModel()


class ClosingIn(Body):
    """Until which day, in the program's zone, members may still spend; never again without one."""

    redeem_until: date | None = None


class ProgramOut(BaseModel):
    """A program."""

    id: UUID
    version: int
    key: str
    name: str
    description: str
    points_name: dict[str, str]
    currency: str
    point_value: str
    time_zone: str
    leap_day: LeapDay
    enrolment: EnrolmentModel
    numbers: NumberFormatModel
    policies: PoliciesModel
    status: ProgramStatus
    redeem_until: date | None
    created_at: datetime
    updated_at: datetime
    opened_at: datetime | None
    closed_at: datetime | None


def terms_in(body: ProgramIn) -> ProgramTerms:
    """The terms that a body states."""
    return changed_by(body, ProgramTerms(body.name, body.currency), set(ProgramIn.model_fields))


def changed_by(
    body: ProgramIn | ProgramPatch, terms: ProgramTerms, stated: set[str]
) -> ProgramTerms:
    """The terms with what is stated in a body in place of what was."""
    given: dict[str, Any] = {
        "point_value": lambda: Decimal(body.point_value),
        "enrolment": lambda: Enrolment(**dict(body.enrolment)),
        "numbers": lambda: NumberFormat(**dict(body.numbers)),
        "policies": lambda: _policies(body.policies),
    }
    changes = {
        name: given[name]() if name in given else getattr(body, name) for name in stated - {"key"}
    }
    return replace(terms, **changes)


def _policies(given: PoliciesModel) -> Policies:
    return Policies(
        pending=PendingPolicy(**dict(given.pending)),
        expiry=ExpiryPolicy(**dict(given.expiry)),
        refunds=RefundPolicy(**dict(given.refunds)),
        adjustments=AdjustmentPolicy(**dict(given.adjustments)),
    )


def shown(program: Program) -> Mapping[str, Any]:
    """A program as the API shows one, without reading it back."""
    terms = program.terms
    return {
        "id": program.id,
        "version": program.version,
        "key": program.key,
        **asdict(terms),
        "point_value": decimal_out(terms.point_value),
        "status": program.status,
        "redeem_until": program.redeem_until,
        "created_at": program.created_at,
        "updated_at": program.updated_at,
        "opened_at": program.opened_at,
        "closed_at": program.closed_at,
    }
