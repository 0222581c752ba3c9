"""How pairs follow what becomes of their people: merges, and merges that are undone.

Who was told apart from somebody who is gone is told apart from the survivor as well, as long as the merge
holds. Whoever undoes a merge has told the two apart. All else of who is gone waits, and is seen again with them.
"""

from __future__ import annotations

from contacts.duplicates.domain import Decision, DuplicatePair, PairState
from contacts.duplicates.judging import finding_of
from contacts.duplicates.storage import PAIR_UNIQUE
from contacts.likeness.keeping import compare_again
from contacts.likeness.traits import traits_of
from contacts.merges.domain import Merge
from contacts.people.domain import Person
from contacts.transaction import ContactsTx


def pairs_after_merge(tx: ContactsTx, merge: Merge) -> None:
    """Note that two are one, and who else is not; both people are locked."""
    tx.try_again_on(PAIR_UNIQUE)
    survivor_id, gone_id = merge.survivor_id, merge.merged_id
    decision = Decision(tx.clock.now(), tx.caller.actor)
    pair = tx.duplicate_pairs.between(survivor_id, gone_id)
    if pair is not None:
        pair.merge(merge.id, decision)
    about = tx.duplicate_pairs.about([gone_id]).values()
    apart = {p.other(gone_id): p for p in about if p.state is PairState.DISMISSED and p is not pair}
    there = tx.duplicate_pairs.among([(survivor_id, other_id) for other_id in apart])
    for other_id, told in apart.items():
        same = Decision(decision.at, told.decided_by or decision.by, inherited_from=merge.id)
        known = there.get((min(survivor_id, other_id), max(survivor_id, other_id)))
        if known is None:
            known = DuplicatePair.tell_apart(
                tx.ids.new(), survivor_id, other_id, told.finding, same
            )
            tx.duplicate_pairs.add(known)
        elif known.state is PairState.OPEN:
            known.dismiss(same)
    compare_again(tx, [survivor_id])


def pairs_after_undo(tx: ContactsTx, merge: Merge, survivor: Person, back: Person) -> None:
    """Note that two are two after all; both people are locked."""
    tx.try_again_on(PAIR_UNIQUE)
    decision = Decision(tx.clock.now(), tx.caller.actor)
    for inherited in tx.duplicate_pairs.inherited_from(merge.id):
        inherited.withdraw()
        tx.duplicate_pairs.remove(inherited)
    pair = tx.duplicate_pairs.between(merge.survivor_id, back.id)
    if pair is not None:
        pair.part(decision)
    else:
        finding = finding_of(traits_of(survivor.details), traits_of(back.details))
        pair = DuplicatePair.tell_apart(tx.ids.new(), merge.survivor_id, back.id, finding, decision)
        tx.duplicate_pairs.add(pair)
    compare_again(tx, [survivor.id, back.id])
