"""What users decide about two people who may be one, and what is decided by itself; one transaction each.

Everybody locks the people first, in the order of their ids, and the pair after them: of two who decide at
the same moment, one finds that it was decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from chassis.domain import Conflict, Forbidden, Invalid, NotFound
from chassis.storage.statements import Statement
from chassis.work.jobs import start_job
from contacts.duplicates.domain import (
    Decision,
    DuplicateLimits,
    DuplicatePair,
    DuplicateSettings,
    PairState,
)
from contacts.duplicates.proposing import propose
from contacts.duplicates.storage import settings_of
from contacts.merges.domain import Merge, Side
from contacts.merges.operations import merge_people
from contacts.people.domain import Person
from contacts.transaction import ContactsTx

FIND = "find_duplicates"
"""The kind of the job."""


def merge_pair(
    tx: ContactsTx, pair_id: UUID, survivor_id: UUID | None, choices: Mapping[str, Side] | None
) -> Merge:
    """Make the two of a pair one, as is proposed where the caller chooses nothing.

    Raises `NotFound`, `Conflict` when it was decided already or one of them is archived, and `Invalid`
    for a survivor or a field that there is not.
    """
    pair, people = _with_people(tx, pair_id)
    pair.require_open()
    survivor = _chosen(people, survivor_id)
    proposal = propose(*people, survivor)
    chosen = proposal.choices if choices is None else choices
    return merge_people(tx, proposal.survivor.id, proposal.merged.id, chosen)


def merge_certain(tx: ContactsTx, pair_id: UUID) -> Merge | None:
    """Make the two of a pair one by itself, if that is still what the tenant wants.

    None when it is not, or when anything of it has changed. Raises `Conflict` when it cannot be done.
    """
    try:
        pair, people = _with_people(tx, pair_id)
    except NotFound:
        return None
    least, finding = settings_of(tx).limits.merge_from, pair.finding
    wanted = least is not None and finding.automatic and finding.probability >= least
    if not wanted or pair.state is not PairState.OPEN:
        return None
    proposal = propose(*people)
    return merge_people(tx, proposal.survivor.id, proposal.merged.id, proposal.choices)


def leave_to_people(tx: ContactsTx, pair_id: UUID) -> None:
    """Have a pair wait for somebody who decides, since it cannot be merged without one."""
    tx.duplicate_pairs.get(pair_id).leave_to_people()


def dismiss_pair(tx: ContactsTx, pair_id: UUID) -> DuplicatePair:
    """Decide that two are two. Raises `NotFound`, `Conflict` when anything was decided before."""
    pair, _ = _with_people(tx, pair_id)
    pair.dismiss(Decision(tx.clock.now(), tx.caller.actor))
    return pair


def reopen_pair(tx: ContactsTx, pair_id: UUID) -> DuplicatePair:
    """Decide anew. Raises `NotFound`, `Conflict` for a pair that was not dismissed."""
    pair, _ = _with_people(tx, pair_id)
    pair.reopen()
    return pair


def change_settings(tx: ContactsTx, limits: DuplicateLimits) -> DuplicateSettings:
    """Have duplicates offered or merged from other probabilities on. Raises `Invalid`, `Forbidden`."""
    _require_everybody(tx)
    settings = tx.duplicate_settings.of_tenant()
    settings.change(limits)
    return settings


def begin_finding(tx: ContactsTx) -> UUID:
    """Have all people of the tenant compared; gives the job.

    Raises `Conflict` while that is done already, `Forbidden` for whoever does not reach all.
    """
    _require_everybody(tx)
    about = {"tenant_id": tx.tenant_id, "kind": FIND}
    tx.fetch_one(_TAKE_TURNS, about)
    running = tx.fetch_one(_RUNNING, about)
    if running is not None:
        message = f"The job {running['id']} is looking for duplicates already."
        raise Conflict(message, code="already_looking")
    return start_job(tx, FIND, {})


def _with_people(tx: ContactsTx, pair_id: UUID) -> tuple[DuplicatePair, tuple[Person, Person]]:
    """A pair and both of its people, locked. Raises `NotFound` also when one is out of reach."""
    first_id, second_id = tx.duplicate_pairs.people_of(pair_id)
    people = tx.people.get_many([first_id, second_id])
    pair = tx.duplicate_pairs.get(pair_id)
    if len(people) < 2:
        # Whoever comes second to a merge hears so, if what was left is theirs to see.
        if pair.state is PairState.MERGED and people:
            pair.require_open()
        raise NotFound.of("pair of duplicates", pair_id)
    return pair, (people[0], people[1])


def _chosen(people: tuple[Person, Person], survivor_id: UUID | None) -> Person | None:
    if survivor_id is None:
        return None
    for person in people:
        if person.id == survivor_id:
            return person
    message = "It has to be one of the two."
    raise Invalid.at("/survivor_id", "not_of_the_pair", message)


def _require_everybody(tx: ContactsTx) -> None:
    if tx.scope.owners is not None:
        message = "This is about all people, and needs the permission with reach over all."
        raise Forbidden(message, code="reach_over_all_needed")


_TAKE_TURNS = Statement(
    "SELECT 1 AS had"
    " FROM pg_advisory_xact_lock(hashtextextended('find duplicates ' || %(tenant_id)s, 0))"
)
_RUNNING = Statement(
    "SELECT id FROM jobs WHERE tenant_id = %(tenant_id)s AND kind = %(kind)s"
    " AND finished_at IS NULL LIMIT 1"
)
