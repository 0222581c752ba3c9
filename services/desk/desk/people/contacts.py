"""Erased people as contacts can still recognise them, asked over gRPC in the service's own name."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.context import service_caller
from chassis.domain import Unavailable
from chassis.rpc.client import Peer
from desk.people.erased import Said
from rapport.contacts.v1 import contacts_service_pb2 as messages
from rapport.contacts.v1.contacts_service_pb2_grpc import ContactsServiceStub

_ANSWER_SECONDS = 5.0


class ContactsErasedPeople:
    """Asks contacts, which has the rules."""

    def __init__(self, contacts: Peer, service: str) -> None:
        self._contacts = contacts
        self._service = service

    def matches(self, tenant_id: UUID, person_id: UUID, said: Sequence[Said]) -> Sequence[int]:
        """By e-mail addresses, and in texts by numbers as well."""
        request = messages.MatchErasedPersonRequest(
            person_id=str(person_id),
            words=[
                messages.WordsOfSomebody(emails=[one.address] if one.address else [], text=one.text)
                for one in said
            ],
        )
        method = self._contacts.stub(ContactsServiceStub).MatchErasedPerson
        asking = service_caller(self._service, tenant_id)
        answer = self._contacts.ask(method, request, asking, _ANSWER_SECONDS)
        if any(not 0 <= place < len(said) for place in answer.matches):
            message = "What contacts says of erased people makes no sense."
            raise Unavailable(message, code="peer_unavailable")
        return list(answer.matches)
