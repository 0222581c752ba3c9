"""The job that takes an import back: what it changed is as before, what it created is gone.

What somebody has changed since stays as it is, and is named.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from chassis.domain import Conflict, DomainError
from chassis.storage.bulk import BulkInsert
from chassis.storage.scope import EVERYTHING, Scope
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Operations, Reading
from chassis.work.jobs import JobCancelled, JobRun
from contacts.duplicates.storage import forget_pairs
from contacts.imports.domain import Import, ImportState
from contacts.imports.queries import find_import
from contacts.imports.running import scope_of
from contacts.imports.storage import import_kept
from contacts.people.domain import Person, PersonDetails
from contacts.people.normalisation import normalised
from contacts.people.storage import details_of
from contacts.quality.normalise import Defaults
from contacts.transaction import ContactsTx

_FIRST = UUID(int=0)
_REVERTING, _REMOVING = "reverting", "removing"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many people were removed, set back, and kept."""

    removed: int = 0
    reverted: int = 0
    kept: int = 0


class Kept(NamedTuple):
    """Somebody who stays as they are, and why."""

    person_id: UUID
    error: DomainError


class Step(NamedTuple):
    """One change that the import made to a person: from which version to which."""

    before_version: int
    version: int
    before: Mapping[str, Any]


class MergedSince(NamedTuple):
    """Somebody whom the import has brought or changed, and who was merged into another since."""

    id: UUID
    survivor_id: UUID
    import_id: UUID | None

    def error(self) -> Conflict:
        """Why they stay as they are."""
        message = f"The person {self.id} was merged into {self.survivor_id} since the import."
        return Conflict(message, code="already_merged")


_AllMerged: TypeAlias = dict[UUID, MergedSince]


class ImportUndoing:
    """Undoes imports; the handler of the jobs `undo_import`."""

    def __init__(self, operations: Operations[ContactsTx], *, batch: int) -> None:
        self._operations = operations
        self._batch = batch

    def __call__(self, run: JobRun) -> Mapping[str, Any] | None:
        """Undo the import that the job names."""
        return _Attempt(self._operations, run, self._batch).run()


