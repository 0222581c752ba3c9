"""Where more than one transaction is needed: to look at a file, to ask who there is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from flask import Response

from chassis.domain import Invalid
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Operations, Reading
from chassis.work.jobs import JobCancelled, JobRun
from contacts.custom_fields.domain import RecordKind
from contacts.custom_fields.queries import definitions_of
from contacts.imports import operations, queries
from contacts.imports.analysis import Analysis, analyse
from contacts.imports.domain import Import, ImportPlan, ImportState
from contacts.imports.formats.rows import UnreadableFile
from contacts.imports.pieces import PART, UploadedFile
from contacts.imports.running import problem_of
from contacts.peers import Users
from contacts.transaction import ContactsTx

Read = Callable[[Callable[[Reading], Any]], Any]


def complete_import(call: Call[ContactsTx], import_id: UUID, parts: int | None) -> Response:
    """Look at the file, or have a job look at one that takes long: a large workbook.

    What was found is kept only if the file is still the one that was looked at.
    """
    imported: Import = call.read(queries.find_import, import_id)
    file = UploadedFile(call.read, import_id)
    if file.size > PART and file.read(4) == b"PK\x03\x04":
        return call.run(
            lambda tx: operations.complete_later(tx, import_id, parts),
            lambda tx, _: Reply(queries.get_import(tx, import_id), 202),
        )
    layout = call.read(queries.get_import, import_id)["parts"]
    outcome = _looked_at(call.read, imported, file)

    def work(tx: ContactsTx) -> Import:
        done = operations.complete_now(tx, import_id, parts, outcome)
        if queries.get_import(tx, import_id)["parts"] != layout:
            raise operations.changed_meanwhile()
        return done

    return call.run(work, partial(_shown, import_id))


def _shown(import_id: UUID, tx: ContactsTx, imported: Import) -> Reply:
    return Reply(queries.get_import(tx, import_id), version=imported.version)


def _looked_at(read: Read, imported: Import, file: UploadedFile) -> Analysis | dict[str, Any]:
    definitions = read(partial(definitions_of, kind=RecordKind.PERSON))
    file.seek(0)
    try:
        return analyse(file, imported.options, definitions.keys())
    except UnreadableFile as error:
        return problem_of(error)


class ImportAnalysing:
    """Looks at files that take long; the handler of the jobs `analyse_import`."""

    def __init__(self, operations_of_service: Operations[ContactsTx]) -> None:
        self._operations = operations_of_service

    def __call__(self, run: JobRun) -> Mapping[str, Any] | None:
        """Look at the file of the import that the job names."""
        import_id = UUID(run.arguments["import_id"])

        def read(query: Callable[[Reading], Any]) -> Any:
            return self._operations.read(run.caller, EVERYTHING, query)

        imported: Import = read(partial(queries.find_import, import_id=import_id))
        if imported.state is not ImportState.ANALYSING or imported.job_id != run.id:
            raise JobCancelled(f"job {run.id}")
        outcome = _looked_at(read, imported, UploadedFile(read, import_id))

        def conclude(tx: ContactsTx) -> None:
            operations.conclude(tx.imports.get(import_id), outcome, tx)
            run.succeed_in(tx, {"readable": isinstance(outcome, Analysis)})

        self._operations.transact(run.caller, EVERYTHING, run.kind, conclude)
        return None


def arrange_import(
    call: Call[ContactsTx], users: Users, import_id: UUID, plan: ImportPlan
) -> Response:
    """Keep what is to be made of the rows, if the owner that it names is somebody."""
    if plan.owner_id is not None and users.absent(call.caller, [plan.owner_id]):
        message = f"There is no user {plan.owner_id}."
        raise Invalid.at("/owner_id", "owner_unknown", message)
    return call.run(
        lambda tx: operations.arrange_import(tx, import_id, plan), partial(_shown, import_id)
    )
