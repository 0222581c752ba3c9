"""Many invitations at once: each answered in its place, and mailed by a worker after the answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import DomainError, Invalid, NotFound
from identity.authority import require_authority, require_full_reach
from identity.domain import email_key
from identity.problems import CONFLICTS, EMAIL_UNIQUE
from identity.roles.domain import Grant
from identity.roles.queries import grants_by_role
from identity.tenants.queries import get_own_tenant
from identity.users.domain import User
from identity.users.operations import ProfileChanges, first_profile
from identity.users.storage import WAIT_FOR_MAIL, users

if TYPE_CHECKING:
    from identity.transaction import IdentityTx


@dataclass(frozen=True, slots=True)
class Invitee:
    """Somebody to invite."""

    email: str
    changes: ProfileChanges
    role_ids: frozenset[UUID]


def invite_users(
    tx: IdentityTx, wanted: Sequence[Invitee | DomainError]
) -> list[User | DomainError]:
    """Invite people, each by themself: what refuses one leaves the others alone.

    Their mails leave afterwards, each with a link of its own that nobody knows before. Somebody else who
    invites one of them at the same moment has the whole work done again. Raises `Forbidden` for a reach
    of less than all.
    """
    require_full_reach(tx.scope)
    tx.try_again_on(EMAIL_UNIQUE)
    invitees = [each for each in wanted if isinstance(each, Invitee)]
    roles = _Roles(tx, (role_id for each in invitees for role_id in each.role_ids))
    taken = _taken(tx, {email_key(each.email) for each in invitees})
    organisation = get_own_tenant(tx)
    invited = [_invited(tx, each, organisation, roles, taken) for each in wanted]
    made = [user for user in invited if isinstance(user, User)]
    # In one order for all, so that two bulks never block each other.
    for user in sorted(made, key=lambda user: email_key(user.email)):
        tx.users.add(user)
    tx.flush()
    _send_later(tx, made)
    return invited


def reinvite_users(
    tx: IdentityTx, wanted: Sequence[UUID | DomainError]
) -> list[User | DomainError]:
    """Have new links mailed to people who have not accepted; the ones before work until they leave."""
    ids = [each for each in wanted if isinstance(each, UUID)]
    known = {user.id: user for user in tx.users.get_many(ids)}
    roles = _Roles(tx, (role_id for user in known.values() for role_id in user.role_ids))
    found = [_reinvited(known, each, roles) for each in wanted]
    _send_later(tx, [user for user in found if isinstance(user, User)])
    return found


class _Roles:
    """What many people's roles grant, asked for once."""

    def __init__(self, tx: IdentityTx, role_ids: Iterable[UUID]) -> None:
        self._caller = tx.caller
        self._granted: Mapping[UUID, tuple[Grant, ...]] = grants_by_role(tx, set(role_ids))
        self._known: dict[UUID, DomainError | None] = {}

    def require(self, role_ids: Iterable[UUID]) -> None:
        """Raises `Invalid` for a role that there is not, `Forbidden` for one beyond the caller's own."""
        for role_id in sorted(role_ids):
            if role_id not in self._known:
                self._known[role_id] = self._refusal(role_id)
            refusal = self._known[role_id]
            if refusal is not None:
                raise refusal

    def _refusal(self, role_id: UUID) -> DomainError | None:
        grants = self._granted.get(role_id)
        if grants is None:
            return Invalid.at("/role_ids", "role_unknown", f"There is no role {role_id}.")
        try:
            require_authority(self._caller, grants)
        except DomainError as error:
            return error
        return None


def _taken(tx: IdentityTx, keys: set[str]) -> set[str]:
    """Those of the addresses that users have already."""
    found = tx.connection.execute(
        sa.select(users.c.email_key).where(
            users.c.tenant_id == tx.tenant_id, users.c.email_key.in_(keys)
        )
    )
    return set(found.scalars())


def _invited(
    tx: IdentityTx,
    invitee: Invitee | DomainError,
    organisation: Mapping[str, Any],
    roles: _Roles,
    taken: set[str],
) -> User | DomainError:
    """One of them, whose address is `taken` from then on."""
    if isinstance(invitee, DomainError):
        return invitee
    try:
        roles.require(invitee.role_ids)
        profile = first_profile(invitee.email, invitee.changes, organisation)
        now = tx.clock.now()
        user = User.invite(tx.ids.new(), invitee.email, profile, invitee.role_ids, None, now)
    except DomainError as error:
        return error
    key = email_key(user.email)
    if key in taken:
        return CONFLICTS[EMAIL_UNIQUE]
    taken.add(key)
    return user


def _reinvited(
    known: Mapping[UUID, User], wanted: UUID | DomainError, roles: _Roles
) -> User | DomainError:
    if isinstance(wanted, DomainError):
        return wanted
    user = known.get(wanted)
    if user is None:
        return NotFound.of("user", wanted)
    try:
        roles.require(user.role_ids)
        user.require_invited()
    except DomainError as error:
        return error
    return user


def _send_later(tx: IdentityTx, found: Sequence[User]) -> None:
    ids = sorted({user.id for user in found})
    if ids:
        about = {"tenant_id": tx.tenant_id, "user_ids": ids, "now": tx.clock.now()}
        tx.write(WAIT_FOR_MAIL, about)
