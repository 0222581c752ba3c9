"""What a user is: somebody of the organisation who may sign in, or was invited to, or has left."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid
from identity.domain import checked_email, checked_locale, checked_name, checked_time_zone

INVITATION_LASTS = timedelta(days=7)
MOST_ROLES = 20


class UserStatus(StrEnum):
    """How a user stands."""

    INVITED = "invited"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    DEACTIVATED = "deactivated"


@dataclass(frozen=True, slots=True)
class Profile:
    """What a user is called and how they want to be spoken to."""

    name: str
    locale: str
    time_zone: str

    def check(self) -> Profile:
        """The same, tidied. Raises `Invalid` with a pointer to what is wrong."""
        return Profile(
            checked_name(self.name), checked_locale(self.locale), checked_time_zone(self.time_zone)
        )


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link that works once: only the digest of its secret is kept."""

    digest: bytes
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class UserInvited(Fact):
    """Somebody may become a user, and cannot sign in yet."""

    user_id: UUID


@dataclass(frozen=True, slots=True)
class UserActivated(Fact):
    """A user may sign in."""

    user_id: UUID


@dataclass(frozen=True, slots=True)
class UserChanged(Fact):
    """Something about a user is different, other than the status."""

    user_id: UUID
    changed_fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UserSuspended(Fact):
    """A user may not sign in for the time being."""

    user_id: UUID


@dataclass(frozen=True, slots=True)
class UserDeactivated(Fact):
    """A user has left."""

    user_id: UUID


@dataclass(frozen=True, slots=True)
class AccessRevoked(Fact):
    """Access tokens of this user or client from before `not_before` are refused."""

    subject_id: UUID
    not_before: datetime


