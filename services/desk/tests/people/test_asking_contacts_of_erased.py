"""Contacts is asked over gRPC what is of somebody erased: what it says, and what makes no sense."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import grpc
import pytest

from chassis.domain import Unavailable
from chassis.rpc.client import Peers
from desk.people.contacts import ContactsErasedPeople
from desk.people.erased import ErasedPeople, Said
from rapport.contacts.v1 import contacts_service_pb2 as messages
from services.desk.tests.colleagues.test_identity_leads import OwnTokens
from services.desk.tests.fakes import FakeErasedPeople

TENANT, ADA, ADDRESS = uuid4(), uuid4(), "ada@engines.example"
SAID = (Said(address="bob@engines.example"), Said(address=ADDRESS), Said(text=f"I am {ADDRESS}"))


class Contacts:
    """Knows one erased person by an address."""

    def __init__(self) -> None:
        self.asked: list[messages.MatchErasedPersonRequest] = []
        self.away = False
        self.more: list[int] = []

    def match(
        self, request: messages.MatchErasedPersonRequest, context: grpc.ServicerContext
    ) -> messages.MatchErasedPersonResponse:
        """What has the address in it."""
        if self.away:
            context.abort(grpc.StatusCode.UNAVAILABLE, "not now")
        self.asked.append(request)
        known = request.person_id == str(ADA)
        found = [
            place
            for place, one in enumerate(request.words)
            if known and ADDRESS in (*one.emails, *one.text.split())
        ]
        return messages.MatchErasedPersonResponse(matches=[*found, *self.more])


@pytest.fixture
def contacts() -> Contacts:
    """Who answers."""
    return Contacts()


@pytest.fixture
def real(contacts: Contacts) -> Iterator[ContactsErasedPeople]:
    """Contacts, asked over gRPC."""
    handler = grpc.unary_unary_rpc_method_handler(
        contacts.match,
        messages.MatchErasedPersonRequest.FromString,
        messages.MatchErasedPersonResponse.SerializeToString,
    )
    name = messages.DESCRIPTOR.services_by_name["ContactsService"].full_name
    server = grpc.server(ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(name, {"MatchErasedPerson": handler}),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    peers = Peers(OwnTokens())
    yield ContactsErasedPeople(peers.at("contacts", f"127.0.0.1:{port}"), "desk")
    peers.close()
    server.stop(None)


@pytest.fixture(params=["real", "fake"])
def erased(request: pytest.FixtureRequest, real: ContactsErasedPeople) -> ErasedPeople:
    """Either of them, knowing the same."""
    if request.param == "real":
        return real
    fake = FakeErasedPeople()
    fake.known[ADA] = (ADDRESS, "")
    return fake


def test_the_places_of_what_is_theirs_are_told_and_of_nobody_else(erased: ErasedPeople) -> None:
    assert list(erased.matches(TENANT, ADA, SAID)) == [1, 2]
    assert list(erased.matches(TENANT, uuid4(), SAID)) == []


def test_a_contacts_that_is_away_or_names_what_was_not_asked_gives_no_answer(
    real: ContactsErasedPeople, contacts: Contacts
) -> None:
    contacts.more = [7]
    with pytest.raises(Unavailable):
        real.matches(TENANT, ADA, SAID)
    assert [list(one.emails) for one in contacts.asked[0].words] == [
        ["bob@engines.example"],
        [ADDRESS],
        [],
    ]
    contacts.away = True
    with pytest.raises(Unavailable):
        real.matches(TENANT, ADA, SAID)
