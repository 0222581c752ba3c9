"""Contacts is asked over gRPC whose words are of somebody erased: what it says, and what makes no sense."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import grpc
import pytest

from chassis.domain import Unavailable
from chassis.rpc.client import Peers
from rapport.contacts.v1 import contacts_service_pb2 as messages
from sales.people.contacts import ContactsErasedPeople
from sales.people.words import ErasedPeople, Words
from services.sales.tests.fakes import FakeErasedPeople
from services.sales.tests.quotes.test_asking_contacts import OwnTokens

TENANT, ADA = uuid4(), uuid4()
SAID = (
    Words(given_name="Bob", email="bob@engines.example", country="TW"),
    Words(given_name="Ada", family_name="L.", email="ada@engines.example"),
    Words(text="Write to ada@engines.example again"),
)


class Contacts:
    """Knows one erased person by an address."""

    def __init__(self) -> None:
        self.asked: list[messages.MatchErasedPersonRequest] = []
        self.away = False
        self.more: list[int] = []

    def match(
        self, request: messages.MatchErasedPersonRequest, context: grpc.ServicerContext
    ) -> messages.MatchErasedPersonResponse:
        """The words with the address in them."""
        if self.away:
            context.abort(grpc.StatusCode.UNAVAILABLE, "not now")
        self.asked.append(request)
        found = [
            place
            for place, one in enumerate(request.words)
            if request.person_id == str(ADA)
            and "ada@engines.example" in (*one.emails, *one.text.split())
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
    yield ContactsErasedPeople(peers.at("contacts", f"127.0.0.1:{port}"), "sales")
    peers.close()
    server.stop(None)


@pytest.fixture(params=["real", "fake"])
def erased(request: pytest.FixtureRequest, real: ContactsErasedPeople) -> ErasedPeople:
    """Either of them, knowing the same."""
    if request.param == "real":
        return real
    fake = FakeErasedPeople()
    fake.known[ADA] = ("ada@engines.example", "")
    return fake


def test_the_places_of_what_is_theirs_are_told_and_of_nobody_else(erased: ErasedPeople) -> None:
    assert list(erased.matches(TENANT, ADA, SAID)) == [1, 2]
    assert list(erased.matches(TENANT, uuid4(), SAID)) == []


def test_all_that_is_known_is_asked_about(real: ContactsErasedPeople, contacts: Contacts) -> None:
    real.matches(TENANT, ADA, SAID)
    (asked,) = contacts.asked
    assert asked.words[0] == messages.WordsOfSomebody(
        given_name="Bob", emails=["bob@engines.example"], country="TW"
    )
    assert asked.words[2] == messages.WordsOfSomebody(text=SAID[2].text)


def test_a_contacts_that_is_away_or_names_what_was_not_asked_gives_no_answer(
    real: ContactsErasedPeople, contacts: Contacts
) -> None:
    contacts.more = [7]
    with pytest.raises(Unavailable):
        real.matches(TENANT, ADA, SAID)
    contacts.away = True
    with pytest.raises(Unavailable):
        real.matches(TENANT, ADA, SAID)