class _Attempt:
    """One attempt. Its place is kept with each batch: what it is at, and the last person's id."""

    def __init__(self, operations: Operations[ContactsTx], run: JobRun, batch: int) -> None:
        self._operations, self._run, self._batch = operations, run, batch
        self._id = UUID(run.arguments["import_id"])
        self._scope = scope_of(run.arguments)
        kept = dict(run.kept.state or {})
        self._at: str = kept.get("at", _REVERTING)
        self._last = UUID(kept["last"]) if "last" in kept else _FIRST
        self._tally = Tally(**dict(run.kept.details or {}))

    def _read(self, query: Callable[[Reading], Any]) -> Any:
        return self._operations.read(self._run.caller, EVERYTHING, query)

    def _write(self, work: Callable[[ContactsTx], Any], scope: Scope = EVERYTHING) -> Any:
        return self._operations.transact(self._run.caller, scope, self._run.kind, work)

    def run(self) -> Mapping[str, Any] | None:
        """Revert first, remove then; raises `JobCancelled` in between if somebody wants so."""
        imported: Import = self._read(partial(find_import, import_id=self._id))
        if imported.state is not ImportState.UNDOING or imported.job_id != self._run.id:
            raise JobCancelled(f"job {self._run.id}")
        total = self._read(self._people_touched)
        for phase, work in ((_REVERTING, self._revert), (_REMOVING, self._remove)):
            while self._at == phase:
                self._tally, self._at, self._last = self._write(
                    partial(work, total=total), self._scope
                )
                self._run.check()
        self._write(self._end)
        return None

    def _people_touched(self, reading: Reading) -> int:
        row = reading.fetch_one(_TOUCHED, self._about(reading.caller.tenant_id))
        done = self._tally.removed
        return done + (0 if row is None else int(row["people"]))

    def _about(self, tenant_id: UUID | None) -> dict[str, Any]:
        return {
            "tenant_id": tenant_id,
            "import_id": self._id,
            "last": self._last,
            "most": self._batch,
        }

    def _revert(self, tx: ContactsTx, total: int) -> tuple[Tally, str, UUID]:
        """Set some people back who were there before the import."""
        rows = tx.fetch_all(_CHANGED, self._about(tx.tenant_id))
        steps: dict[UUID, list[Step]] = {}
        for row in rows:
            step = Step(row["before_version"], row["version"], row["before"])
            steps.setdefault(row["person_id"], []).append(step)
        people = {person.id: person for person in tx.people.get_many(list(steps))}
        merged = self._merged(tx, steps.keys() - people.keys())
        created = {p.id for p in people.values() if p.import_id == self._id}
        created |= {one.id for one in merged.values() if one.import_id == self._id}
        kept = []
        for person_id in steps.keys() - created:
            try:
                if person_id in merged:
                    raise merged[person_id].error()
                self._set_back(tx, people.get(person_id), person_id, steps[person_id])
            except DomainError as error:
                kept.append(Kept(person_id, error))
        reverted = len(steps) - len(created) - len(kept)
        tally = replace(self._tally, reverted=self._tally.reverted + reverted)
        return self._advanced(tx, tally, kept, _REVERTING, list(steps), total)

    def _merged(self, tx: ContactsTx, person_ids: Collection[UUID] | None = None) -> _AllMerged:
        """Those of these people who are gone into others; by default those whom it has created."""
        about = self._about(tx.tenant_id)
        if person_ids is None:
            rows = tx.fetch_all(_CREATED_AND_MERGED, about)
        else:
            rows = tx.fetch_all(_MERGED, {**about, "ids": list(person_ids)})
        return {row["id"]: MergedSince(**row) for row in rows}

    def _set_back(
        self, tx: ContactsTx, person: Person | None, person_id: UUID, steps: Sequence[Step]
    ) -> None:
        if person is None:
            raise _out_of_reach(person_id)
        ends = [step.version for step in steps]
        begins = [step.before_version for step in steps]
        if person.version != ends[-1] or begins[1:] != ends[:-1]:
            message = f"The person {person_id} was changed after the import."
            raise Conflict(message, code="changed_since")
        before = details_before(steps[0].before)
        entry = normalised(before, Defaults(), tx.clock.now().date())
        person.change(before, entry.quality, tx.clock.now(), self._id)

    def _remove(self, tx: ContactsTx, total: int) -> tuple[Tally, str, UUID]:
        """Remove some people whom the import created."""
        rows = tx.fetch_all(_CREATED, self._about(tx.tenant_id))
        left_at = {row["id"]: row["version"] or 1 for row in rows}
        used = {row["id"] for row in rows if row["used"]}
        people = {person.id: person for person in tx.people.get_many(list(left_at))}
        kept = []
        for person_id, version in left_at.items():
            try:
                self._take_away(tx, people.get(person_id), person_id, version, used)
            except DomainError as error:
                kept.append(Kept(person_id, error))
        removed = len(left_at) - len(kept)
        if not left_at:  # the end: what is left are those who are not there themselves
            kept = [Kept(one.id, one.error()) for one in self._merged(tx).values()]
        tally = replace(self._tally, removed=self._tally.removed + removed)
        return self._advanced(tx, tally, kept, _REMOVING, list(left_at), total)

    def _take_away(
        self,
        tx: ContactsTx,
        person: Person | None,
        person_id: UUID,
        left_at: int,
        used: set[UUID],
    ) -> None:
        if person is None:
            raise _out_of_reach(person_id)
        if person_id in used:
            message = f"Since the import, more is known of the person {person_id} than it brought."
            raise Conflict(message, code="in_use")
        person.undo_import(self._id, left_at)
        tx.people.remove(person)
        forget_pairs(tx, [person_id])

    def _advanced(
        self,
        tx: ContactsTx,
        tally: Tally,
        kept: Sequence[Kept],
        at: str,
        seen: Sequence[UUID],
        total: int,
    ) -> tuple[Tally, str, UUID]:
        """Write down who is kept and how far it is; fewer than a batch is the end of a phase."""
        tx.bulk = True
        if kept:
            rows = [
                {
                    "import_id": self._id,
                    "person_id": one.person_id,
                    "code": one.error.code,
                    "message": one.error.message,
                }
                for one in kept
            ]
            tx.write(_KEEP.statement, _KEEP.parameters(tx.tenant_id, rows))
        tally = replace(tally, kept=tally.kept + len(kept))
        over = not seen
        last = _FIRST if over else max(seen)
        following = {_REVERTING: _REMOVING, _REMOVING: "ending"}[at] if over else at
        details = {"removed": tally.removed, "reverted": tally.reverted, "kept": tally.kept}
        self._run.progress_in(
            tx,
            sum(details.values()),
            total,
            details=details,
            state={"at": following, "last": str(last)},
        )
        return tally, following, last

    def _end(self, tx: ContactsTx) -> None:
        tally = self._tally
        imported = tx.imports.get(self._id)
        imported.undone(tally.removed, tally.reverted, tally.kept, tx.clock.now())
        result = {"removed": tally.removed, "reverted": tally.reverted, "kept": tally.kept}
        self._run.succeed_in(tx, result)


