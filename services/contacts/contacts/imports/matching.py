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
from contacts.people.domain import PersonDetails
from contacts.people.finding import find_candidates_of
from contacts.people.matching import DUPLICATE_KINDS, keys_of
from contacts.transaction import ContactsTx

_MOST = 10


@dataclass(slots=True)
class Match:
    """Somebody who shares something; with `row` somebody whom that row of a dry run would create."""

    matched_on: tuple[str, ...]
    person_id: UUID
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
    """What a batch has in common with people, with the rows before it, and among its own rows.

    `owners` are those who have the external ids of the batch; `would_be` are those whom a dry run
    has not created, by the row that would.
    """

    def __init__(self, tx: ContactsTx, run: RunOfRows, batch: Sequence[PersonDetails]) -> None:
        self._tx, self._run = tx, run
        self._keys = [all_keys(details) for details in batch]
        self.owners = tx.people.ids_of(
            dict.fromkeys(e for details in batch for e in details.external_ids)
        )
        self.would_be: dict[UUID, int] = {}
        self._known = find_candidates_of(tx, batch)
        self._earlier = self._of_earlier_rows() if run.dry else {}
        self._here: dict[tuple[str, str], list[UUID]] = {}

    def of(self, place: int) -> list[Match]:
        """Whoever shares something with this row, everybody once."""
        keys, known = self._keys[place], self._known[place]
        if not (known or self._earlier or any(key in self._here for key in keys)):
            return []
        found = {one.person_id: Match(one.matched_on, one.person_id) for one in known}
        for key in keys:
            kind = key[0].partition(":")[0]
            for person_id in (*self._earlier.get(key, ()), *self._here.get(key, ())):
                match = found.setdefault(person_id, self.match((), person_id))
                if kind not in match.matched_on:
                    match.matched_on = (*match.matched_on, kind)
        return list(found.values())

    def match(self, matched_on: tuple[str, ...], person_id: UUID) -> Match:
        """Somebody who shares this."""
        return Match(matched_on, person_id, self.would_be.get(person_id))

    def created(self, place: int, row: int, person_id: UUID) -> None:
        """Note that a row is somebody new, for the rows after it."""
        if self._run.dry:
            self.would_be[person_id] = row
        self.entered(place, person_id)

    def entered(self, place: int, person_id: UUID) -> None:
        """Note whose row this is now, for the rows after it."""
        for kind, key in self._keys[place]:
            here = self._here.setdefault((kind, key), [])
            if person_id not in here and len(here) < _MOST:
                here.append(person_id)
            if kind.startswith(EXTERNAL_ID):
                self.owners[ExternalId(kind.removeprefix(EXTERNAL_ID), key)] = person_id

    def remember(self) -> None:
        """In a dry run, keep what people could be recognised by, since it is not kept with them."""
        rows = [
            {
                "import_id": self._run.import_id,
                "run": self._run.number,
                "kind": kind,
                "key": key,
                "person_id": person_id,
                "row": self.would_be.get(person_id),
            }
            for (kind, key), people in self._here.items()
            for person_id in people
        ]
        if rows:
            self._tx.write(_REMEMBER.statement, _REMEMBER.parameters(self._tx.tenant_id, rows))

    def _of_earlier_rows(self) -> dict[tuple[str, str], list[UUID]]:
        """Who has what by the batches before this one."""
        keys = list(dict.fromkeys(key for keys in self._keys for key in keys))
        about = {
            "tenant_id": self._tx.tenant_id,
            "import_id": self._run.import_id,
            "run": self._run.number,
            "keys": json_text([{"kind": kind, "key": key} for kind, key in keys]),
            "most": _MOST,
        }
        found: dict[tuple[str, str], list[UUID]] = {}
        for row in self._tx.fetch_all(_EARLIER, about) if keys else ():
            kind, person_id = row["kind"], row["person_id"]
            if row["row"] is not None:
                self.would_be[person_id] = row["row"]
            if kind.startswith(EXTERNAL_ID):
                self.owners[ExternalId(kind.removeprefix(EXTERNAL_ID), row["key"])] = person_id
            found.setdefault((kind, row["key"]), []).append(person_id)
        return found


_REMEMBER = BulkInsert.into(import_keys, unless_there=True)
_EARLIER = Statement(
    """
    SELECT given.kind, given.key, found.person_id, found.row
    FROM json_to_recordset(%(keys)s::json) AS given (kind text, key text)
    CROSS JOIN LATERAL (
        SELECT person_id, row FROM import_keys
        WHERE tenant_id = %(tenant_id)s AND import_id = %(import_id)s AND run = %(run)s
          AND kind = given.kind AND key = given.key
        ORDER BY person_id LIMIT %(most)s
    ) found
    """
)
