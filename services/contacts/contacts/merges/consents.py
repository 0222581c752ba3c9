"""How consents follow people through merges.

Nobody says two things about one purpose on one channel: of two consents one stays, in which no wins
over yes, and the other is kept aside. What people have said follows by itself; so when two part, the
consent of each is what their own history amounts to. Only a no that was said while they were one
holds for both, since nobody knows whose it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from chassis.storage.statements import Statement
from contacts.consents.domain import (
    Consent,
    ConsentKey,
    ConsentState,
    Said,
    Saying,
    Word,
)
from contacts.contact_points.domain import Channel
from contacts.merges.following import Parting
from contacts.merges.origins import Origin, Origins
from contacts.transaction import ContactsTx

Subject: TypeAlias = tuple[str, Channel]
"""Purpose and channel."""
_KIND = "consent"


class MovedConsents:
    """Has consents follow; what was said has followed before."""

    def merged(self, tx: ContactsTx, gone_id: UUID, survivor_id: UUID) -> None:
        """Have them be the survivor's, doubles united and aside."""
        now, held = tx.clock.now(), tx.consents.of([gone_id, survivor_id])
        theirs = [one for key, one in held.items() if key.person_id == gone_id]
        origins = Origins(tx, _KIND)
        known = origins.known([one.id for one in theirs])
        for one in theirs:
            origin = known.get(one.id) or Origin(one.id, gone_id)
            mine = held.get(one.key._replace(person_id=survivor_id))
            if mine is None:
                one.hand_over(survivor_id, now)
            else:
                mine.unite(one, now)
                one.set_aside(now)
                tx.consents.remove(one)
                origin = _aside(origin, one)
            origins.keep([origin])

    def parted(self, tx: ContactsTx, parting: Parting) -> None:
        """Give them back, and have each be what the person has said."""
        tx.flush()
        _Parted(tx, parting).settle()


class _Parted:
    """Two people whose consents are to be told apart."""

    def __init__(self, tx: ContactsTx, parting: Parting) -> None:
        self._tx, self._parting, self._now = tx, parting, tx.clock.now()
        self._origins = Origins(tx, _KIND)
        people = [parting.survivor_id, parting.back_id]
        self._history: Mapping[ConsentKey, Sequence[Said]] = tx.consents.history(people)
        self._held = tx.consents.of(people)
        self._added: set[UUID] = set()

    def settle(self) -> None:
        """Give back, put back, and begin anew where something is left that was said since."""
        subjects = set(self._given_back())
        self._tx.flush()  # before others take their places
        subjects.update(self._put_back())
        merged_at = self._merged_at()
        for subject in sorted(subjects):
            mine = self._settled(ConsentKey(self._parting.survivor_id, *subject))
            theirs = self._settled(ConsentKey(self._parting.back_id, *subject))
            if mine is not None and theirs is not None and self._refused_since(mine, merged_at):
                basis = theirs.standing.legal_basis
                theirs.say(Saying(False, basis, "merge undone", _WHOSE), self._now)  # noqa: FBT003

    def _given_back(self) -> list[Subject]:
        moved = [o for o in self._origins.of(self._parting.goes_back) if not o.aside]
        by_id = {one.id: one for one in self._held.values()}
        subjects = []
        for origin in moved:
            one = by_id.get(origin.record_id)
            if one is None or one.key.person_id != self._parting.survivor_id:
                continue
            del self._held[one.key]
            one.hand_over(self._parting.back_id, self._now)
            self._held[one.key] = one
            subjects.append((one.key.purpose, one.key.channel))
            if origin.person_id == self._parting.back_id:
                self._origins.forget([one.id])
        return subjects

    def _put_back(self) -> list[Subject]:
        subjects = []
        for origin in self._origins.of([*self._parting.goes_back, *self._parting.stays]):
            if not origin.aside:
                continue
            one = _consent_of(origin, self._parting.now_of(origin.person_id), self._now)
            if one.key in self._held:
                continue
            self._add(one)
            subjects.append((one.key.purpose, one.key.channel))
            if one.key.person_id == origin.person_id:
                self._origins.forget([one.id])
            else:
                self._origins.keep([Origin(one.id, origin.person_id)])
        return subjects

    def _settled(self, key: ConsentKey) -> Consent | None:
        """A person's consent, as what is theirs of the history; a new one where none is left."""
        history, one = self._history.get(key), self._held.get(key)
        if history and one is not None and one.id not in self._added:
            one.stand_by(history, self._now)
        elif history and one is None:
            one = Consent(
                id=self._tx.ids.new(), key=key, created_at=self._now, updated_at=self._now
            )
            self._add(one)
        return one

    def _add(self, one: Consent) -> None:
        one.put_back(self._history.get(one.key, ()), self._now)
        self._held[one.key] = one
        self._added.add(one.id)
        self._tx.consents.add(one)

    def _refused_since(self, mine: Consent, merged_at: datetime) -> bool:
        return mine.state is ConsentState.WITHDRAWN and any(
            said.word is Word.WITHDRAWN and said.recorded_at >= merged_at
            for said in self._history.get(mine.key, ())
        )

    def _merged_at(self) -> datetime:
        about = {"tenant_id": self._tx.tenant_id, "back_id": self._parting.back_id}
        row = self._tx.fetch_one(_MERGED_AT, about)
        return self._now if row is None or row["merged_at"] is None else row["merged_at"]


def _aside(origin: Origin, one: Consent) -> Origin:
    return Origin(
        one.id,
        origin.person_id,
        aside=True,
        version=one.version,
        record={
            "purpose": one.key.purpose,
            "channel": one.key.channel,
            "round": one.round,
            "asked_at": one.asked_at,
            "created_at": one.created_at,
        },
    )


def _consent_of(origin: Origin, person_id: UUID, now: datetime) -> Consent:
    record = origin.record or {}
    return Consent(
        id=origin.record_id,
        version=origin.version or 0,
        key=ConsentKey(person_id, record["purpose"], Channel(record["channel"])),
        round=record["round"],
        asked_at=None if record["asked_at"] is None else datetime.fromisoformat(record["asked_at"]),
        created_at=datetime.fromisoformat(record["created_at"]),
        updated_at=now,
    )


_WHOSE = "It was said while two people were one, and nobody knows by whom."
_MERGED_AT = Statement(
    "SELECT max(merged_at) AS merged_at FROM merges"
    " WHERE tenant_id = %(tenant_id)s AND merged_id = %(back_id)s"
)
