"""What a session is: one sign-in of a user, in a browser or of an app, until it ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Fact

TOUCHED_EVERY = timedelta(minutes=1)
"""How exactly it is known when a session was used last."""
PASSWORD_ALONE = ("pwd",)
"""How a user is authenticated who has given the password and no more (RFC 8176, 2)."""


class SessionKind(StrEnum):
    """Who holds the session."""

    BROWSER = "browser"
    APP = "app"


class EndReason(StrEnum):
    """Why a session ended before its time."""

    SIGNED_OUT = "signed_out"
    ENDED_BY_USER = "ended_by_user"
    ENDED_BY_ADMINISTRATOR = "ended_by_administrator"
    SIGNED_IN_AGAIN = "signed_in_again"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a reason, no secret
    PASSWORD_RESET = "password_reset"  # noqa: S105 - a reason, no secret
    EMAIL_CHANGED = "email_changed"
    USER_SUSPENDED = "user_suspended"
    USER_DEACTIVATED = "user_deactivated"
    CODE_REUSED = "code_reused"
    REFRESH_TOKEN_REUSED = "refresh_token_reused"  # noqa: S105 - a reason, no secret
    REVOKED_BY_APP = "revoked_by_app"
    FACTORS_RESET = "factors_reset"


@dataclass(frozen=True, slots=True)
class SessionStarted(Fact):
    """A user has signed in, or has let an app in."""

    session_id: UUID
    user_id: UUID
    kind: SessionKind
    client_id: str | None
    parent_id: UUID | None


@dataclass(frozen=True, slots=True)
class SessionEnded(Fact):
    """A session is over, and every token that names it."""

    session_id: UUID
    user_id: UUID
    reason: EndReason


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a session may rest, and how long it may last."""

    idle: timedelta
    total: timedelta


@dataclass(frozen=True, slots=True)
class Device:
    """What a session runs on, as far as it says: "Firefox on Windows", and the address."""

    name: str
    address: str


@dataclass(kw_only=True)
class Session(Aggregate):
    """One sign-in.

    An app's session has the browser's session that it came from as `parent_id` and ends with it,
    unless the user has agreed to offline access; then it has none. `digest` is that of the
    browser's cookie. `methods` are how the user was authenticated, as in `amr` (RFC 8176).
    """

    user_id: UUID
    kind: SessionKind
    device: Device
    authenticated_at: datetime
    created_at: datetime
    last_seen_at: datetime
    idle: timedelta
    expires_at: datetime
    client_id: str | None = None
    parent_id: UUID | None = None
    scope: str = ""
    digest: bytes | None = None
    ended_at: datetime | None = None
    end_reason: EndReason | None = None
    methods: tuple[str, ...] = PASSWORD_ALONE

    @classmethod
    def begin(
        cls,
        session_id: UUID,
        user_id: UUID,
        device: Device,
        lifetime: Lifetime,
        now: datetime,
        methods: tuple[str, ...] = PASSWORD_ALONE,
    ) -> Session:
        """A browser's session, right after the password was given, and the second factor if needed."""
        session = cls(
            id=session_id,
            user_id=user_id,
            kind=SessionKind.BROWSER,
            device=device,
            authenticated_at=now,
            created_at=now,
            last_seen_at=now,
            idle=lifetime.idle,
            expires_at=now + lifetime.total,
            methods=methods,
        )
        session._started()
        return session

    def begin_app(
        self, session_id: UUID, client_id: str, scope: str, now: datetime, *, offline: bool
    ) -> Session:
        """The session of an app that this browser's user has let in."""
        session = Session(
            id=session_id,
            user_id=self.user_id,
            kind=SessionKind.APP,
            device=self.device,
            authenticated_at=self.authenticated_at,
            created_at=now,
            last_seen_at=now,
            idle=self.idle,
            expires_at=now + (self.expires_at - self.created_at) if offline else self.expires_at,
            client_id=client_id,
            parent_id=None if offline else self.id,
            scope=scope,
            methods=self.methods,
        )
        session._started()
        return session

    def _started(self) -> None:
        self.record(
            SessionStarted(self.id, self.user_id, self.kind, self.client_id, self.parent_id)
        )

    def is_alive(self, now: datetime) -> bool:
        """Whether it has neither ended nor expired nor rested too long."""
        return self.ended_at is None and now < min(self.expires_at, self.last_seen_at + self.idle)

    def is_due_for_touch(self, now: datetime) -> bool:
        """Whether its last use has to be noted."""
        return now - self.last_seen_at >= TOUCHED_EVERY

    def end(self, reason: EndReason, now: datetime) -> None:
        """End it; a second time is no error."""
        if self.ended_at is None:
            self.ended_at, self.end_reason = now, reason
            self.record(SessionEnded(self.id, self.user_id, reason))
