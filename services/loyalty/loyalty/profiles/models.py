"""Profiles as the REST face shows them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel


class ImportantDayOut(BaseModel):
    """A day that matters every year; `first` is the first such day."""

    kind: str
    first: date


class ProfileOut(BaseModel):
    """What loyalty goes by for a member.

    `time_zone` is that of the person, as contacts knows it, else the program's: `time_zone_from`
    says which. `refresh_due` says that contacts is being asked; `failed_attempts` how often it gave
    no answer since it last did.
    """

    member_id: UUID
    person_id: UUID | None
    time_zone: str
    time_zone_from: Literal["person", "program"]
    language: str
    days: list[ImportantDayOut]
    known_at: datetime | None
    refresh_due: bool
    failed_attempts: int
