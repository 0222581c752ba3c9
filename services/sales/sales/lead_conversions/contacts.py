"""The people and companies of the service contacts, asked over gRPC."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Final, NoReturn
from uuid import UUID

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from chassis.context import Caller, service_caller
from chassis.domain import Conflict, Forbidden, Invalid, NotFound, Unavailable, Violation
from chassis.rpc.client import Peer
from rapport.common.v1.external_id_pb2 import ExternalId
from rapport.contacts.v1 import contacts_service_pb2 as messages
from rapport.contacts.v1.contacts_service_pb2_grpc import ContactsServiceStub
from rapport.contacts.v1.lifecycle_stage_pb2 import LIFECYCLE_STAGE_PROSPECT
from sales.lead_conversions.domain import Customer, Found
from sales.lead_facts.domain import ConsentSaying
from sales.leads.domain import Lead

SYSTEM: Final = "sales.lead"
"""What people and companies that come of a lead are known as: this, and the lead's id."""
_LONGEST_SOURCE = 100
_LONGEST_PROOF = 500
_AMBIGUOUS = messages.MATCH_OUTCOME_AMBIGUOUS
_FOUND = {
    messages.MATCH_OUTCOME_CREATED: Found.CREATED,
    messages.MATCH_OUTCOME_MATCHED: Found.MATCHED,
}
_FIELDS = {
    "emails": "email",
    "phones": "phone",
    "name": "company_name",
    "domain": "email",
    "employee_count": "company_size",
}
"""What a field of a request is on the lead, where it is called otherwise."""


