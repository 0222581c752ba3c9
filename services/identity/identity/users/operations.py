"""What administrators and users themselves do to users; each function is one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from chassis.domain import Conflict, Forbidden, Invalid
from identity.authority import require_authority, require_full_reach
from identity.roles.built_in import ADMINISTRATOR
from identity.roles.queries import grants_by_role
from identity.roles.storage import lock_built_in_role
from identity.sessions.domain import EndReason
from identity.sessions.operations import end_all_sessions
from identity.sign_in.operations import withdraw_resets
from identity.tenants.queries import get_own_tenant
from identity.tickets import Ticket
from identity.users.domain import INVITATION_LASTS, Invitation, Profile, User
from identity.users.queries import count_active_with_role
from identity.users.storage import WAIT_NO_MORE

if TYPE_CHECKING:
    from identity.transaction import IdentityTx


@dataclass(frozen=True, slots=True)
class ProfileChanges:
    """What is to be different; None stays as it is."""

    name: str | None = None
    locale: str | None = None
    time_zone: str | None = None

    def of(self, profile: Profile) -> Profile:
        """The profile with the changes."""
        return Profile(
            profile.name if self.name is None else self.name,
            profile.locale if self.locale is None else self.locale,
            profile.time_zone if self.time_zone is None else self.time_zone,
        )


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody who was invited by an organisation, and the ticket to accept: known only now."""

    user: User
    ticket: Ticket
    organisation: str


def invite_user(
    tx: IdentityTx, email: str, changes: ProfileChanges, role_ids: Iterable[UUID]
) -> Invited:
    """Invite somebody; language and time zone are the organisation's unless given.

    Raises `Invalid`, `Conflict` when the address is known, `Forbidden` for roles beyond the
    caller's permissions.
    """
    require_full_reach(tx.scope)
    roles = frozenset(role_ids)
    _require_roles(tx, roles)
    organisation = get_own_tenant(tx)
    profile = first_profile(email, changes, organisation)
    now = tx.clock.now()
    ticket = Ticket.issue(tx.tenant_id, tx.ids.new())
    invitation = Invitation(ticket.digest, now + INVITATION_LASTS)
    user = User.invite(ticket.id, email, profile, roles, invitation, now)
    tx.users.add(user)
    return Invited(user, ticket, organisation["name"])


def first_profile(email: str, changes: ProfileChanges, organisation: Mapping[str, Any]) -> Profile:
    """What somebody is called who is invited: as they are written to, unless it is said."""
    name = email.partition("@")[0].strip() if changes.name is None else changes.name
    return changes.of(Profile(name, organisation["locale"], organisation["time_zone"]))


def renew_invitation(tx: IdentityTx, user_id: UUID, *, keep_waiting: bool = False) -> Invited:
    """Replace an invitation by a new one; a mail that waits is not sent any more, unless it is this.

    Raises `NotFound`, `Conflict` unless invited.
    """
    user = _in_charge_of(tx, user_id)
    ticket = Ticket.issue(tx.tenant_id, user_id)
    now = tx.clock.now()
    user.renew_invitation(Invitation(ticket.digest, now + INVITATION_LASTS), now)
    if not keep_waiting:
        tx.write(WAIT_NO_MORE, {"tenant_id": tx.tenant_id, "user_id": user_id})
    return Invited(user, ticket, get_own_tenant(tx)["name"])


def accept_invitation(tx: IdentityTx, ticket: Ticket, name: str | None = None) -> User:
    """Become an active user. Raises `NotFound`, `Conflict` for a link that works no more."""
    user, now = tx.users.get(ticket.id), tx.clock.now()
    user.accept_invitation(ticket.digest, now)
    user.change_profile(ProfileChanges(name=name).of(user.profile), now)
    return user


def change_user(
    tx: IdentityTx,
    user_id: UUID,
    changes: ProfileChanges,
    email: str | None = None,
    role_ids: Iterable[UUID] | None = None,
) -> User:
    """Change what is given. Whoever could read another's mail could also become them.

    With another address, links for a new password that went to the one before work no more.

    Raises `NotFound`, `Invalid`, `Conflict` for a known address or the last administrator,
    `Forbidden` when the user may do more than the caller.
    """
    user, now = tx.users.get(user_id), tx.clock.now()
    user.change_profile(changes.of(user.profile), now)
    if email is not None and email.strip() != user.email:
        _require_roles(tx, user.role_ids)
        user.change_email(email, now)
        withdraw_resets(tx, user_id)
        end_all_sessions(tx, user_id, EndReason.EMAIL_CHANGED)
    if role_ids is not None:
        _assign_roles(tx, user, frozenset(role_ids))
    return user


