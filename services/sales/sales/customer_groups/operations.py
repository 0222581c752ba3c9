"""What users do to customer groups."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sales.customer_groups.domain import Membership
from sales.people.named import current_or_none
from sales.transaction import SalesTx


@dataclass(frozen=True, slots=True)
class Joined:
    """A membership that is there now; `new` unless it was before."""

    membership: Membership
    new: bool


def add_to_group(
    tx: SalesTx, group: str, person_id: UUID | None, company_id: UUID | None
) -> Joined:
    """Have a customer belong to a group; a second time changes nothing. Raises `Invalid`."""
    wanted = Membership(
        id=tx.ids.new(),
        group=group,
        person_id=current_or_none(tx, person_id),
        company_id=company_id,
        created_at=tx.clock.now(),
    )
    wanted.begin()
    known = tx.memberships.of_customer(wanted)
    if known is not None:
        return Joined(known, new=False)
    tx.memberships.add(wanted)
    return Joined(wanted, new=True)


def remove_from_group(tx: SalesTx, member_id: UUID) -> Membership:
    """Have a customer belong to a group no more, however often they do. Raises `NotFound`.

    After a merge two memberships are one customer's: with one of them left they would still belong.
    """
    alike = tx.memberships.alike(member_id)
    for one in alike:
        one.end()
        tx.memberships.remove(one)
    return next(one for one in alike if one.id == member_id)