class ContactsCustomers:
    """Customers as contacts knows them."""

    def __init__(self, contacts: Peer, service: str) -> None:
        self._contacts = contacts
        self._service = service

    def person_of(
        self, caller: Caller, lead: Lead, owner_id: UUID | None, *, new: bool
    ) -> Customer:
        """By the lead's e-mail, number and name; contacts has the rules."""
        about = lead.details
        request = messages.MatchOrCreatePersonRequest(
            known_as=_known_as(lead),
            given_name=about.given_name,
            family_name=about.family_name,
            emails=_given(about.email),
            phones=_given(about.phone),
            lifecycle_stage=LIFECYCLE_STAGE_PROSPECT,
            owner_id=None if owner_id is None else str(owner_id),
            source=lead.origin.source,
            language=about.language,
            country=about.country,
            must_create=new,
        )
        method = self._contacts.stub(ContactsServiceStub).MatchOrCreatePerson
        try:
            answer = self._contacts.ask(method, request, caller)
        except Invalid as refusal:
            raise _of_the_lead(refusal) from refusal
        if answer.outcome == _AMBIGUOUS:
            _ambiguous("person", answer.candidates)
        return Customer(UUID(answer.person_id), _FOUND[answer.outcome])

    def company_of(
        self, caller: Caller, lead: Lead, owner_id: UUID | None, *, new: bool
    ) -> Customer:
        """By the domain of the lead's e-mail and the company's name; contacts has the rules."""
        about = lead.details
        request = messages.MatchOrCreateCompanyRequest(
            known_as=_known_as(lead),
            name=about.company_name,
            domain=about.email,
            industry=about.industry,
            employee_count=about.company_size,
            owner_id=None if owner_id is None else str(owner_id),
            source=lead.origin.source,
            must_create=new,
        )
        method = self._contacts.stub(ContactsServiceStub).MatchOrCreateCompany
        try:
            answer = self._contacts.ask(method, request, caller)
        except Invalid as refusal:
            raise _of_the_lead(refusal) from refusal
        if answer.outcome == _AMBIGUOUS:
            _ambiguous("company", answer.candidates)
        return Customer(UUID(answer.company_id), _FOUND[answer.outcome])

    def known_person(self, caller: Caller, person_id: UUID) -> UUID:
        """Contacts answers for one who was merged with the one who was left."""
        method = self._contacts.stub(ContactsServiceStub).GetPerson
        request = messages.GetPersonRequest(person_id=str(person_id))
        person = self._contacts.ask(method, request, caller).person
        if person.archived:
            raise Conflict("The person is archived; restore them first.", code="person_archived")
        return UUID(person.person_id)

    def known_company(self, caller: Caller, company_id: UUID) -> UUID:
        """By the company's id alone."""
        method = self._contacts.stub(ContactsServiceStub).GetCompany
        request = messages.GetCompanyRequest(company_id=str(company_id))
        company = self._contacts.ask(method, request, caller).company
        if company.archived:
            raise Conflict("The company is archived; restore it first.", code="company_archived")
        return UUID(company.company_id)

    def owner_of(self, caller: Caller, person_id: UUID) -> UUID | None:
        """As the person stands now."""
        method = self._contacts.stub(ContactsServiceStub).GetPerson
        request = messages.GetPersonRequest(person_id=str(person_id))
        person = self._contacts.ask(method, request, caller).person
        return UUID(person.owner_id) if person.HasField("owner_id") else None

    def employ(self, caller: Caller, person_id: UUID, company_id: UUID, title: str) -> None:
        """Somebody else's person stays as they are."""
        method = self._contacts.stub(ContactsServiceStub).StartEmployment
        request = messages.StartEmploymentRequest(
            person_id=str(person_id), company_id=str(company_id), title=title
        )
        try:
            self._contacts.ask(method, request, caller)
        except (NotFound, Forbidden):
            return

    def pass_on(self, caller: Caller, person_id: UUID, lead_id: UUID, saying: ConsentSaying) -> str:
        """In the service's own name: whether the caller may was decided before.

        The same request has the same key, so contacts takes it once. What only has to be tried again
        is raised as `Unavailable`, and is no reason to keep anything back.
        """
        if caller.tenant_id is None:
            return "no_tenant"
        said_at = Timestamp()
        said_at.FromDatetime(saying.said_at)
        request = messages.RecordConsentRequest(
            person_id=str(person_id),
            purpose=saying.purpose,
            channel=saying.channel,
            granted=saying.granted,
            source=f"lead: {saying.source}"[:_LONGEST_SOURCE],
            proof=f"{SYSTEM} {lead_id}: {saying.wording}"[:_LONGEST_PROOF],
            said_at=said_at,
            to_confirm=True,
        )
        request.idempotency_key = _key_of(request)
        method = self._contacts.stub(ContactsServiceStub).RecordConsent
        try:
            self._contacts.ask(method, request, service_caller(self._service, caller.tenant_id))
        except NotFound:
            return "purpose_unknown"
        except (Invalid, Conflict) as refusal:
            if refusal.retry_after is not None:  # others were faster
                raise Unavailable(refusal.message, code=refusal.code) from refusal
            return refusal.code
        return ""


def _key_of(request: Message) -> str:
    return sha256(request.SerializeToString(deterministic=True)).hexdigest()


def _known_as(lead: Lead) -> ExternalId:
    return ExternalId(system=SYSTEM, id=str(lead.id))


def _given(text: str) -> list[str]:
    return [text] if text else []


def _ambiguous(kind: str, candidates: Iterable[messages.MatchCandidate]) -> NoReturn:
    """Have somebody decide. Raises `Conflict`."""
    raise Conflict(
        f"More than one {kind} may be meant, or one by too little: choose with {kind}_id, or say"
        f" new_{kind}. `errors` names them.",
        code="lead_ambiguous",
        violations=tuple(
            Violation(f"/{kind}_id", "candidate", f"{one.id}: {one.name} ({shared})")
            for one in candidates
            if (shared := ", ".join(one.matched_on))
        ),
    )


def _of_the_lead(refusal: Invalid) -> Invalid:
    """What is wrong, named as the lead has it."""
    wrong = tuple(
        Violation(f"/{_FIELDS.get(field, field)}", one.code, one.message)
        for one in refusal.violations
        for field in [one.pointer.removeprefix("/").partition("/")[0]]
    )
    message = f"The lead cannot be converted before it is mended: {refusal.message}"
    return Invalid(message, violations=wrong)
