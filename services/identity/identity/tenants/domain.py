"""What a tenant is: an organisation that sees nothing of any other."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Fact, Invalid
from identity.domain import checked_country, checked_locale, checked_name, checked_time_zone

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


class TenantStatus(StrEnum):
    """Whether an organisation is served."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class SignInPolicy:
    """What an organisation asks of passwords and sessions.

    `password_min_score` is how hard a password is to guess, 2 to 4 of zxcvbn's scale; lengths are
    in characters. A session ends `session_idle_hours` after it was last used, and in any case
    `session_lifetime_hours` after sign-in. With `require_second_factor` the password alone lets
    nobody in: who has no factor gets one at the next sign-in, before anything else.
    """

    password_min_length: int = 10
    password_min_score: int = 3
    session_idle_hours: int = 24 * 7
    session_lifetime_hours: int = 24 * 30
    require_second_factor: bool = False

    def check(self) -> SignInPolicy:
        """Itself. Raises `Invalid` for a value out of bounds."""
        bounds = {
            "password_min_length": (8, 64),
            "password_min_score": (2, 4),
            "session_idle_hours": (1, 24 * 90),
            "session_lifetime_hours": (1, 24 * 365),
        }
        for name, (low, high) in bounds.items():
            if not low <= getattr(self, name) <= high:
                raise Invalid.at(f"/policy/{name}", "out_of_bounds", f"Has to be {low} to {high}.")
        if self.session_idle_hours > self.session_lifetime_hours:
            raise Invalid.at(
                "/policy/session_idle_hours",
                "out_of_bounds",
                "Idle sessions cannot outlive session_lifetime_hours.",
            )
        return self


@dataclass(frozen=True, slots=True)
class TenantDetails:
    """What may be said about an organisation; `country` may be empty."""

    name: str
    locale: str = "en"
    time_zone: str = "UTC"
    country: str = ""
    policy: SignInPolicy = SignInPolicy()

    def check(self) -> TenantDetails:
        """The same, tidied. Raises `Invalid` with a pointer to what is wrong."""
        return TenantDetails(
            name=checked_name(self.name),
            locale=checked_locale(self.locale),
            time_zone=checked_time_zone(self.time_zone),
            country=checked_country(self.country),
            policy=self.policy.check(),
        )

    def differences(self, other: TenantDetails) -> tuple[str, ...]:
        """The names of the fields that differ, sorted."""
        names = (f.name for f in fields(self))
        return tuple(sorted(n for n in names if getattr(self, n) != getattr(other, n)))


@dataclass(frozen=True, slots=True)
class TenantCreated(Fact):
    """An organisation begins."""

    tenant_id: UUID
    details: TenantDetails


@dataclass(frozen=True, slots=True)
class TenantChanged(Fact):
    """Something about an organisation is different now."""

    tenant_id: UUID
    changed_fields: tuple[str, ...]
    details: TenantDetails


@dataclass(frozen=True, slots=True)
class SecondFactorRequirementChanged(Fact):
    """An organisation requires a second factor of its users, or does so no more."""

    tenant_id: UUID
    required: bool


@dataclass(frozen=True, slots=True)
class TenantSuspended(Fact):
    """Nobody of the organisation gets in for the time being."""

    tenant_id: UUID


@dataclass(frozen=True, slots=True)
class TenantResumed(Fact):
    """A suspended organisation works again."""

    tenant_id: UUID


@dataclass(kw_only=True)
class Tenant(Aggregate):
    """One organisation. `slug` names it in commands and addresses, and never changes."""

    slug: str
    details: TenantDetails
    status: TenantStatus
    created_at: datetime
    updated_at: datetime

    @classmethod
    def create(cls, tenant_id: UUID, slug: str, details: TenantDetails, now: datetime) -> Tenant:
        """A new organisation. Raises `Invalid`."""
        if not _SLUG.fullmatch(slug):
            raise Invalid.at(
                "/slug", "slug_invalid", "A slug has 1 to 63 of a-z, 0-9 and - (not at an end)."
            )
        tenant = cls(
            id=tenant_id,
            slug=slug,
            details=details.check(),
            status=TenantStatus.ACTIVE,
            created_at=now,
            updated_at=now,
        )
        tenant.record(TenantCreated(tenant_id, tenant.details))
        return tenant

    def change(self, details: TenantDetails, now: datetime) -> None:
        """Take over `details`; nothing happens when nothing differs. Raises `Invalid`."""
        details = details.check()
        changed, required = self.details.differences(details), details.policy.require_second_factor
        requires_anew = required != self.details.policy.require_second_factor
        if changed:
            self.details, self.updated_at = details, now
            self.record(TenantChanged(self.id, changed, details))
        if requires_anew:
            self.record(SecondFactorRequirementChanged(self.id, required))

    def suspend(self, now: datetime) -> None:
        """Let nobody in; a second time is no error."""
        if self.status is not TenantStatus.SUSPENDED:
            self.status, self.updated_at = TenantStatus.SUSPENDED, now
            self.record(TenantSuspended(self.id))

    def resume(self, now: datetime) -> None:
        """Serve again; nothing happens to a tenant that is served."""
        if self.status is not TenantStatus.ACTIVE:
            self.status, self.updated_at = TenantStatus.ACTIVE, now
            self.record(TenantResumed(self.id))
