"""Companies over REST."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from flask import Response
from pydantic import Field

from chassis.domain import DomainError, Invalid
from chassis.http.batch import BATCH_BODY, Done, Outcome, answer_batch, each_apart
from chassis.http.call import Call
from chassis.http.query_string import Query
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from contacts.companies import operations, queries
from contacts.companies.domain import Company, CompanyDetails
from contacts.companies.models import (
    CompaniesBatchIn,
    CompaniesBatchOut,
    CompanyIn,
    CompanyOut,
    CreatedCompanyOut,
    ListedCompanyOut,
    changes_of,
    shown,
)
from contacts.companies.queries import READ
from contacts.contact_points.models import external_id_in_path
from contacts.transaction import ContactsTx

WRITE = "contacts.companies.write"
DELETE = "contacts.companies.delete"

companies = Routes("/v1/contacts/companies", tag="companies")


class CreateCompanyQuery(Query):
    refuse_duplicates: bool = False


class CompaniesBulkQuery(CreateCompanyQuery):
    upsert_by: Annotated[str, Field(max_length=50)] = ""


@companies.get("", permission=READ, listing=queries.COMPANIES, returns=ListedCompanyOut)
def list_companies(call: Call[ContactsTx], listing: Listing) -> Reply:
    """List companies, newest first unless asked otherwise."""
    return Reply(call.read(queries.list_companies, listing))


@companies.post(
    "",
    permission=WRITE,
    body=CompanyIn,
    query=CreateCompanyQuery,
    returns=CreatedCompanyOut,
    status=201,
)
def create_company(call: Call[ContactsTx], query: CreateCompanyQuery, body: CompanyIn) -> Response:
    """Enter a company.

    Those that share a domain, a phone or an external id are named in `duplicates`; with
    `refuse_duplicates=true` the request is refused instead.
    """
    details = CompanyDetails(**changes_of(body))
    return call.run(
        lambda tx: operations.create_company(
            tx, details, refuse_duplicates=query.refuse_duplicates
        ),
        _entered,
    )


@companies.get("/<uuid:company_id>", permission=READ, returns=CompanyOut)
def get_company(call: Call[ContactsTx], company_id: UUID) -> Reply:
    """Get a company."""
    company = call.read(queries.get_company, company_id)
    return Reply(company, version=company["version"])


@companies.get(
    "/by-external-id/<system>/<path:external_id>",
    permission=READ,
    returns=CompanyOut,
    problems=(422,),
)
def get_company_by_external_id(call: Call[ContactsTx], system: str, external_id: str) -> Reply:
    """Get a company by what another system calls it."""
    key = external_id_in_path(system, external_id)
    company = call.read(queries.get_company_by_external_id, key)
    return Reply(company, version=company["version"])


@companies.put(
    "/by-external-id/<system>/<path:external_id>",
    permission=WRITE,
    body=CompanyIn,
    returns=CreatedCompanyOut,
    conditional=True,
)
def upsert_company(
    call: Call[ContactsTx], body: CompanyIn, system: str, external_id: str
) -> Response:
    """Enter or change the company with this external id.

    What is not mentioned stays as it is, and external ids are added to those there are. 201 with
    `Location` for a new company, else 200.
    """
    key, changes = external_id_in_path(system, external_id), changes_of(body)
    return call.run(lambda tx: operations.upsert_company(tx, key, changes), _entered)


@companies.post(
    "/batch",
    permission=WRITE,
    query=CompaniesBulkQuery,
    body=CompaniesBatchIn,
    body_limit=BATCH_BODY,
    returns=CompaniesBatchOut,
)
def enter_companies(
    call: Call[ContactsTx], query: CompaniesBulkQuery, body: CompaniesBatchIn
) -> Response:
    """Enter up to 1,000 companies.

    Each is answered in its place; with `atomic` all are stored or none. With `upsert_by=erp`, what
    is known by the external id of that system is changed instead.
    """

    def enter(tx: ContactsTx, items: Sequence[CompanyIn | DomainError]) -> Sequence[Outcome]:
        if query.upsert_by:
            tx.companies.lock_system(query.upsert_by)
        return each_apart(tx, items, lambda item: _outcome(tx, query, item))

    return answer_batch(call, body, CompanyIn, enter)


@companies.patch("/<uuid:company_id>", permission=WRITE, body=CompanyIn, returns=CompanyOut)
def change_company(call: Call[ContactsTx], body: CompanyIn, company_id: UUID) -> Response:
    """Change what is mentioned of a company; lists are replaced as a whole."""
    changes = changes_of(body)
    return call.run(lambda tx: operations.change_company(tx, company_id, changes), _shown)


@companies.delete("/<uuid:company_id>", permission=DELETE)
def archive_company(call: Call[ContactsTx], company_id: UUID) -> Response:
    """Archive a company; those below it stay as they are."""
    return call.run(
        lambda tx: operations.archive_company(tx, company_id),
        lambda _tx, _company: Reply.nothing(),
    )


@companies.post("/<uuid:company_id>/restore", permission=DELETE, returns=CompanyOut)
def restore_company(call: Call[ContactsTx], company_id: UUID) -> Response:
    """Restore an archived company."""
    return call.run(lambda tx: operations.restore_company(tx, company_id), _shown)


def _outcome(tx: ContactsTx, query: CompaniesBulkQuery, item: CompanyIn) -> Done:
    changes = changes_of(item)
    if query.upsert_by:
        keys = changes.get("external_ids", ())
        key = next((key for key in keys if key.system == query.upsert_by), None)
        if key is None:
            message = f"An external id of {query.upsert_by} is needed to know the record again."
            raise Invalid.at("/external_ids", "key_missing", message)
        entered = operations.upsert_company(tx, key, changes)
    else:
        details = CompanyDetails(**changes)
        entered = operations.create_company(tx, details, refuse_duplicates=query.refuse_duplicates)
    company = entered.company
    members = {"id": company.id, "version": company.version, "duplicates": entered.duplicates}
    return Done(201 if entered.created else 200, members)


def _entered(_tx: ContactsTx, entered: operations.Entered) -> Reply:
    """What was written is known: nothing need be read back."""
    company = {**shown(entered.company), "duplicates": entered.duplicates}
    if entered.created:
        location = f"/v1/contacts/companies/{entered.company.id}"
        return Reply.created(location, company, entered.company.version)
    return Reply(company, version=entered.company.version)


def _shown(_tx: ContactsTx, company: Company) -> Reply:
    return Reply(shown(company), version=company.version)
