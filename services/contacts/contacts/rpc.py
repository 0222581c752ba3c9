"""The gRPC face of contacts: thin, over the same operations and queries as REST."""

from __future__ import annotations

from collections.abc import Mapping, Sized
from dataclasses import replace
from typing import Any
from uuid import UUID

import grpc
import orjson

from chassis.domain import Invalid
from chassis.http.body import parse_json, validate
from chassis.http.reply import dump
from chassis.rpc.call import Servicer
from chassis.rpc.declaration import SERVICES_ONLY, RpcService
from chassis.storage.unit_of_work import Reading
from contacts.companies.api import WRITE as WRITE_COMPANIES
from contacts.companies.queries import READ as READ_COMPANIES
from contacts.companies.queries import get_company
from contacts.consents import recipients
from contacts.consents.api import WRITE as WRITE_CONSENTS
from contacts.consents.messages import (
    consent_message,
    contact_point_message,
    heard_in,
    recorded_message,
)
from contacts.consents.operations import record_consent
from contacts.consents.queries import READ as READ_CONSENTS
from contacts.contact_points.domain import ExternalId
from contacts.contact_points.keys import email_key
from contacts.erasures.messages import words_in
from contacts.erasures.recognising import match_erased_person
from contacts.merges.survivors import survivor_of
from contacts.people import operations, queries
from contacts.people.api import WRITE
from contacts.people.domain import PersonDetails
from contacts.people.finding import find_people
from contacts.people.models import PersonIn, changes_of, shown
from contacts.people.queries import READ
from contacts.purposes.storage import purposes_by_key
from contacts.quality.phone import Phone, normalise_phone
from contacts.recognition.companies import match_or_create_company
from contacts.recognition.messages import (
    company_answer,
    company_in,
    company_message,
    country_in,
    key_in,
    person_answer,
    require_also,
    title_in,
)
from contacts.recognition.people import match_or_create_person
from contacts.relationships.operations import employ_person
from contacts.relationships.queries import current_company_ids
from contacts.transaction import ContactsTx
from rapport.common.v1.external_id_pb2 import ExternalId as ExternalIdMessage
from rapport.contacts.v1 import contacts_service_pb2 as messages
from rapport.contacts.v1 import contacts_service_pb2_grpc as stubs
from rapport.contacts.v1.lifecycle_stage_pb2 import LifecycleStage as Stages

MOST_FOUND = 50
USUALLY_FOUND = 10
MOST_OF_A_KIND = 20
_STAGE = "LIFECYCLE_STAGE_"


