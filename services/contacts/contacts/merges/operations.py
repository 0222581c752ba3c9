"""Makes two people one, and two again; each function is one transaction.

Everybody locks the people first, in the order of their ids, and merges after them: whoever comes
second finds one of the people gone, or the merge undone, and nobody is lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from chassis.domain import Conflict, Invalid, NotFound
from contacts.contact_points.domain import ExternalId
from contacts.duplicates.following import pairs_after_merge, pairs_after_undo
from contacts.merges.domain import Merge, Outcome, Side
from contacts.merges.moving import give_all_back, move_all
from contacts.merges.signs_of_life import see_again
from contacts.merges.survivors import survivor_of
from contacts.merges.survivorship import changes_between, require_known, taken_back, united
from contacts.people.domain import Person
from contacts.people.normalisation import normalised
from contacts.people.operations import external_id_taken
from contacts.quality.normalise import Defaults
from contacts.relationships.storage import RACES
from contacts.transaction import ContactsTx


def merge_people(
    tx: ContactsTx, survivor_id: UUID, merged_id: UUID, choices: Mapping[str, Side]
) -> Merge:
    """Have one person be the other one as well; all that was the one's is the survivor's.

    Raises `NotFound` for the survivor, `Invalid` for the other and for choices that there are not,
    `Conflict` when the other was merged already, or one of them is archived.
    """
    _try_again_on_races(tx)
    survivor, other = _both(tx, survivor_id, merged_id)
    require_known(choices, survivor.details, other.details)
    now, before = tx.clock.now(), survivor.details
    entry = normalised(united(before, other.details, choices), Defaults(), now.date())
    outcome = Outcome(choices, changes_between(before, entry.details))
    merge = Merge.make(tx.ids.new(), survivor_id, other, outcome, now, tx.caller.actor)
    move_all(tx, merged_id, survivor_id)
    tx.people.free_external_ids(merged_id)
    tx.merges.answer_for(merged_id, survivor_id)
    survivor.absorb(other, merge.id, entry.details, entry.quality, now)
    tx.people.remove(other)
    tx.merges.add(merge)
    tx.flush()
    see_again(tx, [survivor_id])
    pairs_after_merge(tx, merge)
    return merge


def undo_merge(tx: ContactsTx, merge_id: UUID) -> Merge:
    """Bring back who was gone, as they were, with what was theirs; what came since stays.

    Raises `NotFound`, `Conflict` when it was undone already, when the survivor is archived or was
    merged in turn (that merge is to be undone first), or when somebody has an external id now that
    was theirs.
    """
    _try_again_on_races(tx)
    survivor = _survivor(tx, merge_id)
    merge = tx.merges.get(merge_id)
    others = tx.merges.holding_on(survivor.id, but=merge_id)
    details, held = taken_back(survivor.details, merge, others)
    back = merge.undo(tx.clock.now(), tx.caller.actor)
    if not tx.scope.allows(back.details.owner_id):
        raise NotFound.of("merge", merge_id)
    _require_free(tx, back.details.external_ids, survivor.id, details.external_ids)
    for other in others:
        other.inherit(held[other.id])
    now = tx.clock.now()
    entry = normalised(details, Defaults(), now.date())
    survivor.let_go(back.id, merge_id, entry.details, entry.quality, now)
    tx.flush()
    back.updated_at = now
    tx.people.add(back)
    tx.flush()
    tx.merges.answer_again(back.id)
    give_all_back(tx, survivor.id, back.id)
    pairs_after_undo(tx, merge, survivor, back)
    return merge


def _both(tx: ContactsTx, survivor_id: UUID, merged_id: UUID) -> tuple[Person, Person]:
    found = {person.id: person for person in tx.people.get_many([survivor_id, merged_id])}
    survivor, other = found.get(survivor_id), found.get(merged_id)
    if survivor is None:
        raise tx.people.absent(survivor_id)
    if survivor_id == merged_id:
        message = "Nobody can be merged with themselves."
        raise Invalid.at("/person_id", "self_reference", message)
    if other is None:
        absent = tx.people.absent(merged_id)
        if absent.code == "person_merged":
            raise Conflict(absent.message, code="already_merged")
        raise Invalid.at("/person_id", "person_unknown", "There is no such person.")
    return survivor, other


def _survivor(tx: ContactsTx, merge_id: UUID) -> Person:
    """Who was left, locked."""
    survivor_id = tx.merges.survivor_id(merge_id)
    found = tx.people.get_many([survivor_id])
    if found:
        return found[0]
    current = survivor_of(tx, survivor_id)
    if current is None or not tx.people.get_many([current]):
        raise NotFound.of("merge", merge_id)
    merge = tx.merges.of(survivor_id)
    message = f"The survivor {survivor_id} was merged since; undo the merge {merge} first."
    raise Conflict(message, code="survivor_merged")


def _require_free(
    tx: ContactsTx,
    wanted: Sequence[ExternalId],
    survivor_id: UUID,
    survivors: Sequence[ExternalId],
) -> None:
    for key, owner in tx.people.ids_of(wanted).items():
        if owner != survivor_id or key in survivors:
            raise external_id_taken(key)


def _try_again_on_races(tx: ContactsTx) -> None:
    for constraint in RACES:
        tx.try_again_on(constraint)
