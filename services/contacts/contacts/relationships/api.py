"""Employments and relations over REST, below the people and companies that they connect."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.body import Body
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from chassis.storage.scope import Scope
from contacts.companies.queries import READ as READ_COMPANIES
from contacts.companies.queries import CompanySummary, company_summary
from contacts.people.api import WRITE
from contacts.people.queries import READ, PersonSummary
from contacts.relationships import operations, queries
from contacts.relationships.domain import Employment, Relation
from contacts.relationships.models import (
    CompanyPersonOut,
    EmploymentEndIn,
    EmploymentIn,
    EmploymentOut,
    EmploymentPatch,
    RelationIn,
    RelationOut,
    shown,
)
from contacts.transaction import ContactsTx

employments = Routes("/v1/contacts/people/<uuid:person_id>/employments", tag="relationships")
relations = Routes("/v1/contacts/people/<uuid:person_id>/relations", tag="relationships")
company_people = Routes("/v1/contacts/companies/<uuid:company_id>/people", tag="relationships")


@employments.get("", permission=READ, listing=queries.EMPLOYMENTS, returns=EmploymentOut)
def list_employments(call: Call[ContactsTx], listing: Listing, person_id: UUID) -> Reply:
    """List where a person works and has worked."""
    return Reply(call.read(queries.list_employments, listing, person_id))


@employments.post("", permission=WRITE, body=EmploymentIn, returns=EmploymentOut, status=201)
def start_employment(call: Call[ContactsTx], body: EmploymentIn, person_id: UUID) -> Response:
    """Enter that a person works, or has worked, at a company.

    Several at once are fine; the same title at the same company only once at a time.
    """
    stated = _stated(body)
    del stated["company_id"]

    def reply(tx: ContactsTx, started: tuple[Employment, CompanySummary]) -> Reply:
        employment, company = started
        location = f"/v1/contacts/people/{person_id}/employments/{employment.id}"
        answer = shown(employment, company, tx.clock.now().date())
        return Reply.created(location, answer, employment.version)

    return call.run(
        lambda tx: operations.start_employment(tx, person_id, body.company_id, stated), reply
    )


@employments.get("/<uuid:employment_id>", permission=READ, returns=EmploymentOut)
def get_employment(call: Call[ContactsTx], person_id: UUID, employment_id: UUID) -> Reply:
    """Get an employment."""
    employment = call.read(queries.get_employment, person_id, employment_id)
    return Reply(employment, version=employment["version"])


@employments.patch(
    "/<uuid:employment_id>", permission=WRITE, body=EmploymentPatch, returns=EmploymentOut
)
def change_employment(
    call: Call[ContactsTx], body: EmploymentPatch, person_id: UUID, employment_id: UUID
) -> Response:
    """Change the title or the days of an employment."""
    stated = _stated(body)
    return call.run(
        lambda tx: operations.change_employment(tx, person_id, employment_id, stated), _shown
    )


@employments.post(
    "/<uuid:employment_id>/end", permission=WRITE, body=EmploymentEndIn, returns=EmploymentOut
)
def end_employment(
    call: Call[ContactsTx], body: EmploymentEndIn, person_id: UUID, employment_id: UUID
) -> Response:
    """Settle the last day of an employment, which may lie ahead; today unless said."""
    return call.run(
        lambda tx: operations.end_employment(tx, person_id, employment_id, body.ended_on), _shown
    )


@employments.delete("/<uuid:employment_id>", permission=WRITE)
def remove_employment(call: Call[ContactsTx], person_id: UUID, employment_id: UUID) -> Response:
    """Remove an employment that was entered by mistake."""
    return call.run(
        lambda tx: operations.remove_employment(tx, person_id, employment_id),
        lambda _tx, _employment: Reply.nothing(),
    )


@company_people.get(
    "", permission=READ_COMPANIES, listing=queries.COMPANY_PEOPLE, returns=CompanyPersonOut
)
def list_company_people(call: Call[ContactsTx], listing: Listing, company_id: UUID) -> Reply:
    """List who works and has worked at a company, of those within the caller's reach."""
    return Reply(call.read(queries.list_company_people, listing, company_id))


@relations.get("", permission=READ, listing=queries.RELATIONS, returns=RelationOut)
def list_relations(call: Call[ContactsTx], listing: Listing, person_id: UUID) -> Reply:
    """List who is what to a person, of those within the caller's reach."""
    return Reply(call.read(queries.list_relations, listing, person_id))


@relations.post("", permission=WRITE, body=RelationIn, returns=RelationOut, status=201)
def add_relation(call: Call[ContactsTx], body: RelationIn, person_id: UUID) -> Response:
    """Enter what somebody is to a person; from the other's side it is the inverse."""

    def reply(_tx: ContactsTx, added: tuple[Relation, PersonSummary]) -> Reply:
        relation, other = added
        answer = {
            "id": relation.id,
            "version": relation.version,
            "kind": queries.kind_for(person_id, relation),
            "person": other,
            "note": relation.note,
            "created_at": relation.created_at,
            "updated_at": relation.updated_at,
        }
        location = f"/v1/contacts/people/{person_id}/relations/{relation.id}"
        return Reply.created(location, answer, relation.version)

    return call.run(
        lambda tx: operations.add_relation(tx, person_id, body.person_id, body.kind, body.note),
        reply,
    )


@relations.get("/<uuid:relation_id>", permission=READ, returns=RelationOut)
def get_relation(call: Call[ContactsTx], person_id: UUID, relation_id: UUID) -> Reply:
    """Get a relation, as the person sees it."""
    relation = call.read(queries.get_relation, person_id, relation_id)
    return Reply(relation, version=relation["version"])


@relations.delete("/<uuid:relation_id>", permission=WRITE)
def remove_relation(call: Call[ContactsTx], person_id: UUID, relation_id: UUID) -> Response:
    """Remove a relation, for both."""
    return call.run(
        lambda tx: operations.remove_relation(tx, person_id, relation_id),
        lambda _tx, _relation: Reply.nothing(),
    )


def _stated(body: Body) -> dict[str, object]:
    return {name: getattr(body, name) for name in body.model_fields_set}


def _shown(tx: ContactsTx, employment: Employment) -> Reply:
    scope = Scope.under(tx.caller, READ_COMPANIES)
    company = company_summary(tx, employment.company_id, scope)
    answer = shown(employment, company, tx.clock.now().date())
    return Reply(answer, version=employment.version)