@dataclass(kw_only=True)
class User(Aggregate):
    """Somebody of the organisation."""

    email: str
    profile: Profile
    status: UserStatus
    role_ids: frozenset[UUID]
    created_at: datetime
    updated_at: datetime
    email_verified_at: datetime | None = None
    invitation: Invitation | None = None
    access_revoked_at: datetime | None = None

    @classmethod
    def invite(
        cls,
        user_id: UUID,
        email: str,
        profile: Profile,
        role_ids: Iterable[UUID],
        invitation: Invitation | None,
        now: datetime,
    ) -> User:
        """A new user who has yet to accept, with the link unless it is made later. Raises `Invalid`."""
        user = cls._new(user_id, email, profile, role_ids, UserStatus.INVITED, now)
        user.invitation = invitation
        user.record(UserInvited(user_id))
        return user

    @classmethod
    def activate_first(
        cls, user_id: UUID, email: str, profile: Profile, role_ids: Iterable[UUID], now: datetime
    ) -> User:
        """A tenant's first user: vouched for by whoever creates the tenant. Raises `Invalid`."""
        user = cls._new(user_id, email, profile, role_ids, UserStatus.ACTIVE, now)
        user.email_verified_at = now
        user.record(UserActivated(user_id))
        return user

    @classmethod
    def _new(
        cls,
        user_id: UUID,
        email: str,
        profile: Profile,
        role_ids: Iterable[UUID],
        status: UserStatus,
        now: datetime,
    ) -> User:
        return cls(
            id=user_id,
            email=checked_email(email),
            profile=profile.check(),
            status=status,
            role_ids=_checked_roles(role_ids),
            created_at=now,
            updated_at=now,
        )

    @property
    def may_sign_in(self) -> bool:
        """Whether the user's status lets them in."""
        return self.status is UserStatus.ACTIVE

    def require_invited(self) -> None:
        """Raises `Conflict` for who has accepted an invitation, or has left."""
        self._require(UserStatus.INVITED)

    def renew_invitation(self, invitation: Invitation, now: datetime) -> None:
        """Replace the link; the one before works no more. Raises `Conflict` unless invited."""
        self.require_invited()
        self.invitation = invitation
        self._changed(now, "invitation_expires_at")

    def accept_invitation(self, digest: bytes, now: datetime) -> None:
        """Become active, with an address that is proven.

        Raises `Conflict` for a link that is used, replaced or expired.
        """
        pending = self.invitation
        known = pending is not None and hmac.compare_digest(pending.digest, digest)
        if self.status is not UserStatus.INVITED or pending is None or not known:
            raise Conflict("This invitation was used or replaced.", code="invitation_used")
        if pending.expires_at <= now:
            raise Conflict("This invitation has expired.", code="invitation_expired")
        self.invitation = None
        self.email_verified_at = now
        self._become(UserStatus.ACTIVE, UserActivated(self.id), now)

    def change_profile(self, profile: Profile, now: datetime) -> None:
        """Take over `profile`. Raises `Invalid`."""
        profile = profile.check()
        names = ("name", "locale", "time_zone")
        changed = [n for n in names if getattr(profile, n) != getattr(self.profile, n)]
        if changed:
            self.profile = profile
            self._changed(now, *changed)

    def change_email(self, email: str, now: datetime) -> None:
        """Sign in with another address from now on, which has yet to be proven.

        A pending invitation went to the old address, so it is withdrawn. Raises `Invalid`.
        """
        email = checked_email(email)
        if email != self.email:
            self.email, self.email_verified_at, self.invitation = email, None, None
            self._changed(now, "email")

    def verify_email(self, now: datetime) -> None:
        """Note that the user has shown to read what is sent to the address."""
        if self.email_verified_at is None:
            self.email_verified_at = now
            self._changed(now, "email_verified")

    def assign_roles(self, role_ids: Iterable[UUID], now: datetime) -> None:
        """Have these roles and no others. Raises `Invalid` for too many."""
        roles = _checked_roles(role_ids)
        if roles != self.role_ids:
            self.role_ids = roles
            self._changed(now, "role_ids")

    def suspend(self, now: datetime) -> None:
        """Keep out for the time being. Raises `Conflict` unless active or suspended already."""
        if self.status is not UserStatus.SUSPENDED:
            self._require(UserStatus.ACTIVE)
            self._become(UserStatus.SUSPENDED, UserSuspended(self.id), now)
            self.revoke_access(now)

    def deactivate(self, now: datetime) -> None:
        """Leave, or withdraw an invitation; a second time is no error."""
        if self.status is not UserStatus.DEACTIVATED:
            self.invitation = None
            self._become(UserStatus.DEACTIVATED, UserDeactivated(self.id), now)
            self.revoke_access(now)

    def reactivate(self, now: datetime) -> None:
        """Let back in; who never accepted needs a new invitation. Active users stay as they are."""
        if self.status not in (UserStatus.SUSPENDED, UserStatus.DEACTIVATED):
            return
        if self.email_verified_at is None and self.status is UserStatus.DEACTIVATED:
            self._become(UserStatus.INVITED, UserInvited(self.id), now)
        else:
            self._become(UserStatus.ACTIVE, UserActivated(self.id), now)

    def revoke_access(self, now: datetime) -> None:
        """Have access tokens from before now refused everywhere."""
        self.access_revoked_at = now
        self.record(AccessRevoked(self.id, now))

    def _become(self, status: UserStatus, fact: Fact, now: datetime) -> None:
        self.status, self.updated_at = status, now
        self.record(fact)

    def _changed(self, now: datetime, *names: str) -> None:
        self.updated_at = now
        self.record(UserChanged(self.id, tuple(sorted(names))))

    def _require(self, status: UserStatus) -> None:
        if self.status is not status:
            raise Conflict(f"The user is {self.status}, not {status}.", code=f"user_not_{status}")


def _checked_roles(role_ids: Iterable[UUID]) -> frozenset[UUID]:
    roles = frozenset(role_ids)
    if len(roles) > MOST_ROLES:
        raise Invalid.at("/role_ids", "too_many", f"A user has at most {MOST_ROLES} roles.")
    return roles
