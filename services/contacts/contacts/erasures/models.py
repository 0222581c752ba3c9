"""Erasures as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body


class EraseIn(Body):
    """Why somebody is erased: it is kept, so it says nothing about who it is."""

    reason: Annotated[str, Field(min_length=1, max_length=200)]


class ErasureOut(BaseModel):
    """That somebody was erased, with those who had been merged into them."""

    id: UUID
    person_id: UUID
    merged_person_ids: list[UUID]
    reason: str
    erased_at: datetime
    erased_by: str
