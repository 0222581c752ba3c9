"""How employments follow people through merges.

Nobody has the same title at the same company twice at a time, so one that both had stays once: that
of the one who goes is removed, with its fact, and kept aside until the merge is undone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from chassis.storage.statements import Statement
from contacts.merges.following import Parting
from contacts.merges.origins import Origin, Origins
from contacts.relationships.domain import Employment, Terms
from contacts.transaction import ContactsTx

_KIND = "employment"


class MovedEmployments:
    """Has employments follow."""

    def merged(self, tx: ContactsTx, gone_id: UUID, survivor_id: UUID) -> None:
        """Have them belong to the survivor, doubles aside."""
        mine, theirs = _of(tx, survivor_id), _of(tx, gone_id)
        origins = Origins(tx, _KIND)
        known = origins.known([one.id for one in theirs])
        for one in theirs:
            origin = known.get(one.id) or Origin(one.id, gone_id)
            if _is_double(one, mine):
                one.remove()
                tx.employments.remove(one)
                origin = Origin(
                    one.id,
                    origin.person_id,
                    aside=True,
                    version=one.version,
                    record=_document_of(one),
                )
            else:
                one.hand_over(survivor_id)
                mine.append(one)
            origins.keep([origin])

    def parted(self, tx: ContactsTx, parting: Parting) -> None:
        """Give them back, those aside included unless they are doubles still."""
        origins = Origins(tx, _KIND)
        moved = [o for o in origins.of(parting.goes_back) if not o.aside]
        for one in tx.employments.get_many([origin.record_id for origin in moved]):
            if one.person_id == parting.survivor_id:
                one.hand_over(parting.back_id)
        origins.forget([o.record_id for o in moved if o.person_id == parting.back_id])
        tx.flush()
        holders = {id_: _of(tx, id_) for id_ in (parting.back_id, parting.survivor_id)}
        for origin in origins.of([*parting.goes_back, *parting.stays]):
            if origin.aside:
                self._put_back(tx, origins, origin, parting, holders)

    def _put_back(
        self,
        tx: ContactsTx,
        origins: Origins,
        origin: Origin,
        parting: Parting,
        holders: dict[UUID, list[Employment]],
    ) -> None:
        holder = parting.now_of(origin.person_id)
        one = _employment_of(origin, holder, tx.clock.now())
        if _is_double(one, holders[holder]):
            return
        one.put_back()
        tx.employments.add(one)
        holders[holder].append(one)
        if holder == origin.person_id:
            origins.forget([origin.record_id])
        else:
            origins.keep([Origin(origin.record_id, origin.person_id)])


def _of(tx: ContactsTx, person_id: UUID) -> list[Employment]:
    about = {"tenant_id": tx.tenant_id, "person_id": person_id}
    return tx.employments.get_many([row["id"] for row in tx.fetch_all(_IDS, about)])


def _is_double(one: Employment, others: Sequence[Employment]) -> bool:
    return any(
        one.company_id == other.company_id and one.terms.overlaps(other.terms) for other in others
    )


def _document_of(one: Employment) -> dict[str, Any]:
    terms = one.terms
    return {
        "company_id": one.company_id,
        "title": terms.title,
        "started_on": terms.started_on,
        "ended_on": terms.ended_on,
        "ended": terms.ended,
        "created_at": one.created_at,
    }


def _employment_of(origin: Origin, person_id: UUID, now: datetime) -> Employment:
    record = origin.record or {}
    started_on, ended_on = (_day(record[name]) for name in ("started_on", "ended_on"))
    return Employment(
        id=origin.record_id,
        version=origin.version or 0,
        person_id=person_id,
        company_id=UUID(record["company_id"]),
        terms=Terms(record["title"], started_on, ended_on, record["ended"]),
        created_at=datetime.fromisoformat(record["created_at"]),
        updated_at=now,
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


_IDS = Statement(
    "SELECT id FROM employments WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s"
    " ORDER BY created_at, id"
)
