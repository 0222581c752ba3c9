"""Absences as the REST face takes and shows them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from chassis.http.body import Body
from sales.absences.domain import Absence


class AbsenceIn(Body):
    """Days on which a user is away, both included, in UTC; the caller unless somebody is named."""

    user_id: UUID | None = None
    first_day: date
    last_day: date


class AbsenceOut(BaseModel):
    """An absence."""

    id: UUID
    version: int
    user_id: UUID
    first_day: date
    last_day: date
    created_at: datetime


def shown(absence: Absence) -> dict[str, Any]:
    """An absence as the API shows one, without reading it back."""
    return {name: getattr(absence, name) for name in AbsenceOut.model_fields}
