"""What users do to the team of an opportunity; each function is one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from chassis.domain import Conflict, Invalid, NotFound
from sales.colleagues.availability import AWAY, is_user, unavailable
from sales.opportunity_teams.domain import MOST_MEMBERS, Membership
from sales.opportunity_teams.storage import members_of
from sales.transaction import SalesTx


@dataclass(frozen=True, slots=True)
class Placed:
    """A membership; `new` if the user had none."""

    membership: Membership
    new: bool


def place_member(tx: SalesTx, opportunity_id: UUID, user_id: UUID, role: str) -> Placed:
    """Have a user work on an opportunity in this role, and see it. Two at once take turns.

    Raises `NotFound` for an opportunity whose owner is out of reach, `Invalid` for who is no user of
    the tenant or cannot sign in, `Conflict` for too many.
    """
    tx.opportunities.get(opportunity_id)
    known = tx.opportunity_members.of_user(opportunity_id, user_id)
    if known is not None:
        known.take_role(role)
        return Placed(known, new=False)
    if not is_user(tx, user_id):
        message = f"The tenant has no user {user_id}, or identity has not told of them yet."
        raise Invalid.at("/user_id", "user_unknown", message)
    why = unavailable(tx, [user_id], tx.clock.now().date()).get(user_id, AWAY)
    if why != AWAY:
        raise Invalid.at("/user_id", "user_inactive", f"The user cannot sign in: {why}.")
    if len(members_of(tx, opportunity_id)) >= MOST_MEMBERS:
        message = f"At most {MOST_MEMBERS} colleagues work on an opportunity."
        raise Conflict(message, code="too_many_members")
    joined = Membership(
        id=tx.ids.new(),
        opportunity_id=opportunity_id,
        user_id=user_id,
        role=role,
        joined_at=tx.clock.now(),
    )
    joined.join()
    tx.opportunity_members.add(joined)
    return Placed(joined, new=True)


def remove_member(tx: SalesTx, opportunity_id: UUID, user_id: UUID) -> None:
    """Have a user work on an opportunity, and see it as a member, no more. Raises `NotFound`."""
    tx.opportunities.get(opportunity_id)
    known = tx.opportunity_members.of_user(opportunity_id, user_id)
    if known is None:
        raise NotFound.of("member of the opportunity", user_id)
    known.leave(tx.clock.now())
