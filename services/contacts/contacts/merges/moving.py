"""Everything that belongs to a person and goes along when the person is merged with another.

Whoever adds a table with a `person_id` adds a line to `FOLLOWING`. Where any number of rows may
belong to a person, `MovedRows` is enough; a table with one row for something that a person has once
(a consent to a purpose, say) needs a rule of its own for doubles, as employments have one.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from contacts.merges.consents import MovedConsents
from contacts.merges.employments import MovedEmployments
from contacts.merges.following import Following, MovedRows, Parting
from contacts.merges.relations import MovedRelations
from contacts.merges.signs_of_life import see_again
from contacts.merges.survivors import gone_into
from contacts.transaction import ContactsTx

FOLLOWING: Sequence[Following] = (
    MovedRows("interaction", "interactions"),
    MovedRows("timeline_entry", "timeline_entries"),
    MovedRows("consent_saying", "consent_sayings"),
    MovedRows("question_ask", "question_asks"),
    MovedConsents(),
    MovedEmployments(),
    MovedRelations(),
)
"""What follows people, in the order in which it does."""


def move_all(tx: ContactsTx, gone_id: UUID, survivor_id: UUID) -> None:
    """Have everything that is the one's belong to the other; both are there still."""
    for following in FOLLOWING:
        following.merged(tx, gone_id, survivor_id)
    tx.flush()


def give_all_back(tx: ContactsTx, survivor_id: UUID, back_id: UUID) -> None:
    """Give everything back to a person who is there again."""
    goes_back = [back_id, *gone_into(tx, back_id)]
    stays = [survivor_id, *gone_into(tx, survivor_id)]
    parting = Parting(survivor_id, back_id, goes_back, stays)
    for following in FOLLOWING:
        following.parted(tx, parting)
    tx.flush()
    see_again(tx, (survivor_id, back_id))
