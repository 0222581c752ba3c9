"""What is done about profiles: they are asked for, kept, and given up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from chassis.domain import Conflict
from loyalty.members.queries import is_member, member_ref
from loyalty.people.named import current_person
from loyalty.profiles import storage
from loyalty.profiles.domain import Profile
from loyalty.profiles.queries import profile_or_none
from loyalty.transaction import LoyaltyTx

ProfileChanged = Callable[[LoyaltyTx, UUID], None]
"""What a slice does when something else is known of a person, within the same transaction."""


def want_profile(tx: LoyaltyTx, person_id: UUID) -> None:
    """Have contacts asked about a person, soon and until it answers."""
    storage.mark_due(tx, person_id, tx.clock.now())


def want_profile_of_member(tx: LoyaltyTx, person_id: UUID) -> None:
    """The same, if loyalty has any use for it."""
    if is_member(tx, person_id):
        want_profile(tx, person_id)


def refresh_profile(tx: LoyaltyTx, member_id: UUID) -> UUID:
    """Have contacts asked about a member's person; gives the person.

    Raises `NotFound`, `Conflict` when the person was erased.
    """
    person_id = member_ref(tx, member_id).person_id
    if person_id is None:
        raise Conflict("The person was erased.", code="member_without_person")
    want_profile(tx, person_id)
    return person_id


def keep_profile(
    tx: LoyaltyTx,
    person_id: UUID,
    round_: int,
    known: Profile | None,
    changed: Sequence[ProfileChanged] = (),
) -> None:
    """Keep what contacts has answered about a person, and tell who goes by it.

    Without such a person nothing is known any more. Who was merged in the meantime is asked about
    as the one who is left; of who was erased nothing is kept. An answer to a question from before a later change is kept as well: the
    question is asked again.
    """
    # First of all, so that nobody is merged or erased from here on.
    is_theirs = current_person(tx, person_id) == person_id and is_member(tx, person_id)
    before = profile_or_none(tx, person_id)
    storage.settle(tx, person_id, round_)
    if known is None or not is_theirs:
        storage.drop(tx, person_id)
        now = None
    else:
        now = known
        storage.keep(tx, known)
    if _content(before) != _content(now):
        for tell in changed:
            tell(tx, person_id)


def follow_merge(tx: LoyaltyTx, gone_id: UUID, survivor_id: UUID) -> None:
    """Give up what was known of somebody who is gone; who is left may be known by more now."""
    storage.drop(tx, gone_id)
    want_profile_of_member(tx, survivor_id)


def follow_unmerge(tx: LoyaltyTx, back_id: UUID, survivor_id: UUID) -> None:
    """Ask anew about both."""
    want_profile_of_member(tx, back_id)
    want_profile_of_member(tx, survivor_id)


def _content(profile: Profile | None) -> tuple[object, ...]:
    return () if profile is None else (profile.language, profile.time_zone, profile.days)
