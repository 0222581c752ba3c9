"""Who is known already: what a batch of rows shares with people, and with rows before them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.storage.bulk import BulkInsert
from chassis.storage.statements import Statement, json_text
from contacts.contact_points.domain import ExternalId
from contacts.imports.fields import EXTERNAL_ID
from contacts.imports.storage import import_keys
from contacts.people.domain import Person, PersonDetails
from contacts.people.finding import find_candidates_of
from contacts.people.matching import DUPLICATE_KINDS, keys_of
from contacts.transaction import ContactsTx

_MOST = 10


@dataclass(slots=True)
class Match:
    """Somebody who shares something: a person, or in a dry run whoever an earlier row stands for."""

    matched_on: tuple[str, ...]
    person_id: UUID | None = None
    row: int | None = None

    @property
    def named(self) -> str:
        """Who it is, for a message."""
        return f"the person of row {self.row}" if self.row is not None else str(self.person_id)


@dataclass(frozen=True, slots=True)
class RunOfRows:
    """Which run of which import is at work; a dry one leaves people alone."""

    import_id: UUID
    number: int
    dry: bool


def all_keys(details: PersonDetails) -> list[tuple[str, str]]:
    """What a row may be recognised by: e-mails, phones, external ids."""
    keys = [key for key in keys_of(details) if key[0] in DUPLICATE_KINDS]
    keys += [(f"{EXTERNAL_ID}{e.system}", e.id) for e in details.external_ids]
    return keys


class Matches:
    """What a batch has in common with people, with the rows before it, and among its own rows."""

    def __init__(self, tx: ContactsTx, run: RunOfRows, batch: Sequence[PersonDetails]) -> None:
        self._tx, self._run = tx, run
        self._keys = [all_keys(details) for details in batch]
        self.owners = tx.people.ids_of(
            dict.fromkeys(e for details in batch for e in details.external_ids)
        )
        self._known = find_candidates_of(tx, batch)
        self._rows = self._earlier_rows() if run.dry else {}
        self._here: dict[tuple[str, str], list[Match]] = {}
        self._new: list[tuple[str, str, int]] = []

    def of(self, place: int) -> list[Match]:
        """Whoever shares something with this row, everybody once."""
        keys = self._keys[place]
        if not (self._known[place] or self._rows or any(key in self._here for key in keys)):
            return []
        found = [Match(one.matched_on, one.person_id) for one in self._known[place]]
        by_row = {match.person_id: match for match in found}
        for key in keys:
            for match in (*self._rows.get(key, ()), *self._here.get(key, ())):
                self._add(found, by_row, match, key[0].partition(":")[0])
        return found

    @staticmethod
    def _add(
        found: list[Match], by_person: dict[UUID | None, Match], match: Match, kind: str
    ) -> None:
        same = by_person.get(match.person_id) if match.person_id else None
        same = same or next((m for m in found if m.row is not None and m.row == match.row), None)
        if same is None:
            found.append(Match((kind,), match.person_id, match.row))
            by_person[match.person_id] = found[-1]
        elif kind not in same.matched_on:
            same.matched_on = (*same.matched_on, kind)

    def entered(self, place: int, row: int, person: Person | None) -> None:
        """Note whose row this is now, for the rows after it; None is somebody of an earlier row."""
        person_id = None if person is None else person.id
        match = Match((), person_id, row if self._run.dry else None)
        for key in self._keys[place]:
            here = self._here.setdefault(key, [])
            if len(here) < _MOST:
                here.append(match)
            if self._run.dry:
                self._new.append((*key, row))
        if person is not None:
            for external_id in person.details.external_ids:
                self.owners[external_id] = person.id

    def earlier_owner(self, key: ExternalId) -> Match | None:
        """In a dry run, the earlier row that has this external id."""
        if not self._rows:
            return None
        return next(iter(self._rows.get((f"{EXTERNAL_ID}{key.system}", key.id), ())), None)

    def remember(self) -> None:
        """In a dry run, keep what the new rows can be recognised by, since no person is."""
        if not (self._run.dry and self._new):
            return
        rows = [
            {
                "import_id": self._run.import_id,
                "run": self._run.number,
                "kind": kind,
                "key": key,
                "row": row,
            }
            for kind, key, row in dict.fromkeys(self._new)
        ]
        self._tx.write(_REMEMBER.statement, _REMEMBER.parameters(self._tx.tenant_id, rows))

    def _earlier_rows(self) -> dict[tuple[str, str], list[Match]]:
        keys = list(dict.fromkeys(key for keys in self._keys for key in keys))
        about = {
            "tenant_id": self._tx.tenant_id,
            "import_id": self._run.import_id,
            "run": self._run.number,
            "keys": json_text([{"kind": kind, "key": key} for kind, key in keys]),
            "most": _MOST,
        }
        found: dict[tuple[str, str], list[Match]] = {}
        for row in self._tx.fetch_all(_EARLIER, about) if keys else ():
            match = Match((), None, row["row"])
            found.setdefault((row["kind"], row["key"]), []).append(match)
        return found


_REMEMBER = BulkInsert.into(import_keys, unless_there=True)
_EARLIER = Statement(
    """
    SELECT given.kind, given.key, found.row
    FROM json_to_recordset(%(keys)s::json) AS given (kind text, key text)
    CROSS JOIN LATERAL (
        SELECT row FROM import_keys
        WHERE tenant_id = %(tenant_id)s AND import_id = %(import_id)s AND run = %(run)s
          AND kind = given.kind AND key = given.key
        ORDER BY row LIMIT %(most)s
    ) found
    """
)
