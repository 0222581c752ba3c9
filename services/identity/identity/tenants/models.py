"""Tenants as JSON: what comes in over REST and what goes out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from identity.domain import LONGEST_EMAIL, LONGEST_NAME
from identity.tenants.domain import TenantDetails, TenantStatus

Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
Locale = Annotated[str, Field(min_length=2, max_length=20)]
TimeZone = Annotated[str, Field(min_length=1, max_length=50)]
Country = Annotated[str, Field(max_length=2)]


class PolicyPatch(Patch):
    """What an organisation asks of passwords and sessions; what is not mentioned stays."""

    password_min_length: Annotated[int, Field(ge=8, le=64)] = 10
    password_min_score: Annotated[int, Field(ge=2, le=4)] = 3
    session_idle_hours: Annotated[int, Field(ge=1, le=24 * 90)] = 24 * 7
    session_lifetime_hours: Annotated[int, Field(ge=1, le=24 * 365)] = 24 * 30
    require_second_factor: bool = False


class TenantIn(Body):
    """A new organisation, and whom to invite to administer it."""

    name: Name
    slug: Annotated[str, Field(min_length=1, max_length=63)]
    admin_email: Annotated[str, Field(min_length=3, max_length=LONGEST_EMAIL)]
    admin_name: Name = "Administrator"
    locale: Locale = "en"
    time_zone: TimeZone = "UTC"
    country: Country = ""


class TenantPatch(Patch):
    name: Name = ""
    locale: Locale = ""
    time_zone: TimeZone = ""
    country: Country = ""
    policy: PolicyPatch = PolicyPatch()

    def changed(self, details: TenantDetails) -> TenantDetails:
        """The details with what is mentioned."""
        given = self.model_fields_set
        plain = {name: getattr(self, name) for name in given - {"policy"}}
        details = replace(details, **plain)
        if "policy" in given:
            mentioned = {name: getattr(self.policy, name) for name in self.policy.model_fields_set}
            details = replace(details, policy=replace(details.policy, **mentioned))
        return details


class PolicyOut(BaseModel):
    """What an organisation asks of passwords and sessions."""

    password_min_length: int
    password_min_score: int
    session_idle_hours: int
    session_lifetime_hours: int
    require_second_factor: bool


class TenantOut(BaseModel):
    """An organisation."""

    id: UUID
    version: int
    name: str
    slug: str
    locale: str
    time_zone: str
    country: str
    status: TenantStatus
    policy: PolicyOut
    created_at: datetime
    updated_at: datetime


class FoundedTenantOut(TenantOut):
    """A new organisation, with the link of its administrator's invitation: shown only now."""

    administrator_id: UUID
    invitation_url: str
