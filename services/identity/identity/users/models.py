"""Users as JSON: what comes in over REST and what goes out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.batch import BatchIn, items_of
from chassis.http.body import Body, Patch
from identity.domain import LONGEST_EMAIL, LONGEST_NAME
from identity.users.domain import MOST_ROLES, UserStatus
from identity.users.operations import ProfileChanges

Email = Annotated[str, Field(min_length=3, max_length=LONGEST_EMAIL)]
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
Locale = Annotated[str, Field(min_length=2, max_length=20)]
TimeZone = Annotated[str, Field(min_length=1, max_length=50)]
RoleIds = Annotated[tuple[UUID, ...], Field(max_length=MOST_ROLES)]


class ProfilePatch(Patch):
    """Language (`zh-Hant`) and time zone (`Asia/Taipei`), and the name to show."""

    name: Name = ""
    locale: Locale = ""
    time_zone: TimeZone = ""

    def changes(self) -> ProfileChanges:
        """What is mentioned."""
        given = self.model_fields_set & {"name", "locale", "time_zone"}
        return ProfileChanges(**{name: getattr(self, name) for name in given})


class UserIn(ProfilePatch):
    """Somebody to invite; language and time zone are the organisation's unless given."""

    email: Email
    role_ids: RoleIds = ()


class UsersBatchIn(BatchIn):
    """Up to 1,000 people to invite."""

    items: Annotated[tuple[Any, ...], items_of(UserIn)]


class UserRefIn(Body):
    """Which user."""

    id: UUID


class ReinvitationsIn(BatchIn):
    """Up to 1,000 people whose invitations are to be sent again."""

    items: Annotated[tuple[Any, ...], items_of(UserRefIn)]


class UserPatch(ProfilePatch):
    email: Email = ""
    role_ids: RoleIds = ()


class UserOut(BaseModel):
    """A user."""

    id: UUID
    version: int
    email: str
    name: str
    locale: str
    time_zone: str
    status: UserStatus
    email_verified: bool
    invitation_expires_at: datetime | None
    role_ids: list[UUID]
    team_ids: list[UUID]
    created_at: datetime
    updated_at: datetime


class InvitedUserOut(UserOut):
    """An invited user with the link to accept, which is shown only now."""

    invitation_url: str
