"""Who acts when there is no token yet: a user who has just proven to be one."""

from __future__ import annotations

from uuid import UUID

from chassis.context import EVERY_GRANT, Caller, service_caller

IDENTITY = "identity"


def acting_user(tenant_id: UUID, user_id: UUID, session_id: UUID | None = None) -> Caller:
    """The user, for what they do on the pages."""
    return Caller(
        tenant_id=tenant_id,
        subject=str(user_id),
        user_id=user_id,
        session_id=session_id,
        grants=EVERY_GRANT,
    )


def identity_itself(tenant_id: UUID) -> Caller:
    """Identity, for what has to be known before it is clear who acts."""
    return service_caller(IDENTITY, tenant_id)
