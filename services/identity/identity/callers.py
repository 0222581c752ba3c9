"""Who acts when there is no token yet: a user who has just proven to be one."""

from __future__ import annotations

from uuid import UUID

from chassis.context import EVERY_GRANT, Caller, service_caller

IDENTITY = "identity"


def acting_user(
    tenant_id: UUID,
    user_id: UUID,
    session_id: UUID | None = None,
    client_id: str | None = None,
) -> Caller:
    """The user, for what they do on the pages, and through an app that they let in."""
    return Caller(
        tenant_id=tenant_id,
        subject=str(user_id),
        user_id=user_id,
        client_id=client_id,
        session_id=session_id,
        grants=EVERY_GRANT,
    )


def identity_itself(tenant_id: UUID) -> Caller:
    """Identity, for what has to be known before it is clear who acts."""
    return service_caller(IDENTITY, tenant_id)


def operator_at_work(tenant_id: UUID, name: str) -> Caller:
    """Whoever runs the platform, by a command on its machine; `name` is for the audit log."""
    return Caller(
        tenant_id=tenant_id,
        subject=f"operator:{name}",
        client_id="operator",
        grants=EVERY_GRANT,
    )
