"""How relations follow people through merges.

Two who become one are not related to each other any longer, and both may have been related to a third:
such a relation of the one who goes is removed, with its fact, and kept aside until an undone merge
makes room for it again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.storage.statements import Statement
from contacts.merges.following import Parting
from contacts.merges.origins import Origin, Origins
from contacts.merges.survivors import survivors_of
from contacts.relationships.domain import Relation, RelationKind
from contacts.transaction import ContactsTx

_KIND = "relation"


class MovedRelations:
    """Has relations follow."""

    def merged(self, tx: ContactsTx, gone_id: UUID, survivor_id: UUID) -> None:
        """Have them be the survivor's, doubles and those between the two aside."""
        taken = {_place(one) for one in _of(tx, survivor_id)}
        theirs = _of(tx, gone_id)
        origins = Origins(tx, _KIND)
        known = origins.known([one.id for one in theirs])
        for one in theirs:
            origin = known.get(one.id) or _origin_of(one)
            place = _between(survivor_id, one.other(gone_id), one.pair)
            if one.other(gone_id) == survivor_id or place in taken:
                one.remove()
                tx.relations.remove(one)
                origin = _aside(origin, one.version)
            else:
                one.hand_over(gone_id, survivor_id)
                taken.add(place)
            origins.keep([origin])

    def parted(self, tx: ContactsTx, parting: Parting) -> None:
        """Give them back, those aside included where there is room for them."""
        origins = Origins(tx, _KIND)
        moved = {o.record_id: o for o in origins.of(parting.goes_back) if not o.aside}
        for one in tx.relations.get_many(list(moved)):
            if one.concerns(parting.survivor_id):
                one.hand_over(parting.survivor_id, parting.back_id)
                if _is_home(one, moved[one.id]):
                    origins.forget([one.id])
        tx.flush()
        aside = [o for o in origins.of([*parting.goes_back, *parting.stays]) if o.aside]
        self._put_back(tx, origins, aside)

    def _put_back(self, tx: ContactsTx, origins: Origins, aside: list[Origin]) -> None:
        ends = {id_ for origin in aside for id_ in _ends(origin)}
        survivors = survivors_of(tx, ends)
        there = _who_is_there(tx, {survivors.get(id_, id_) for id_ in ends})
        taken = {_place(one) for id_ in there for one in _of(tx, id_)}
        for origin in aside:
            first, second = (survivors.get(id_, id_) for id_ in _ends(origin))
            one = _relation_of(origin, tx.clock.now())
            place = _between(first, second, one.pair)
            if first == second or place in taken or not {first, second} <= there:
                continue
            one.put_back(first, second)
            tx.relations.add(one)
            taken.add(place)
            if _is_home(one, origin):
                origins.forget([one.id])
            else:
                origins.keep([_moved(origin)])


def _of(tx: ContactsTx, person_id: UUID) -> list[Relation]:
    about = {"tenant_id": tx.tenant_id, "person_id": person_id}
    return tx.relations.get_many([row["id"] for row in tx.fetch_all(_IDS, about)])


def _who_is_there(tx: ContactsTx, ids: set[UUID]) -> set[UUID]:
    about = {"tenant_id": tx.tenant_id, "ids": list(ids)}
    return {row["id"] for row in tx.fetch_all(_THERE, about)}


def _between(one: UUID, other: UUID, pair: str) -> tuple[UUID, UUID, str]:
    """Two people are related in one way only once."""
    return min(one, other), max(one, other), pair


def _place(one: Relation) -> tuple[UUID, UUID, str]:
    return _between(one.first_id, one.second_id, one.pair)


def _origin_of(one: Relation) -> Origin:
    """Where a relation is that no merge has moved before."""
    record: dict[str, Any] = {"kind": one.kind, "note": one.note, "created_at": one.created_at}
    return Origin(one.id, one.first_id, one.second_id, record=record)


def _aside(origin: Origin, version: int) -> Origin:
    first, second = _ends(origin)
    return Origin(
        origin.record_id, first, second, aside=True, version=version, record=origin.record
    )


def _moved(origin: Origin) -> Origin:
    first, second = _ends(origin)
    return Origin(origin.record_id, first, second, record=origin.record)


def _ends(origin: Origin) -> tuple[UUID, UUID]:
    return origin.person_id, origin.related_person_id or origin.person_id


def _is_home(one: Relation, origin: Origin) -> bool:
    return {one.first_id, one.second_id} == set(_ends(origin))


def _relation_of(origin: Origin, now: datetime) -> Relation:
    first, second = _ends(origin)
    record = origin.record or {}
    return Relation(
        id=origin.record_id,
        version=origin.version or 0,
        first_id=first,
        second_id=second,
        kind=RelationKind(record["kind"]),
        note=record["note"],
        created_at=datetime.fromisoformat(record["created_at"]),
        updated_at=now,
    )


_IDS = Statement(
    "SELECT id FROM relations WHERE tenant_id = %(tenant_id)s"
    " AND (first_id = %(person_id)s OR second_id = %(person_id)s) ORDER BY created_at, id"
)
_THERE = Statement("SELECT id FROM people WHERE tenant_id = %(tenant_id)s AND id = ANY(%(ids)s)")
