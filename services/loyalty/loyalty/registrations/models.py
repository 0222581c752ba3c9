"""Registrations as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body
from loyalty.registrations.domain import CancelReason, Registration, RegistrationState

Code = Annotated[str, Field(max_length=100)]


class RegistrationIn(Body):
    """Which member comes."""

    member_id: UUID


class CheckInIn(Body):
    """Who is there: the code of the ticket that they show, or the member."""

    ticket: Code = ""
    member_id: UUID | None = None


class SelfCheckInIn(Body):
    """Which member is there, and the code that is shown there now."""

    member_id: UUID
    code: Code


class RegistrationOut(BaseModel):
    """A member's place at an activity, or in the queue for one; the ticket lets in its bearer, once."""

    id: UUID
    version: int
    activity_id: UUID
    program_id: UUID
    member_id: UUID
    person_id: UUID | None
    state: RegistrationState
    ticket: str
    registered_at: datetime
    checked_in_at: datetime | None
    checked_in_by: str
    attended_at: datetime | None
    cancel_reason: CancelReason | None
    points: int
    coupon_id: UUID | None
    recognition_id: UUID | None
    updated_at: datetime


def shown(registration: Registration) -> dict[str, Any]:
    """A registration as the API shows one."""
    given = {"points", "coupon_id", "recognition_id"}
    own = set(RegistrationOut.model_fields) - given - {"ticket"}
    return {
        **{name: getattr(registration, name) for name in own},
        **{name: getattr(registration.given, name) for name in given},
        "ticket": registration.written_ticket,
    }
