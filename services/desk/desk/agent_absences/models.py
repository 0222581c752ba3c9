"""Absences of agents as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Moment
from desk.agent_absences.domain import AgentAbsence


class AgentAbsenceIn(Body):
    """When an agent is away; the caller unless somebody is named."""

    agent_id: UUID | None = None
    begins_at: Moment
    ends_at: Moment
    reason: Annotated[str, Field(max_length=500)] = ""


class AgentAbsenceOut(BaseModel):
    """An absence."""

    id: UUID
    version: int
    agent_id: UUID
    begins_at: datetime
    ends_at: datetime
    reason: str
    created_at: datetime


def shown(absence: AgentAbsence) -> dict[str, Any]:
    """An absence as the API shows one, without reading it back."""
    return {name: getattr(absence, name) for name in AgentAbsenceOut.model_fields}
