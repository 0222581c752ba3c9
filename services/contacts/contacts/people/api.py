"""People over REST."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated
from uuid import UUID

from flask import Response
from pydantic import Field

from chassis.domain import DomainError
from chassis.http.batch import BATCH_BODY, BatchOut, Done, Outcome, answer_batch
from chassis.http.call import Call
from chassis.http.ndjson import INGEST_BODY, NDJSON, ingest
from chassis.http.query_string import Query
from chassis.http.reply import Reply, Stream
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from contacts.contact_points.models import external_id_in_path
from contacts.people import bulk, operations, queries
from contacts.people.bulk import BulkPolicy
from contacts.people.domain import Person, PersonDetails
from contacts.people.models import (
    CreatedPersonOut,
    PeopleArchiveIn,
    PeopleBatchIn,
    PeopleBatchOut,
    PeopleUpdateIn,
    PersonIn,
    PersonOut,
    PersonRefIn,
    QualityOut,
    QualityReportOut,
    changes_of,
    shown,
)
from contacts.people.queries import READ
from contacts.transaction import ContactsTx

WRITE = "contacts.people.write"
DELETE = "contacts.people.delete"
REPORT = "contacts.quality.read"

people = Routes("/v1/contacts/people", tag="people")


class CreateQuery(Query):
    refuse_duplicates: bool = False


class BulkQuery(CreateQuery):
    upsert_by: Annotated[str, Field(max_length=50)] = ""


@people.get("", permission=READ, listing=queries.PEOPLE, returns=PersonOut)
def list_people(call: Call[ContactsTx], listing: Listing) -> Reply:
    """List people, newest first unless asked otherwise."""
    return Reply(call.read(queries.list_people, listing))


@people.post(
    "", permission=WRITE, body=PersonIn, query=CreateQuery, returns=CreatedPersonOut, status=201
)
def create_person(call: Call[ContactsTx], query: CreateQuery, body: PersonIn) -> Response:
    """Enter a person.

    Whoever shares an e-mail, a phone or an external id is named in `duplicates`, and behind them
    whoever is likely to be the same for all else that is known, each with the probability; with
    `refuse_duplicates=true` the request is refused instead where the first are any.
    """
    details, refuse = PersonDetails(**changes_of(body)), query.refuse_duplicates
    return call.run(
        lambda tx: operations.create_person(
            tx, details, refuse_duplicates=refuse, tell_likely=True
        ),
        _entered,
    )


@people.get(
    "/by-external-id/<system>/<path:external_id>",
    permission=READ,
    returns=PersonOut,
    problems=(422,),
)
def get_person_by_external_id(call: Call[ContactsTx], system: str, external_id: str) -> Reply:
    """Get a person by what another system calls them."""
    key = external_id_in_path(system, external_id)
    person = call.read(queries.get_person_by_external_id, key)
    return Reply(person, version=person["version"])


@people.put(
    "/by-external-id/<system>/<path:external_id>",
    permission=WRITE,
    body=PersonIn,
    returns=CreatedPersonOut,
    conditional=True,
)
def upsert_person(
    call: Call[ContactsTx], body: PersonIn, system: str, external_id: str
) -> Response:
    """Enter or change the person with this external id.

    What is not mentioned stays as it is, and external ids are added to those there are. 201 with `Location` for a new person, else 200.
    """
    key, changes = external_id_in_path(system, external_id), changes_of(body)
    return call.run(
        lambda tx: operations.upsert_person(tx, key, changes, tell_likely=True), _entered
    )


@people.post(
    "/batch",
    permission=WRITE,
    query=BulkQuery,
    body=PeopleBatchIn,
    body_limit=BATCH_BODY,
    returns=PeopleBatchOut,
)
def enter_people(call: Call[ContactsTx], query: BulkQuery, body: PeopleBatchIn) -> Response:
    """Enter up to 1,000 people.

    Each is answered in its place; with `atomic` all are stored or none. With `upsert_by=erp`,
    whoever is known by the external id of that system is changed instead.
    """
    return answer_batch(call, body, PersonIn, _bulk(query))


@people.post("/batch-update", permission=WRITE, body=PeopleUpdateIn, returns=BatchOut)
def update_people(call: Call[ContactsTx], body: PeopleUpdateIn) -> Response:
    """Give up to 1,000 people tags, an owner or a stage, or take tags away."""
    stated = body.model_fields_set & {"owner_id", "lifecycle_stage"}
    fields = {name: getattr(body, name) for name in stated}

    def update(tx: ContactsTx, person: Person) -> None:
        details = operations.retag(person.details, body.add_tags, body.remove_tags, fields)
        operations.apply_change(tx, person, details)

    return answer_batch(call, body, PersonRefIn, partial(_each, update))


@people.post("/batch-archive", permission=DELETE, body=PeopleArchiveIn, returns=BatchOut)
def archive_people(call: Call[ContactsTx], body: PeopleArchiveIn) -> Response:
    """Archive up to 1,000 people."""

    def archive(tx: ContactsTx, person: Person) -> None:
        person.archive(tx.clock.now())

    return answer_batch(call, body, PersonRefIn, partial(_each, archive))


@people.post(
    "/ingest",
    permission=WRITE,
    query=BulkQuery,
    raw_body=(NDJSON,),
    body_limit=INGEST_BODY,
    media_type=NDJSON,
)
def ingest_people(call: Call[ContactsTx], query: BulkQuery) -> Stream:
    """Enter any number of people, one JSON object a line.

    Each line is answered by a line, and the last line says how it ended. Lines are stored 200 at a
    time: when it ends early, the same body with the same `Idempotency-Key` goes on where it
    stopped; so does one without a key whose lines have external ids, with `upsert_by`.
    """
    return ingest(call, PersonIn, _bulk(query))


@people.get("/<uuid:person_id>", permission=READ, returns=PersonOut)
def get_person(call: Call[ContactsTx], person_id: UUID) -> Reply:
    """Get a person.

    Who was merged into another one is answered with the one who was left, whose address is in
    `Content-Location`; the answer's `id` is theirs.
    """
    person = call.read(queries.get_person, person_id)
    location = f"{people.prefix}/{person['id']}"
    headers = {} if person["id"] == person_id else {"Content-Location": location}
    return Reply(person, headers=headers, version=person["version"])


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
            tx, person_id, lambda details: operations.with_changes(details, changes)
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


def _bulk(
    query: BulkQuery,
) -> Callable[[ContactsTx, Sequence[PersonIn | DomainError]], list[Outcome]]:
    policy = BulkPolicy(query.upsert_by, refuse_duplicates=query.refuse_duplicates)

    def enter(tx: ContactsTx, items: Sequence[PersonIn | DomainError]) -> list[Outcome]:
        entries = [item if isinstance(item, DomainError) else changes_of(item) for item in items]
        return [_outcome(result) for result in bulk.enter_people(tx, entries, policy)]

    return enter


def _each(
    change: Callable[[ContactsTx, Person], None],
    tx: ContactsTx,
    items: Sequence[PersonRefIn | DomainError],
) -> list[Outcome]:
    wanted = [item if isinstance(item, DomainError) else item.id for item in items]
    return [
        one if isinstance(one, DomainError) else Done(200, {"id": one.id, "version": one.version})
        for one in bulk.change_people(tx, wanted, partial(change, tx))
    ]


def _outcome(result: operations.Entered | DomainError) -> Outcome:
    if isinstance(result, DomainError):
        return result
    members = {"id": result.person.id, "version": result.version, "duplicates": result.duplicates}
    return Done(201 if result.created else 200, members)


def _entered(_tx: ContactsTx, entered: operations.Entered) -> Reply:
    """What was written is known: nothing need be read back."""
    person = {**shown(entered.person), "duplicates": entered.duplicates}
    if entered.created:
        location = f"/v1/contacts/people/{entered.person.id}"
        return Reply.created(location, person, entered.version)
    return Reply(person, version=entered.version)


def _shown(_tx: ContactsTx, person: Person) -> Reply:
    return Reply(shown(person), version=person.version)