class ContactsServicer(Servicer[ContactsTx], stubs.ContactsServiceServicer):
    """Answers what other services ask."""

    def GetPerson(
        self, request: messages.GetPersonRequest, context: grpc.ServicerContext
    ) -> messages.GetPersonResponse:
        """One person."""
        person_id = _uuid(request.person_id, "person_id")
        return messages.GetPersonResponse(person=self.call(context).read(_get, person_id))

    def FindPeople(
        self, request: messages.FindPeopleRequest, context: grpc.ServicerContext
    ) -> messages.FindPeopleResponse:
        """The people who have exactly this e-mail, phone or external id."""
        if not 0 <= request.limit <= MOST_FOUND:
            raise Invalid.at("limit", "out_of_bounds", f"limit has to be 1 to {MOST_FOUND}.")
        found = self.call(context).read(_find, request, request.limit or USUALLY_FOUND)
        return messages.FindPeopleResponse(people=found)

    def CreatePerson(
        self, request: messages.CreatePersonRequest, context: grpc.ServicerContext
    ) -> messages.CreatePersonResponse:
        """A new person, once for a key."""
        details = _details(request)
        entered: list[UUID] = []

        def enter(tx: ContactsTx) -> messages.CreatePersonResponse:
            result = operations.create_person(tx, details)
            entered.append(result.person.id)
            row = orjson.loads(dump(shown(result.person)))
            return messages.CreatePersonResponse(
                person=person_message(row, None),
                created=True,
                candidate_person_ids=[str(c.person_id) for c in result.duplicates],
            )

        answer = self.call(context).run_once(
            request.idempotency_key, request, enter, messages.CreatePersonResponse
        )
        answer.created = bool(entered)  # the stored answer is that of the first call
        return answer

    def GetRecipient(
        self, request: messages.GetRecipientRequest, context: grpc.ServicerContext
    ) -> messages.GetRecipientResponse:
        """Where and whether a person may be written to."""
        person_id = _uuid(request.person_id, "person_id")
        given = request.contact_point_id
        point_id = _uuid(given, "contact_point_id") if given else None
        if "\x00" in f"{request.channel}{request.purpose}":
            raise Invalid.at("purpose", "contains_nul", "No key contains the character U+0000.")
        about = (person_id, request.channel, request.purpose, point_id)
        return self.call(context).read(_recipient, *about)

    def ListConsents(
        self, request: messages.ListConsentsRequest, context: grpc.ServicerContext
    ) -> messages.ListConsentsResponse:
        """What a person has said about all that is promotional."""
        person_id = _uuid(request.person_id, "person_id")
        language, answers = self.call(context).read(recipients.list_consents, person_id)
        return messages.ListConsentsResponse(
            consents=map(consent_message, answers), language=language
        )

    def RecordConsent(
        self, request: messages.RecordConsentRequest, context: grpc.ServicerContext
    ) -> messages.RecordConsentResponse:
        """What counts after a person has said yes or no, once for a key if there is one."""
        heard = heard_in(request, _uuid(request.person_id, "person_id"))

        def record(tx: ContactsTx) -> messages.RecordConsentResponse:
            who = survivor_of(tx, heard.key.person_id) or heard.key.person_id
            consent = record_consent(tx, replace(heard, key=heard.key._replace(person_id=who)))
            purpose = purposes_by_key(tx, [heard.key.purpose])[heard.key.purpose]
            return messages.RecordConsentResponse(consent=recorded_message(consent, purpose))

        call, key = self.call(context), request.idempotency_key
        if not key:
            return call.run(record)
        return call.run_once(key, request, record, messages.RecordConsentResponse)

    def MatchOrCreatePerson(
        self, request: messages.MatchOrCreatePersonRequest, context: grpc.ServicerContext
    ) -> messages.MatchOrCreatePersonResponse:
        """The one person who fits, or a new one."""
        known_as, details, country = (
            key_in(request.known_as),
            _described(request),
            country_in(request.country),
        )
        call = self.call(context)
        require_also(call.caller, READ)
        return call.run(
            lambda tx: person_answer(
                match_or_create_person(
                    tx, known_as, details, country=country, must_create=request.must_create
                )
            )
        )

    def MatchOrCreateCompany(
        self, request: messages.MatchOrCreateCompanyRequest, context: grpc.ServicerContext
    ) -> messages.MatchOrCreateCompanyResponse:
        """The one company that fits, or a new one."""
        known_as, details = key_in(request.known_as), company_in(request)
        call = self.call(context)
        require_also(call.caller, READ_COMPANIES)
        return call.run(
            lambda tx: company_answer(
                match_or_create_company(tx, known_as, details, must_create=request.must_create)
            )
        )

    def GetCompany(
        self, request: messages.GetCompanyRequest, context: grpc.ServicerContext
    ) -> messages.GetCompanyResponse:
        """One company."""
        company_id = _uuid(request.company_id, "company_id")
        row = self.call(context).read(get_company, company_id)
        return messages.GetCompanyResponse(company=company_message(row))

    def StartEmployment(
        self, request: messages.StartEmploymentRequest, context: grpc.ServicerContext
    ) -> messages.StartEmploymentResponse:
        """That a person works at a company from now on."""
        person_id = _uuid(request.person_id, "person_id")
        company_id = _uuid(request.company_id, "company_id")
        title = title_in(request.title)
        return self.call(context).run(
            lambda tx: messages.StartEmploymentResponse(
                started=employ_person(tx, person_id, company_id, title)
            )
        )

    def MatchErasedPerson(
        self, request: messages.MatchErasedPersonRequest, context: grpc.ServicerContext
    ) -> messages.MatchErasedPersonResponse:
        """Which words are of somebody who was erased."""
        person_id = _uuid(request.person_id, "person_id")
        said = words_in(request)
        return self.call(context).run(
            lambda tx: messages.MatchErasedPersonResponse(
                matches=match_erased_person(tx, person_id, said)
            )
        )


CONTACTS_SERVICE = RpcService(
    descriptor=messages.DESCRIPTOR.services_by_name["ContactsService"],
    register=stubs.add_ContactsServiceServicer_to_server,
    servicer=ContactsServicer(),
    permissions={
        "GetPerson": READ,
        "FindPeople": READ,
        "CreatePerson": WRITE,
        "GetRecipient": READ_CONSENTS,
        "ListConsents": READ_CONSENTS,
        "RecordConsent": WRITE_CONSENTS,
        "MatchOrCreatePerson": WRITE,
        "MatchOrCreateCompany": WRITE_COMPANIES,
        "GetCompany": READ_COMPANIES,
        "StartEmployment": WRITE,
        "MatchErasedPerson": SERVICES_ONLY,
    },
    statuses={"external_id_taken": grpc.StatusCode.ALREADY_EXISTS},
)


def _get(reading: Reading, person_id: UUID) -> messages.Person:
    row = queries.get_person(reading, person_id)
    return person_message(row, current_company_ids(reading, [row["id"]]).get(row["id"]))


