"""Customers to whom quotes go, as contacts knows them."""

from __future__ import annotations

from uuid import UUID

from chassis.context import Caller, service_caller
from chassis.domain import Forbidden, NotFound
from chassis.rpc.client import Peer
from rapport.contacts.v1.contacts_service_pb2 import GetCompanyRequest, GetRecipientRequest
from rapport.contacts.v1.contacts_service_pb2_grpc import ContactsServiceStub
from sales.quotes.recipients import Recipient

_ANSWER_SECONDS = 2.0
_UNUSABLE = ("bounced", "invalid")


class ContactsRecipients:
    """Asks about people in the service's own name: whoever may send a quote need not see them all."""

    def __init__(self, contacts: Peer, service: str) -> None:
        self._contacts = contacts
        self._service = service

    def person(self, tenant_id: UUID, person_id: UUID) -> Recipient | None:
        """The person; None when there is none any more. Raises `Unavailable`."""
        method = self._contacts.stub(ContactsServiceStub).GetRecipient
        request = GetRecipientRequest(person_id=str(person_id), channel="email")
        asking = service_caller(self._service, tenant_id)
        try:
            answer = self._contacts.ask(method, request, asking, _ANSWER_SECONDS)
        except NotFound:
            return None
        reachable = answer.HasField("contact_point")
        return Recipient(
            person_id=person_id,
            name=answer.person.display_name,
            language=answer.person.language,
            has_mail=reachable and answer.contact_point.status not in _UNUSABLE,
        )

    def company_name(self, caller: Caller, company_id: UUID) -> str:
        """What a company is called; empty when there is none for this caller. Raises `Unavailable`."""
        method = self._contacts.stub(ContactsServiceStub).GetCompany
        request = GetCompanyRequest(company_id=str(company_id))
        try:
            return self._contacts.ask(method, request, caller, _ANSWER_SECONDS).company.name
        except (NotFound, Forbidden):
            return ""
