"""Exports of people's data over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply, Stream
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from contacts.data_exports import operations, queries
from contacts.data_exports.archive import archive_of, manifest_of
from contacts.data_exports.domain import DataExport
from contacts.data_exports.models import DataExportOut
from contacts.transaction import ContactsTx

EXPORT_DATA = "contacts.people.data_export"
_PATH = "/v1/contacts/data-exports"

data_exports = Routes(_PATH, tag="data exports")
data_exports_of_people = Routes("/v1/contacts/people/<uuid:person_id>", tag="data exports")


@data_exports_of_people.post(
    "/data-exports",
    permission=EXPORT_DATA,
    returns=DataExportOut,
    status=202,
    problems=(409,),
)
def request_data_export(call: Call[ContactsTx], person_id: UUID) -> Response:
    """Have all that is known of a person put together, in every service, as an archive.

    While an export of the person is on its way, it is the answer to whoever asks again. It ends when
    every service has told what it keeps: one that does not answer is waited for.
    """

    def reply(tx: ContactsTx, export: DataExport) -> Reply:
        return Reply.accepted(f"{_PATH}/{export.id}", queries.get_export(tx, export.id))

    return call.run(lambda tx: operations.request_export(tx, person_id), reply)


@data_exports.get("", permission=EXPORT_DATA, listing=queries.DATA_EXPORTS, returns=DataExportOut)
def list_data_exports(call: Call[ContactsTx], listing: Listing) -> Reply:
    """List exports of people's data, the latest first."""
    return Reply(call.read(queries.list_exports, listing))


@data_exports.get("/<uuid:export_id>", permission=EXPORT_DATA, returns=DataExportOut)
def get_data_export(call: Call[ContactsTx], export_id: UUID) -> Reply:
    """Get an export: its state, and how far each service is."""
    return Reply(call.read(queries.get_export, export_id))


@data_exports.get(
    "/<uuid:export_id>/archive",
    permission=EXPORT_DATA,
    media_type="application/zip",
    problems=(409,),
)
def download_data_export(call: Call[ContactsTx], export_id: UUID) -> Stream:
    """Download the archive: a ZIP with a file of JSON lines for each kind of record, and a manifest.

    It is kept for some days, and goes with the person. That it was taken is recorded.
    """
    shown = call.read(queries.get_export, export_id)
    export = call.operations.transact(
        call.caller,
        call.scope,
        "download_data_export",
        lambda tx: operations.note_download(tx, export_id),
    )
    chunks = archive_of(call.read, export, manifest_of(export, shown["parts"]))
    headers = {
        "Content-Disposition": f'attachment; filename="person-{export.person_id}.zip"',
        "Cache-Control": "no-store",
    }
    return Stream(chunks, "application/zip", headers)