def _recipient(
    reading: Reading, person_id: UUID, channel: str, purpose: str, point_id: UUID | None
) -> messages.GetRecipientResponse:
    found = recipients.get_recipient(reading, person_id, channel, purpose, point_id)
    person, point, consent = found.person, found.point, found.consent
    who: UUID = person["id"]
    definition = None if consent is None else consent.purpose.definition
    return messages.GetRecipientResponse(
        person=person_message(person, current_company_ids(reading, [who]).get(who)),
        contact_point=None if point is None else contact_point_message(point, who),
        consent=None if consent is None else consent_message(consent),
        promotional=definition is not None and definition.promotional,
        purpose_archived=consent is not None and consent.purpose.archived,
    )


def _find(
    reading: Reading, request: messages.FindPeopleRequest, limit: int
) -> list[messages.Person]:
    rows = _found(reading, request, limit)
    works_at = current_company_ids(reading, [row["id"] for row in rows])
    return [person_message(row, works_at.get(row["id"])) for row in rows]


def _found(
    reading: Reading, request: messages.FindPeopleRequest, limit: int
) -> list[dict[str, Any]]:
    if "\x00" in f"{request.email}{request.external_id.system}{request.external_id.id}":
        raise Invalid.at("key", "contains_nul", "A key cannot contain the character U+0000.")
    match request.WhichOneof("key"):
        case "email":
            return find_people(reading, limit, kind="email", key=email_key(request.email.strip()))
        case "phone":
            number = normalise_phone(request.phone)
            if not isinstance(number, Phone):
                raise Invalid.at("phone", number.code, f"phone: {number.message}.")
            return find_people(reading, limit, kind="phone", key=number.e164)
        case "external_id":
            key = ExternalId(request.external_id.system, request.external_id.id)
            return find_people(reading, limit, external_id=key)
    raise Invalid.at("key", "required", "One of email, phone and external_id is needed.")


def _details(request: messages.CreatePersonRequest) -> PersonDetails:
    """What the request says, by the same rules as a body over REST."""
    _require_few(request.external_ids, "external_ids")
    return _described(
        request,
        external_ids=[{"system": e.system, "id": e.id} for e in request.external_ids],
        time_zone=request.time_zone,
    )


def _described(
    request: messages.CreatePersonRequest | messages.MatchOrCreatePersonRequest, **more: Any
) -> PersonDetails:
    """What both kinds of requests say of a person, and `more`."""
    _require_few(request.emails, "emails")
    _require_few(request.phones, "phones")
    body: dict[str, Any] = {
        "given_name": request.given_name,
        "family_name": request.family_name,
        "emails": [{"address": address} for address in request.emails],
        "phones": [{"number": number} for number in request.phones],
        "source": request.source,
        "language": request.language,
        **more,
    }
    if request.lifecycle_stage:
        body["lifecycle_stage"] = _stage_word(request.lifecycle_stage)
    if request.HasField("owner_id"):
        body["owner_id"] = request.owner_id
    raw = orjson.dumps(body)
    parse_json(raw)  # for its bounds, which no schema knows
    return PersonDetails(**changes_of(validate(PersonIn, raw)))


def _require_few(given: Sized, field: str) -> None:
    if len(given) > MOST_OF_A_KIND:
        raise Invalid.at(field, "too_many", f"{field}: at most {MOST_OF_A_KIND}.")


def _stage_word(stage: Stages.ValueType) -> str:
    try:
        return Stages.Name(stage).removeprefix(_STAGE).lower()
    except ValueError:
        message = f"{stage} is no stage that is known here."
        raise Invalid.at("lifecycle_stage", "unknown", message) from None


def person_message(row: Mapping[str, Any], company_id: UUID | None) -> messages.Person:
    """A person as the API shows one, as a message."""
    return messages.Person(
        person_id=str(row["id"]),
        display_name=row["full_name"],
        given_name=row["given_name"],
        family_name=row["family_name"],
        lifecycle_stage=Stages.Value(_STAGE + row["lifecycle_stage"].upper()),
        owner_id=str(row["owner_id"]) if row["owner_id"] else None,
        language=row["language"],
        time_zone=row["time_zone"],
        company_id=str(company_id) if company_id else None,
        emails=_preferred_first(row["emails"], "address"),
        phones=_preferred_first(row["phones"], "number"),
        external_ids=[
            ExternalIdMessage(system=e["system"], id=e["id"]) for e in row["external_ids"]
        ],
        archived=row["archived_at"] is not None,
        version=row["version"],
        important_dates=[
            messages.ImportantDate(kind=d["kind"], date=d["date"]) for d in row["important_dates"]
        ],
    )


def _preferred_first(points: list[dict[str, Any]], value: str) -> list[str]:
    return [point[value] for point in sorted(points, key=lambda point: not point["primary"])]


def _uuid(text: str, field: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid.at(field, "uuid_malformed", f"{field} has to be a UUID.") from None
