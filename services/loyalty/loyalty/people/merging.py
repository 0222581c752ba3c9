"""What becomes of memberships when two people turn out to be one, and when that was an error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from chassis.storage.following import Merge
from chassis.storage.statements import Statement
from loyalty.ledger.merging import merge_ledgers, unmerge_ledgers
from loyalty.members.domain import Member, MemberStatus
from loyalty.people.following import FOLLOWING_MEMBERS
from loyalty.people.named import known_as
from loyalty.tier_standings.domain import MoveCause
from loyalty.tier_standings.operations import join_standings, review_member
from loyalty.transaction import LoyaltyTx


def merge_memberships(tx: LoyaltyTx, merge: Merge, survivor_id: UUID) -> None:
    """Make one of two memberships of a program, before all that names a person goes along.

    The older one stays, with its number, whosever it was; the other's points and what else it has
    are the older one's. It is suspended if either was, and active if either was.
    """
    for older, newer in _pairs(tx, merge.gone_id, survivor_id):
        _make_one(tx, merge, older, newer)
    # What follows changes the same rows, past their aggregates.
    tx.flush()


def unmerge_memberships(tx: LoyaltyTx, merge: Merge) -> None:
    """Part memberships that are of two people, after each names its own person again.

    Merges may be undone in any order: who comes back may have been whom another was merged into. So
    all that are one with them are looked at, those of two people part, and those of one person
    are one again. Points go back to who earned them, as far as they are still there.
    """
    people = [merge.gone_id, known_as(tx, merge.survivor_id)]
    edges = tx.fetch_all(_FAMILY, {"tenant_id": tx.tenant_id, "person_ids": people})
    ids = {one for edge in edges for one in (edge["merged_id"], edge["into_id"])}
    family = {one.id: one for one in tx.members.get_many(sorted(ids))}
    into = {edge["merged_id"]: edge["into_id"] for edge in edges}
    two = [one for one in into if family[one].person_id != family[into[one]].person_id]
    for one in sorted(two, key=lambda each: len(_way(each, into))):
        _part(tx, one, _way(one, into)[-1])
        del into[one]
    if not two:
        return
    groups: dict[tuple[UUID, UUID | None], list[Member]] = {}
    for member in family.values():
        groups.setdefault((member.program_id, member.person_id), []).append(member)
    for members in groups.values():
        _one_each(tx, merge, members, into)
    tx.flush()
    for member_id in sorted(family):
        review_member(tx, member_id, MoveCause.MERGE)


def _make_one(tx: LoyaltyTx, merge: Merge, older: Member, newer: Member) -> None:
    now = tx.clock.now()
    newer.merge_into(older, now)
    if newer.status_before is not MemberStatus.LEFT and older.status is MemberStatus.LEFT:
        older.rejoin(now)
    if newer.status_before is MemberStatus.SUSPENDED and older.status is MemberStatus.ACTIVE:
        older.suspend(newer.reason, now)
    about = {"tenant_id": tx.tenant_id, "merge_id": merge.id}
    tx.write(_NOTE, {**about, "merged_id": newer.id, "into_id": older.id})
    # By the member's own id: rows of people who were moved by the merge are noted by its id.
    joined = Merge(newer.id, older.id, newer.id)
    for table in FOLLOWING_MEMBERS:
        table.move_along(tx, joined, older.id)
    merge_ledgers(tx, newer.id, older.id)
    join_standings(tx, newer.id, older.id)


def _part(tx: LoyaltyTx, merged_id: UUID, holder_id: UUID) -> None:
    """Give a member back what is still there with who holds it now."""
    about = {"tenant_id": tx.tenant_id, "merge_id": merged_id}
    for table in FOLLOWING_MEMBERS:
        tx.write(table.give_back, {**about, "back_id": merged_id, "survivor_id": holder_id})
    tx.write(_AT_HOME, about)
    unmerge_ledgers(tx, merged_id)
    tx.write(_FORGET, {"tenant_id": tx.tenant_id, "merged_id": merged_id})


def _one_each(
    tx: LoyaltyTx, merge: Merge, members: Sequence[Member], into: Mapping[UUID, UUID]
) -> None:
    """Have one of a person's memberships of a program stand for them: the oldest."""
    apart = sorted(
        (one for one in members if one.id not in into), key=lambda one: (one.enrolled_at, one.id)
    )
    for one in apart:
        if one.status is MemberStatus.MERGED:
            one.come_back(tx.clock.now())
    for one in apart[1:]:
        _make_one(tx, merge, apart[0], one)


def _way(member_id: UUID, into: Mapping[UUID, UUID]) -> list[UUID]:
    """Into whom a member was merged, and they in turn, up to who is left."""
    way = []
    while member_id in into:
        member_id = into[member_id]
        way.append(member_id)
    return way


def _pairs(tx: LoyaltyTx, gone_id: UUID, survivor_id: UUID) -> Sequence[tuple[Member, Member]]:
    """The memberships of the same program that both people have: the older first, then the newer."""
    about = {"tenant_id": tx.tenant_id, "gone_id": gone_id, "survivor_id": survivor_id}
    rows = tx.fetch_all(_BOTH, about)
    known = {one.id: one for one in tx.members.get_many([i for row in rows for i in row.values()])}
    pairs = [(known[row["gone"]], known[row["left"]]) for row in rows]
    return [
        (one, other) if (one.enrolled_at, one.id) < (other.enrolled_at, other.id) else (other, one)
        for one, other in pairs
    ]


_BOTH = Statement(
    'SELECT g.id AS gone, s.id AS "left" FROM members g JOIN members s'
    " ON s.tenant_id = g.tenant_id AND s.program_id = g.program_id"
    " WHERE g.tenant_id = %(tenant_id)s AND g.person_id = %(gone_id)s AND g.status <> 'merged'"
    " AND s.person_id = %(survivor_id)s AND s.status <> 'merged' ORDER BY g.id"
)
_NOTE = Statement(
    "INSERT INTO member_merges (tenant_id, merge_id, merged_id, into_id)"
    " VALUES (%(tenant_id)s, %(merge_id)s, %(merged_id)s, %(into_id)s)"
)
_FAMILY = Statement(
    "WITH RECURSIVE family AS (SELECT id FROM members WHERE tenant_id = %(tenant_id)s"
    " AND person_id = ANY(%(person_ids)s)"
    " UNION SELECT CASE WHEN e.merged_id = f.id THEN e.into_id ELSE e.merged_id END FROM family f"
    " JOIN member_merges e ON e.tenant_id = %(tenant_id)s AND f.id IN (e.merged_id, e.into_id))"
    " SELECT e.merged_id, e.into_id FROM member_merges e JOIN family f ON f.id = e.merged_id"
    " WHERE e.tenant_id = %(tenant_id)s ORDER BY e.merged_id"
)
_FORGET = Statement(
    "DELETE FROM member_merges WHERE tenant_id = %(tenant_id)s AND merged_id = %(merged_id)s"
)
_AT_HOME = Statement(
    "DELETE FROM moved_records WHERE tenant_id = %(tenant_id)s AND merge_id = %(merge_id)s"
)
