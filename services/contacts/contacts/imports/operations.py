"""What users and apps do to imports; each function is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from chassis.context import Caller, Reach
from chassis.domain import Conflict, Forbidden, Invalid, Violation
from chassis.storage.scope import Scope
from chassis.work.jobs import start_job
from contacts.custom_fields.domain import RecordKind
from contacts.imports.analysis import Analysis
from contacts.imports.domain import Import, ImportPlan, ReadingOptions
from contacts.imports.fields import EXTERNAL_ID, IGNORE, KEYS, SYSTEM, clashes, field_problem
from contacts.imports.pieces import Part, require_whole, store_part, too_large
from contacts.imports.reports import begin_run
from contacts.transaction import ContactsTx

ANALYSE, CHECK, RUN, UNDO = "analyse_import", "check_import", "run_import", "undo_import"
"""The kinds of jobs."""

WRITE_PEOPLE, DELETE_PEOPLE = "contacts.people.write", "contacts.people.delete"


def begin_import(
    tx: ContactsTx, name: str, options: ReadingOptions, size: int | None, limit: int
) -> Import:
    """A new import; whoever begins it owns it. Raises `Invalid` for a file that is too large."""
    if size is not None and size > limit:
        raise too_large(size, limit)
    imported = Import.begin(tx.ids.new(), name, options, tx.caller.user_id, tx.clock.now())
    tx.imports.add(imported)
    return imported


def take_part(tx: ContactsTx, import_id: UUID, part: Part, limit: int) -> Import:
    """Keep a part of the file. Raises `NotFound`, `Invalid` and `Conflict`."""
    imported = tx.imports.settled(import_id)
    imported.take_part(tx.clock.now())
    store_part(tx, import_id, part, limit)
    return imported


def complete_later(tx: ContactsTx, import_id: UUID, parts: int | None) -> Import:
    """The file is there; a job looks at it. Raises `NotFound` and `Conflict`."""
    imported = tx.imports.settled(import_id)
    require_whole(tx, import_id, parts)
    job_id = start_job(tx, ANALYSE, {"import_id": str(import_id)})
    imported.complete(job_id, tx.clock.now())
    return imported


def complete_now(
    tx: ContactsTx, import_id: UUID, parts: int | None, outcome: Analysis | dict[str, Any]
) -> Import:
    """The file is there, and this is what was found, or why it cannot be read."""
    imported = tx.imports.settled(import_id)
    require_whole(tx, import_id, parts)
    now = tx.clock.now()
    imported.complete(None, now)
    conclude(imported, outcome, tx)
    return imported


def changed_meanwhile() -> Conflict:
    """The refusal of a file that somebody has changed while it was looked at."""
    message = "The file was changed while it was looked at; complete it again."
    return Conflict(message, code="import_file_changed", retry_after=1)


def conclude(imported: Import, outcome: Analysis | dict[str, Any], tx: ContactsTx) -> None:
    """Take note of what a look at the file has shown."""
    now = tx.clock.now()
    if isinstance(outcome, Analysis):
        imported.understand(outcome.found, outcome.examples, now)
    else:
        imported.refuse_file(outcome, now)


def arrange_import(tx: ContactsTx, import_id: UUID, plan: ImportPlan) -> Import:
    """Say what is to be made of the rows.

    Raises `NotFound`, `Conflict`, and `Invalid` that names every part of the plan that cannot be.
    """
    imported = tx.imports.settled(import_id)
    header = imported.analysis.get("header", ())
    wrong = [*_wrong_columns(tx, plan, header), *_wrong_key(plan)]
    if not tx.scope.allows(plan.owner_id or tx.caller.user_id):
        message = "You cannot give people to this owner."
        wrong.append(Violation("/owner_id", "owner_out_of_reach", message))
    if wrong:
        named = ", ".join(violation.pointer for violation in wrong[:5])
        raise Invalid(f"This cannot be the mapping: {named}.", violations=tuple(wrong[:100]))
    imported.arrange(plan, tx.clock.now())
    return imported


def _wrong_columns(tx: ContactsTx, plan: ImportPlan, header: list[str]) -> list[Violation]:
    defined = tx.known_fields.of(RecordKind.PERSON, mentioned=True)
    active = {key for key, known in defined.items() if not known.archived}
    wrong, seen = [], set[str]()
    for place, target in enumerate(plan.columns):
        if target.column not in header:
            message = f"The file has no column “{target.column[:60]}”."
            wrong.append(Violation(f"/columns/{place}/column", "column_unknown", message))
        elif target.column in seen:
            message = "The column is mapped already."
            wrong.append(Violation(f"/columns/{place}/column", "column_repeated", message))
        seen.add(target.column)
        problem = field_problem(target.field, active)
        if problem is not None:
            wrong.append(Violation(f"/columns/{place}/field", *problem))
    if wrong:
        return wrong
    return clashes((target.field, target.label) for target in plan.columns)


def _wrong_key(plan: ImportPlan) -> list[Violation]:
    key = plan.key
    fields = {target.field for target in plan.columns if target.field != IGNORE}
    if not key or (key in KEYS and (not fields or f"{key}s" in fields)):
        return []
    system = key.removeprefix(EXTERNAL_ID)
    if key.startswith(EXTERNAL_ID) and SYSTEM.fullmatch(system) and (not fields or key in fields):
        return []
    message = "The key is email, phone or external_id:<system>, and a column has to hold it."
    return [Violation("/key", "key_unknown", message)]


def begin_run_of(tx: ContactsTx, import_id: UUID, *, dry: bool) -> UUID:
    """Have the rows looked through, or made people of; gives the job.

    Raises `NotFound`, `Conflict`, and `Forbidden` for whoever may not enter people.
    """
    imported = tx.imports.settled(import_id)
    arguments = _arguments(tx.caller, import_id, WRITE_PEOPLE)
    job_id = start_job(tx, CHECK if dry else RUN, arguments)
    begin: Callable[..., None] = imported.check if dry else imported.run
    begin(job_id, tx.clock.now())
    begin_run(tx, import_id, imported.runs, dry=dry)
    return job_id


def undo_import(tx: ContactsTx, import_id: UUID) -> UUID:
    """Have taken back what the import did; gives the job. Raises as above."""
    imported = tx.imports.settled(import_id)
    job_id = start_job(tx, UNDO, _arguments(tx.caller, import_id, DELETE_PEOPLE))
    imported.undo(job_id, tx.clock.now())
    return job_id


def discard_import(tx: ContactsTx, import_id: UUID) -> Import:
    """Throw an import away, with its file. Raises `NotFound` and `Conflict`."""
    imported = tx.imports.settled(import_id)
    imported.discard(tx.clock.now())
    tx.imports.remove(imported)
    return imported


def _arguments(caller: Caller, import_id: UUID, permission: str) -> dict[str, Any]:
    """What a job needs to know of the one who began it: whose people they may reach."""
    reach = caller.reach(permission)
    if reach is None:
        raise Forbidden(f"This needs the permission {permission}.", code="permission_missing")
    owners = Scope.of(caller, Reach(reach)).owners
    told = None if owners is None else sorted(map(str, owners))
    return {"import_id": str(import_id), "owners": told}
