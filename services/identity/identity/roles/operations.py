"""What administrators do to roles; each function is one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING
from uuid import UUID

from chassis.domain import Invalid
from identity.authority import require_authority, require_full_reach
from identity.permissions.catalogue import is_known
from identity.roles.built_in import BUILT_IN_ROLES
from identity.roles.domain import Grant, Role

if TYPE_CHECKING:
    from identity.transaction import IdentityTx


def define_role(tx: IdentityTx, name: str, grants: Iterable[Grant]) -> Role:
    """Define a role of the organisation's own.

    Raises `Invalid`, `Conflict` when the name is taken, `Forbidden` for grants beyond the caller's.
    """
    require_full_reach(tx.scope)
    wanted = list(grants)
    role = Role.define(tx.ids.new(), name, wanted, tx.clock.now())
    _require_known(wanted)
    require_authority(tx.caller, role.grants)
    tx.roles.add(role)
    return role


def redefine_role(
    tx: IdentityTx, role_id: UUID, name: str | None, grants: Iterable[Grant] | None
) -> Role:
    """Give a role another name or other grants; None leaves them.

    Raises `NotFound`, `Invalid`, `Conflict` for a built-in role, `Forbidden` when the caller
    cannot do what the role allows or is to allow.
    """
    require_full_reach(tx.scope)
    role = tx.roles.get(role_id)
    require_authority(tx.caller, role.grants)
    before = role.grants
    wanted = list(before if grants is None else grants)
    role.redefine(role.name if name is None else name, wanted, tx.clock.now())
    _require_known(wanted, but={grant.permission for grant in before})
    require_authority(tx.caller, role.grants)
    return role


def remove_role(tx: IdentityTx, role_id: UUID) -> Role:
    """Remove a role. Raises `NotFound`, `Conflict` for a built-in role or while users have it."""
    require_full_reach(tx.scope)
    role = tx.roles.get(role_id)
    require_authority(tx.caller, role.grants)
    role.remove()
    tx.roles.remove(role)
    return role


def _require_known(grants: Sequence[Grant], but: AbstractSet[str] = frozenset()) -> None:
    """Raises `Invalid` for what no service asks for: a slip of the pen would grant nothing, and say so nowhere.

    What a role has had before it may keep, whatever became of it.
    """
    for index, grant in enumerate(grants):
        if grant.permission not in but and not is_known(grant.permission):
            raise Invalid.at(
                f"/grants/{index}/permission",
                "permission_unknown",
                f"There is no permission {grant.permission}; /v1/identity/permissions lists all there are.",
            )


def keep_built_in_roles(tx: IdentityTx) -> dict[str, Role]:
    """Give the tenant the built-in roles as this version has them; by their keys."""
    known, now = tx.roles.built_in(), tx.clock.now()
    for built_in in BUILT_IN_ROLES:
        role = known.get(built_in.key)
        if role is None:
            role = Role.define(tx.ids.new(), built_in.name, built_in.grants, now, key=built_in.key)
            known[built_in.key] = role
            tx.roles.add(role)
        else:
            role.renew(built_in.name, built_in.grants, now)
    return known
