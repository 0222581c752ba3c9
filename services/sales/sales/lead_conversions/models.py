"""Conversions as the REST face takes and shows them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.domain import Invalid
from chassis.http.body import Body
from chassis.http.money import MoneyIn, worth_in
from sales.lead_conversions.domain import Conversion, Found
from sales.lead_conversions.operations import OpportunityPlan
from sales.names import Key, Text
from sales.opportunities.domain import OpportunityDetails


class ConversionIn(Body):
    """How to convert a lead; all of it may be left out.

    `person_id` and `company_id` are those that somebody has chosen; with `new_person` and
    `new_company` none of those who are known is meant. The opportunity is the owner's, in the first
    stage of the oldest pipeline in use, and called by the company or the person, unless said
    otherwise.
    """

    person_id: UUID | None = None
    new_person: bool = False
    company_id: UUID | None = None
    new_company: bool = False
    owner_id: UUID | None = None
    create_opportunity: bool = True
    pipeline_id: UUID | None = None
    stage: Key | None = None
    name: Annotated[str, Field(max_length=200)] = ""
    amount: MoneyIn | None = None
    expected_close_on: date | None = None
    description: Text = ""


class CreditOut(BaseModel):
    """The touch that a conversion is credited to.

    It is the last one with a campaign, before the lead was qualified, or else converted; without any
    the last one with a source; else the first.
    """

    source: str
    campaign: str
    landing_page: str
    variant: str
    touched_at: datetime


class KeptBackOut(BaseModel):
    """A saying about consent that was not passed on, or not taken, and why; the lead keeps it.

    `permission_missing`: it was entered by hand, and whoever converted the lead may not write the
    person's consents (`contacts.consents.write`).
    """

    purpose: str
    channel: str
    reason: str


class ConversionOut(BaseModel):
    """What a lead has become. Ids of people follow merges; `person_found` is how they were known.

    What the lead has said about consent is passed on to contacts after the conversion; until
    `consents_passed_on_at` more of it may be kept back. It is null when there is nothing to pass on.
    """

    lead_id: UUID
    person_id: UUID | None
    person_found: Found | None
    company_id: UUID | None
    company_found: Found | None
    opportunity_id: UUID | None
    owner_id: UUID | None
    credited: CreditOut
    consents_kept_back: list[KeptBackOut]
    consents_passed_on_at: datetime | None
    converted_at: datetime
    converted_by: str


def plan_in(body: ConversionIn) -> OpportunityPlan | None:
    """The opportunity that a body asks for. Raises `Invalid` for an odd amount and contradictions."""
    for kind in ("person", "company"):
        if getattr(body, f"{kind}_id") is not None and getattr(body, f"new_{kind}"):
            message = f"Either {kind}_id or new_{kind}, not both."
            raise Invalid.at(f"/new_{kind}", "chosen_and_new", message)
    if not body.create_opportunity:
        return None
    amount = None if body.amount is None else worth_in(body.amount, "/amount")
    details = OpportunityDetails(
        name=body.name,
        amount=amount,
        expected_close_on=body.expected_close_on,
        description=body.description,
    )
    return OpportunityPlan(body.pipeline_id, body.stage, details)


def shown(conversion: Conversion, who: Any) -> dict[str, Any]:
    """A conversion as the API shows one; `who` has the lead's person, company and owner of now."""
    origin = conversion.credit.origin
    return {
        "lead_id": conversion.lead_id,
        "person_id": who.person_id,
        "person_found": conversion.person,
        "company_id": who.company_id,
        "company_found": conversion.company,
        "opportunity_id": conversion.opportunity_id,
        "owner_id": who.owner_id,
        "credited": {
            "source": origin.source,
            "campaign": origin.campaign,
            "landing_page": origin.landing_page,
            "variant": origin.variant,
            "touched_at": conversion.credit.at,
        },
        "consents_kept_back": [
            {"purpose": one.purpose, "channel": one.channel, "reason": one.reason}
            for one in conversion.kept_back
        ],
        "consents_passed_on_at": conversion.consents_passed_on_at,
        "converted_at": conversion.at,
        "converted_by": conversion.by,
    }
