"""What users do to parts in buying; each function is one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from chassis.domain import Conflict, NotFound
from sales.buying_roles.domain import Involvement, Part
from sales.people.named import current_person
from sales.transaction import SalesTx

MOST_PEOPLE = 200


@dataclass(frozen=True, slots=True)
class Assigned:
    """A person's part now; `new` if they had none."""

    involvement: Involvement
    new: bool


def assign_part(tx: SalesTx, opportunity_id: UUID, person_id: UUID, part: Part) -> Assigned:
    """Give a person this part in buying, and no other. Two at once take turns.

    Raises `NotFound` for an opportunity that is out of reach, `Invalid`, `Conflict` for too many.
    """
    tx.opportunities.get(opportunity_id)
    person_id, now = current_person(tx, person_id), tx.clock.now()
    noted = tx.involvements.of_person(opportunity_id, person_id)
    if noted:
        kept, *others = noted
        for other in others:
            other.join()
            tx.involvements.remove(other)
        kept.become(part, now)
        return Assigned(kept, new=False)
    if tx.involvements.count(opportunity_id) >= MOST_PEOPLE:
        message = f"An opportunity has at most {MOST_PEOPLE} people."
        raise Conflict(message, code="too_many_people")
    begun = Involvement(
        id=tx.ids.new(),
        opportunity_id=opportunity_id,
        person_id=person_id,
        part=part,
        created_at=now,
        updated_at=now,
    )
    begun.begin()
    tx.involvements.add(begun)
    return Assigned(begun, new=True)


def remove_person(tx: SalesTx, opportunity_id: UUID, person_id: UUID) -> None:
    """Have a person have no part any more. Raises `NotFound`, also for one who has none."""
    tx.opportunities.get(opportunity_id)
    noted = tx.involvements.of_person(opportunity_id, current_person(tx, person_id))
    if not noted:
        raise NotFound.of("person on this opportunity", person_id)
    noted[0].end()
    for other in noted[1:]:
        other.join()
    for one in noted:
        tx.involvements.remove(one)
