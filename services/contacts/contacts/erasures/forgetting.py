"""Everything that names a person in contacts, and what becomes of it when the person is erased.

What has a foreign key to the person goes with the person's row: keys, external ids, values of custom
fields, search terms, interactions, employments, relations, signs of life, consents, what they were asked, the
timeline, and merges with those who are gone as they were. Facts stay in the outbox, without what their contracts call
personal; dead letters have never held it. Words of a name leave the dictionary of the search when nobody has them any more. The rest is here.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.idempotency import withdraw_replies
from chassis.personal import forget_in_outbox
from contacts.duplicates.storage import forget_pairs
from contacts.imports.forgetting import Remembered, forget_in_imports
from contacts.merges.origins import forget_records_of
from contacts.people.domain import PersonDetails
from contacts.people.matching import keys_of
from contacts.transaction import ContactsTx


def forget_people(tx: ContactsTx, ids: Sequence[UUID], details: Sequence[PersonDetails]) -> None:
    """Forget a person and those merged into them, as far as it does not go with the person's row."""
    forget_records_of(tx, ids)
    forget_pairs(tx, ids)
    forget_in_imports(
        tx,
        Remembered(
            person_ids=list(ids),
            keys=[key for each in details for key in keys_of(each)],
            texts=[
                text.lower()
                for each in details
                for text in (
                    *(point.address for point in each.emails),
                    *(point.number for point in each.phones),
                )
            ],
        ),
    )
    told_of = [*ids, *(consent.id for consent in tx.consents.of(ids).values())]
    withdraw_replies(tx, list(map(str, told_of)))
    forget_in_outbox(tx, ids)
