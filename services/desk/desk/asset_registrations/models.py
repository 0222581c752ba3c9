"""Registrations as the REST face takes and shows them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body
from chassis.http.query_string import Query
from desk.asset_models.models import Sku
from desk.asset_registrations.domain import (
    AssetRegistration,
    Claim,
    RegistrationChannel,
    RegistrationStatus,
    WaitingCause,
)
from desk.assets.domain import LONGEST_SERIAL
from desk.names import Reason

LONGEST_ORDER_NUMBER = 100


class AssetRegistrationIn(Body):
    """What a customer says is theirs; with neither day nor order number somebody looks at it."""

    person_id: UUID
    product_sku: Sku
    serial_number: Annotated[str, Field(min_length=1, max_length=LONGEST_SERIAL)]
    bought_on: date | None = None
    order_number: Annotated[str, Field(max_length=LONGEST_ORDER_NUMBER)] = ""


class RejectionIn(Body):
    """Why a thing is not taken to be whose it was said to be."""

    reason: Reason


class RegistrationLinkQuery(Query):
    """Who is to register what they own by the link, and for how many days it holds."""

    person_id: UUID
    days: Annotated[int, Field(ge=1, le=365)] = 90


class RegistrationLinkOut(BaseModel):
    """The address at which a customer registers what they own."""

    url: str
    expires_at: datetime


class AssetRegistrationOut(BaseModel):
    """What a customer says is theirs; `cause` says why somebody has to look at it."""

    id: UUID
    version: int
    product_sku: str
    serial_number: str
    person_id: UUID | None
    bought_on: date | None
    order_number: str
    channel: RegistrationChannel
    status: RegistrationStatus
    cause: WaitingCause
    asset_id: UUID | None
    decided_by: str
    decided_at: datetime | None
    decision_reason: str
    received_at: datetime


def claim_in(body: AssetRegistrationIn) -> Claim:
    """What a body says."""
    return Claim(
        body.product_sku, body.serial_number.strip(), body.bought_on, body.order_number.strip()
    )


def shown(registration: AssetRegistration) -> dict[str, Any]:
    """A registration as the API shows one."""
    claim = {"product_sku", "serial_number", "bought_on", "order_number"}
    own = set(AssetRegistrationOut.model_fields) - claim
    return {
        **{name: getattr(registration, name) for name in own},
        **{name: getattr(registration.claim, name) for name in claim},
    }
