"""Exports over REST: people and companies as files, made while they are sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from chassis.http.call import Call
from chassis.http.query_string import Query
from chassis.http.reply import Stream
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from chassis.storage.unit_of_work import Reading
from contacts.companies import queries as companies
from contacts.exports.cards import card_of
from contacts.exports.noting import note_export
from contacts.exports.pages import whole_list
from contacts.exports.queries import companies_table, people_table
from contacts.exports.tables import Table
from contacts.exports.writing import MEDIA_TYPES, ExportFormat, export_stream
from contacts.imports.formats.vcard_writer import write_vcards
from contacts.people import queries as people
from contacts.transaction import ContactsTx

EXPORT_PEOPLE = "contacts.people.export"
EXPORT_COMPANIES = "contacts.companies.export"
_MEDIA = ",".join(media.partition(";")[0] for media in MEDIA_TYPES.values())

exports = Routes("/v1/contacts", tag="exports")


class PeopleExportQuery(Query):
    format: ExportFormat = Field(default=ExportFormat.CSV)


class CompaniesExportQuery(Query):
    format: Literal[ExportFormat.CSV, ExportFormat.XLSX, ExportFormat.NDJSON] = Field(
        default=ExportFormat.CSV
    )


@exports.get(
    "/people/export",
    permission=EXPORT_PEOPLE,
    listing=replace(people.PEOPLE, whole=True),
    query=PeopleExportQuery,
    media_type=_MEDIA,
)
def export_people(call: Call[ContactsTx], listing: Listing, query: PeopleExportQuery) -> Stream:
    """Export people as CSV, XLSX, NDJSON or vCards: those that the list has with these filters.

    The columns are named so that an import knows them again, and nothing in a cell is run by a
    spreadsheet. An export that breaks off says so at its end: a last row `EXPORT INCOMPLETE`.
    """
    return _export(call, listing, query.format, "people", (people.list_people, people_table))


@exports.get(
    "/companies/export",
    permission=EXPORT_COMPANIES,
    listing=replace(companies.COMPANIES, whole=True),
    query=CompaniesExportQuery,
    media_type=_MEDIA,
)
def export_companies(
    call: Call[ContactsTx], listing: Listing, query: CompaniesExportQuery
) -> Stream:
    """Export companies as CSV, XLSX or NDJSON: those that the list has with these filters.

    An export that breaks off says so at its end: a last row `EXPORT INCOMPLETE`.
    """
    reads = (companies.list_companies, companies_table)
    return _export(call, listing, ExportFormat(query.format), "companies", reads)


@exports.get("/people/<uuid:person_id>/vcard", permission=people.READ, media_type="text/vcard")
def get_person_vcard(call: Call[ContactsTx], person_id: UUID) -> Stream:
    """Get a person as a vCard."""
    person = call.read(people.get_person, person_id)
    card = b"".join(write_vcards([card_of(person)]))
    written_in = ExportFormat.VCARD.value
    call.operations.run(call.caller, note_export, "people", written_in, (), person_id)
    headers = {"Content-Disposition": f'attachment; filename="{person_id}.vcf"'}
    return Stream([card], MEDIA_TYPES[ExportFormat.VCARD], headers)


Reads = tuple[Callable[[Reading, Listing], dict[str, Any]], Callable[[Reading], Table]]


def _export(
    call: Call[ContactsTx], listing: Listing, kind: ExportFormat, name: str, reads: Reads
) -> Stream:
    """The first page is read before anything is sent, so that what is refused has its status."""
    query, table = reads
    pages = whole_list(call, query, listing)
    first = next(pages)
    call.operations.run(call.caller, note_export, name, kind.value, listing.given)

    def all_pages() -> Any:
        yield first
        yield from pages

    return export_stream(kind, name, lambda: call.read(table), all_pages())
