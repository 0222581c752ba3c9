"""Imports over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.problem import HttpProblem
from chassis.http.reply import Reply, Stream
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from chassis.work.jobs_api import Job, job_accepted
from contacts.imports import flows, operations, queries
from contacts.imports.domain import Import
from contacts.imports.errors_file import errors_file, is_ndjson
from contacts.imports.models import (
    CompleteIn,
    ErrorsQuery,
    ImportIn,
    ImportOut,
    ImportSummaryOut,
    KeptOut,
    MappingIn,
    PartQuery,
    RowOut,
    RunQuery,
    options_of,
    plan_of,
)
from contacts.imports.pieces import MAX_PARTS, PART, Part
from contacts.peers import Users
from contacts.transaction import ContactsTx

READ = "contacts.imports.read"
WRITE = "contacts.imports.write"

_OCTETS = (
    "application/octet-stream",
    "text/csv",
    "text/vcard",
    "application/x-ndjson",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)


def import_routes(users: Users, limit: int) -> Routes:
    """The routes of imports; a file has at most `limit` bytes."""
    imports = Routes("/v1/contacts/imports", tag="imports")
    _beginnings(imports, limit)
    _contents(imports, limit)
    _runs(imports, users)
    _reports(imports)
    return imports


def _beginnings(imports: Routes, limit: int) -> None:
    @imports.get("", permission=READ, listing=queries.IMPORTS, returns=ImportSummaryOut)
    def list_imports(call: Call[ContactsTx], listing: Listing) -> Reply:
        """List imports, the newest first."""
        return Reply(call.read(queries.list_imports, listing))

    @imports.post("", permission=WRITE, body=ImportIn, returns=ImportOut, status=201)
    def begin_import(call: Call[ContactsTx], body: ImportIn) -> Response:
        """Begin an import.

        Then send its file in parts, complete it, look at what was found, say what its columns
        are unless the suggestion will do, and run it.
        """
        options = options_of(body)

        def reply(tx: ContactsTx, imported: Import) -> Reply:
            location = f"/v1/contacts/imports/{imported.id}"
            return Reply.created(location, queries.get_import(tx, imported.id), imported.version)

        return call.run(
            lambda tx: operations.begin_import(tx, body.name, options, body.size, limit), reply
        )

    @imports.get("/<uuid:import_id>", permission=READ, returns=ImportOut)
    def get_import(call: Call[ContactsTx], import_id: UUID) -> Reply:
        """Get an import: its state, what its file holds, its runs."""
        return Reply(call.read(queries.get_import, import_id))


def _contents(imports: Routes, limit: int) -> None:
    @imports.put(
        "/<uuid:import_id>/parts/<int:number>",
        permission=WRITE,
        query=PartQuery,
        raw_body=_OCTETS,
        body_limit=PART,
        returns=ImportOut,
    )
    def put_import_part(
        call: Call[ContactsTx], query: PartQuery, import_id: UUID, number: int
    ) -> Response:
        """Send a part of the file: the first is 1, each has at most 16 MiB.

        In any order, and again if one is not sure of it. With `sha256` a part that was changed
        on its way is refused.
        """
        if not 1 <= number <= MAX_PARTS:
            raise HttpProblem(404, "not_found", f"Parts are numbered 1 to {MAX_PARTS}.")
        part = Part.read(number, call.request.stream.read)
        if query.sha256 and query.sha256.lower() != part.sha256:
            message = f"The part has the SHA-256 {part.sha256}, not {query.sha256}."
            raise HttpProblem(422, "digest_mismatch", message)
        return call.run(
            lambda tx: operations.take_part(tx, import_id, part, limit),
            lambda tx, _: Reply(queries.get_import(tx, import_id)),
        )

    @imports.post(
        "/<uuid:import_id>/complete",
        permission=WRITE,
        query=CompleteIn,
        returns=ImportOut,
        otherwise=202,
    )
    def complete_import(call: Call[ContactsTx], query: CompleteIn, import_id: UUID) -> Response:
        """Say that the file is whole, and have it looked at.

        A large workbook takes a while: then the answer is 202, and the state `analysing` until it
        is `ready` or `unreadable`.
        """
        return flows.complete_import(call, import_id, query.parts)

    @imports.delete("/<uuid:import_id>", permission=WRITE)
    def delete_import(call: Call[ContactsTx], import_id: UUID) -> Response:
        """Throw an import away that was never run, or was undone."""
        return call.run(
            lambda tx: operations.discard_import(tx, import_id), lambda _tx, _: Reply.nothing()
        )


def _runs(imports: Routes, users: Users) -> None:
    @imports.put("/<uuid:import_id>/mapping", permission=WRITE, body=MappingIn, returns=ImportOut)
    def map_import(call: Call[ContactsTx], body: MappingIn, import_id: UUID) -> Response:
        """Say which column is what, by what people are known again, and what duplicates are to be."""
        return flows.arrange_import(call, users, import_id, plan_of(body))

    @imports.post(
        "/<uuid:import_id>/run", permission=WRITE, query=RunQuery, returns=Job, status=202
    )
    def run_import(call: Call[ContactsTx], query: RunQuery, import_id: UUID) -> Response:
        """Make people of the rows; with `dry_run=true` only see what would become of each.

        A run that was cancelled or broke off goes on behind the last row that is done.
        """
        return call.run(
            lambda tx: operations.begin_run_of(tx, import_id, dry=query.dry_run),
            lambda tx, job_id: job_accepted(tx, "contacts", job_id),
        )

    @imports.post("/<uuid:import_id>/undo", permission=WRITE, returns=Job, status=202)
    def undo_import(call: Call[ContactsTx], import_id: UUID) -> Response:
        """Take back what an import did, but for people whom somebody has changed since."""
        return call.run(
            lambda tx: operations.undo_import(tx, import_id),
            lambda tx, job_id: job_accepted(tx, "contacts", job_id),
        )


def _reports(imports: Routes) -> None:
    @imports.get("/<uuid:import_id>/rows", permission=READ, listing=queries.ROWS, returns=RowOut)
    def list_import_rows(call: Call[ContactsTx], listing: Listing, import_id: UUID) -> Reply:
        """List what became of rows: after a dry run all, else those that somebody may ask about.

        Those are the rows that failed, were skipped, have changed somebody, or were entered although
        something was odd. Of the latest run, unless `run` names another.
        """
        return Reply(call.read(queries.list_rows, listing, import_id))

    @imports.get("/<uuid:import_id>/kept", permission=READ, listing=queries.KEPT, returns=KeptOut)
    def list_kept_people(call: Call[ContactsTx], listing: Listing, import_id: UUID) -> Reply:
        """List the people whom undoing has left as they are, and why."""
        return Reply(call.read(queries.list_kept, listing, import_id))

    @imports.get(
        "/<uuid:import_id>/errors",
        permission=READ,
        query=ErrorsQuery,
        media_type="text/csv,application/x-ndjson",
    )
    def get_import_errors(call: Call[ContactsTx], query: ErrorsQuery, import_id: UUID) -> Stream:
        """Get the rows that failed as a file, with the reasons, to correct and import again.

        Of the latest run, unless `run` names another. A table comes as CSV with the reasons in its
        first column, lines of JSON come as such.
        """
        imported = call.read(queries.find_import, import_id)
        chunks = errors_file(call.read, imported, query.run or imported.runs)
        kind = "ndjson" if is_ndjson(imported) else "csv"
        media = {"csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson"}[kind]
        name = f'attachment; filename="import-errors.{kind}"'
        return Stream(chunks, media, {"Content-Disposition": name})
