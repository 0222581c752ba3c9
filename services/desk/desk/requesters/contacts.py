"""Requesters as contacts knows them."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from chassis.context import service_caller
from chassis.domain import Conflict
from chassis.rpc.client import Peer
from desk.requesters.domain import Requester
from rapport.common.v1.external_id_pb2 import ExternalId
from rapport.contacts.v1 import contacts_service_pb2 as messages
from rapport.contacts.v1.contacts_service_pb2_grpc import ContactsServiceStub

SYSTEM: Final = "desk.ticket"
"""What people who came by a ticket are known as: this, and the ticket's id."""
SOURCE: Final = "desk"
_ANSWER_SECONDS = 2.0


class ContactsRequesters:
    """Asks contacts in the service's own name."""

    def __init__(self, contacts: Peer, service: str) -> None:
        self._contacts = contacts
        self._service = service

    def person_of(self, tenant_id: UUID, requester: Requester) -> UUID | None:
        """By the e-mail address, and of several by the name; contacts has the rules."""
        request = messages.MatchOrCreatePersonRequest(
            known_as=ExternalId(system=SYSTEM, id=str(requester.ticket_id)),
            given_name=requester.name,
            emails=[requester.address],
            language=requester.language,
            source=SOURCE,
        )
        method = self._contacts.stub(ContactsServiceStub).MatchOrCreatePerson
        asking = service_caller(self._service, tenant_id)
        try:
            answer = self._contacts.ask(method, request, asking, _ANSWER_SECONDS)
        except Conflict:  # whom the ticket made is archived by now
            return None
        return UUID(answer.person_id) if answer.person_id else None
