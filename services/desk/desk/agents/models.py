"""Agents as the REST face takes and shows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Moment, Patch
from desk.agents.domain import (
    HIGHEST_LEVEL,
    MOST_CAPACITY,
    MOST_LANGUAGES,
    MOST_QUEUES_SERVED,
    MOST_SKILLS,
    AgentProfile,
    AgentStatus,
    Skill,
    Standing,
)
from desk.names import Key, Language


class SkillIn(Body):
    """What somebody is good at; level 5 is the best."""

    key: Key
    level: Annotated[int, Field(ge=1, le=HIGHEST_LEVEL)]


class AgentFields(Body):
    """What an agent can do and serves.

    `capacity` is how many open tickets the agent has at most when tickets are handed out; those that
    wait for the customer or somebody else do not count.
    """

    skills: Annotated[tuple[SkillIn, ...], Field(max_length=MOST_SKILLS)] = ()
    languages: Annotated[tuple[Language, ...], Field(max_length=MOST_LANGUAGES)] = ()
    capacity: Annotated[int, Field(ge=0, le=MOST_CAPACITY)] = 10
    queue_ids: Annotated[tuple[UUID, ...], Field(max_length=MOST_QUEUES_SERVED)] = ()


class AgentIn(AgentFields):
    """A new agent, who is a user already; offline unless it says otherwise."""

    user_id: UUID
    status: AgentStatus = AgentStatus.OFFLINE


class AgentPatch(Patch, AgentFields):
    """What may change about an agent; lists are replaced as a whole."""


class AgentStatusIn(Body):
    """Where an agent stands.

    When `until` has come, who was not there is available again, and who was is offline.
    """

    status: AgentStatus
    until: Moment | None = None
    reason: Annotated[str, Field(max_length=500)] = ""


class AgentOut(BaseModel):
    """An agent, whose id is the user's, with how many open and waiting tickets they have."""

    id: UUID
    version: int
    skills: list[SkillIn]
    languages: list[str]
    capacity: int
    queue_ids: list[UUID]
    status: AgentStatus
    status_since: datetime
    status_until: datetime | None
    status_reason: str
    open_tickets: int
    waiting_tickets: int
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


def profile_in(body: AgentFields) -> AgentProfile:
    """The profile that a body gives."""
    return AgentProfile(_skills(body), body.languages, body.capacity, body.queue_ids)


def changed(profile: AgentProfile, body: AgentPatch) -> AgentProfile:
    """The profile with what the body mentions."""
    changes: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    if "skills" in changes:
        changes["skills"] = _skills(body)
    return replace(profile, **changes)


def standing_in(body: AgentStatusIn) -> Standing:
    """The standing that a body gives."""
    return Standing(body.status, body.until, body.reason)


def _skills(body: AgentFields) -> tuple[Skill, ...]:
    return tuple(Skill(one.key, one.level) for one in body.skills)