def change_own_profile(tx: IdentityTx, changes: ProfileChanges) -> User:
    """Change the caller's own profile. Raises `Forbidden` when the caller is no user."""
    user_id = tx.caller.user_id
    if user_id is None:
        raise Forbidden("Only a user has a profile.", code="user_needed")
    user = tx.users.get(user_id)
    user.change_profile(changes.of(user.profile), tx.clock.now())
    return user


def assign_role(tx: IdentityTx, user_id: UUID, role_id: UUID) -> User:
    """Give a user one more role. Raises `NotFound`, `Invalid`, `Forbidden`."""
    user = tx.users.get(user_id)
    _assign_roles(tx, user, user.role_ids | {role_id})
    return user


def unassign_role(tx: IdentityTx, user_id: UUID, role_id: UUID) -> User:
    """Take a role from a user. Raises `NotFound`, `Forbidden`, `Conflict`."""
    user = tx.users.get(user_id)
    _assign_roles(tx, user, user.role_ids - {role_id})
    return user


def suspend_user(tx: IdentityTx, user_id: UUID) -> User:
    """Keep a user out for the time being. Raises `NotFound`, `Forbidden`, `Conflict`."""
    user = _in_charge_of(tx, user_id)
    _keep_an_administrator(tx, user)
    user.suspend(tx.clock.now())
    end_all_sessions(tx, user_id, EndReason.USER_SUSPENDED)
    return user


def deactivate_user(tx: IdentityTx, user_id: UUID) -> User:
    """Note that a user has left. Raises `NotFound`, `Forbidden`, `Conflict`."""
    user = _in_charge_of(tx, user_id)
    _keep_an_administrator(tx, user)
    user.deactivate(tx.clock.now())
    end_all_sessions(tx, user_id, EndReason.USER_DEACTIVATED)
    return user


def reactivate_user(tx: IdentityTx, user_id: UUID) -> User:
    """Let a user back in. Raises `NotFound`, `Forbidden`."""
    user = _in_charge_of(tx, user_id)
    user.reactivate(tx.clock.now())
    return user


def in_charge_of(tx: IdentityTx, user_id: UUID) -> User:
    """A user, for a change to what is theirs. Raises `NotFound`, `Forbidden` for one who may do more."""
    return _in_charge_of(tx, user_id)


def _in_charge_of(tx: IdentityTx, user_id: UUID) -> User:
    """The user, who may do no more than the caller."""
    user = tx.users.get(user_id)
    _require_roles(tx, user.role_ids)
    return user


def _assign_roles(tx: IdentityTx, user: User, role_ids: frozenset[UUID]) -> None:
    """Give and take; the caller must have what the roles grant in either case."""
    _require_roles(tx, role_ids ^ user.role_ids)
    _keep_an_administrator(tx, user, role_ids)
    user.assign_roles(role_ids, tx.clock.now())


def _require_roles(tx: IdentityTx, role_ids: frozenset[UUID]) -> None:
    granted = grants_by_role(tx, role_ids)
    for role_id in sorted(role_ids - granted.keys()):
        raise Invalid.at("/role_ids", "role_unknown", f"There is no role {role_id}.")
    for grants in granted.values():
        require_authority(tx.caller, grants)


def _keep_an_administrator(
    tx: IdentityTx, user: User, role_ids: frozenset[UUID] = frozenset()
) -> None:
    """Raises `Conflict` when nobody would be left to administer the organisation.

    Whoever takes the role away takes turns, so that two cannot remove each other.
    """
    if not user.may_sign_in:
        return
    administrator = lock_built_in_role(tx, ADMINISTRATOR)
    if administrator is None or administrator not in user.role_ids - role_ids:
        return
    if not count_active_with_role(tx, administrator, but=user.id):
        raise Conflict("This is the last administrator.", code="last_administrator")