def details_before(document: Mapping[str, Any]) -> PersonDetails:
    """The details that a report has kept."""
    owner = document["owner_id"]
    row = {**document, "owner_id": UUID(owner) if owner else None, "details": document}
    return details_of(row)


def _out_of_reach(person_id: UUID) -> Conflict:
    message = f"The person {person_id} is deleted or out of your reach."
    return Conflict(message, code="person_out_of_reach")


_KEEP = BulkInsert.into(import_kept, unless_there=True)
_TOUCHED = Statement(
    """
    SELECT (
        SELECT count(*) FROM people WHERE tenant_id = %(tenant_id)s AND import_id = %(import_id)s
    ) + (
        SELECT count(*) FROM merges
        WHERE tenant_id = %(tenant_id)s AND import_id = %(import_id)s AND undone_at IS NULL
    ) + (
        SELECT count(DISTINCT r.person_id) FROM import_rows r
        WHERE r.tenant_id = %(tenant_id)s AND r.import_id = %(import_id)s AND r.before_version IS NOT NULL
          AND NOT EXISTS (
            SELECT 1 FROM people p WHERE p.tenant_id = %(tenant_id)s AND p.id = r.person_id
              AND p.import_id = %(import_id)s
        )
          AND NOT EXISTS (
            SELECT 1 FROM merges m WHERE m.tenant_id = %(tenant_id)s AND m.merged_id = r.person_id
              AND m.import_id = %(import_id)s AND m.undone_at IS NULL
        )
    ) AS people
    """
)
_MERGED = Statement(
    "SELECT merged_id AS id, person_id AS survivor_id, import_id FROM merges"
    " WHERE tenant_id = %(tenant_id)s AND merged_id = ANY(%(ids)s) AND undone_at IS NULL"
)
_CREATED_AND_MERGED = Statement(
    "SELECT merged_id AS id, person_id AS survivor_id, import_id FROM merges"
    " WHERE tenant_id = %(tenant_id)s AND import_id = %(import_id)s AND undone_at IS NULL"
)
_CHANGED = Statement(
    """
    SELECT person_id, before_version, version, before FROM import_rows
    WHERE tenant_id = %(tenant_id)s AND import_id = %(import_id)s AND before_version IS NOT NULL
      AND person_id IN (
        SELECT DISTINCT person_id FROM import_rows
        WHERE tenant_id = %(tenant_id)s AND import_id = %(import_id)s AND before_version IS NOT NULL
          AND person_id > %(last)s
        ORDER BY person_id LIMIT %(most)s
    )
    ORDER BY person_id, row
    """
)
_CREATED = Statement(
    """
    SELECT p.id,
      (
        SELECT max(r.version) FROM import_rows r
        WHERE r.tenant_id = %(tenant_id)s AND r.import_id = %(import_id)s AND r.person_id = p.id
          AND r.before_version IS NOT NULL
      ) AS version,
      EXISTS (
        SELECT 1 FROM interactions i WHERE i.tenant_id = %(tenant_id)s AND i.person_id = p.id
      ) OR EXISTS (
        SELECT 1 FROM employments e WHERE e.tenant_id = %(tenant_id)s AND e.person_id = p.id
      ) OR EXISTS (
        SELECT 1 FROM relations t WHERE t.tenant_id = %(tenant_id)s AND t.first_id = p.id
      ) OR EXISTS (
        SELECT 1 FROM relations t WHERE t.tenant_id = %(tenant_id)s AND t.second_id = p.id
      ) OR EXISTS (
        SELECT 1 FROM consents c WHERE c.tenant_id = %(tenant_id)s AND c.person_id = p.id
      ) AS used
    FROM people p
    WHERE p.tenant_id = %(tenant_id)s AND p.import_id = %(import_id)s AND p.id > %(last)s
    ORDER BY p.id LIMIT %(most)s
    """
)
