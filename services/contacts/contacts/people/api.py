"""People over REST."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.query_string import Query
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from contacts.people import operations, queries
from contacts.people.domain import Person, PersonDetails
from contacts.people.models import (
    CreatedPersonOut,
    PersonIn,
    PersonOut,
    QualityOut,
    QualityReportOut,
    changes_of,
    shown,
)
from contacts.transaction import ContactsTx

READ = "contacts.people.read"
WRITE = "contacts.people.write"
DELETE = "contacts.people.delete"
REPORT = "contacts.quality.read"

people = Routes("/v1/contacts/people", tag="people")


class CreateQuery(Query):
    refuse_duplicates: bool = False


@people.get("", permission=READ, listing=queries.PEOPLE, returns=PersonOut)
def list_people(call: Call[ContactsTx], listing: Listing) -> Reply:
    """List people, newest first unless asked otherwise."""
    return Reply(call.read(queries.list_people, listing))


@people.post(
    "", permission=WRITE, body=PersonIn, query=CreateQuery, returns=CreatedPersonOut, status=201
)
def create_person(call: Call[ContactsTx], query: CreateQuery, body: PersonIn) -> Response:
    """Enter a person.

    Whoever shares an e-mail, a phone or an external id is named in `duplicates`; with
    `refuse_duplicates=true` the request is refused instead.
    """
    details = PersonDetails(**changes_of(body))

    def reply(tx: ContactsTx, created: operations.Created) -> Reply:
        del tx  # what was written is known: nothing need be read back
        person = {**shown(created.person), "duplicates": created.duplicates}
        return Reply.created(
            f"/v1/contacts/people/{created.person.id}", person, created.person.version
        )

    return call.run(
        lambda tx: operations.create_person(tx, details, refuse_duplicates=query.refuse_duplicates),
        reply,
    )


@people.get("/<uuid:person_id>", permission=READ, returns=PersonOut)
def get_person(call: Call[ContactsTx], person_id: UUID) -> Reply:
    """Get a person."""
    person = call.read(queries.get_person, person_id)
    return Reply(person, version=person["version"])


@people.get("/<uuid:person_id>/quality", permission=READ, returns=QualityOut)
def get_person_quality(call: Call[ContactsTx], person_id: UUID) -> Reply:
    """Get how good a person's record is, with the reason for each point that is missing."""
    return Reply(call.read(queries.get_quality, person_id))


@people.get("/quality-report", permission=REPORT, returns=QualityReportOut)
def get_quality_report(call: Call[ContactsTx]) -> Reply:
    """Get how good all the tenant's people are, and what is wrong most often."""
    return Reply(call.read(queries.quality_report))


@people.patch("/<uuid:person_id>", permission=WRITE, body=PersonIn, returns=PersonOut)
def change_person(call: Call[ContactsTx], body: PersonIn, person_id: UUID) -> Response:
    """Change what is mentioned of a person; lists are replaced as a whole."""
    changes = changes_of(body)
    return call.run(
        lambda tx: operations.change_person(
            tx, person_id, lambda details: replace(details, **changes)
        ),
        _shown,
    )


@people.delete("/<uuid:person_id>", permission=DELETE)
def archive_person(call: Call[ContactsTx], person_id: UUID) -> Response:
    """Archive a person."""
    return call.run(
        lambda tx: operations.archive_person(tx, person_id), lambda _tx, _person: Reply.nothing()
    )


@people.post("/<uuid:person_id>/restore", permission=DELETE, returns=PersonOut)
def restore_person(call: Call[ContactsTx], person_id: UUID) -> Response:
    """Restore an archived person."""
    return call.run(lambda tx: operations.restore_person(tx, person_id), _shown)


def _shown(_tx: ContactsTx, person: Person) -> Reply:
    return Reply(shown(person), version=person.version)
