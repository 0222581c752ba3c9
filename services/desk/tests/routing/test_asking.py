"""Loyalty and contacts are asked over gRPC who a customer is: they answer, are silent, slow, or lie.

What the fakes of other tests do is what the real ones do here: the first tests are run with both.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from threading import Event
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from google.protobuf.message import Message

from chassis.domain import Money, Unavailable
from chassis.rpc.client import Peers
from desk.routing.asking import ContactsOwners, LoyaltyMemberships
from desk.routing.customers import Asking, CustomerAsker, Memberships, Owners, Worth
from desk.routing.domain import Heard
from rapport.common.v1 import money_pb2
from rapport.contacts.v1 import contacts_service_pb2 as contacts
from rapport.loyalty.v1 import loyalty_service_pb2 as loyalty
from services.desk.tests.routing_fakes import FakeMemberships, FakeOwners

TENANT, MING, OWNER, ACME = (uuid4() for _ in range(4))


class OwnTokens:
    """A service's token for any tenant."""

    def token(self, tenant_id: UUID) -> str:
        """Names the tenant."""
        return f"token of {tenant_id}"

    def forget(self, tenant_id: UUID) -> None:
        """There is nothing to forget."""


def member(
    tier: str = "", rank: int = 0, amount: str = "", currency: str = "TWD", status: str = "active"
) -> loyalty.Membership:
    """A membership as loyalty tells of it."""
    return loyalty.Membership(
        status=status,
        tier=loyalty.MemberTier(key=tier, rank=rank) if tier else None,
        value=money_pb2.Money(amount=amount, currency=currency) if amount else None,
    )


@dataclass
class Services:
    """A loyalty and a contacts at work, that say what a test wants."""

    memberships: dict[UUID, list[loyalty.Membership]] = field(default_factory=dict)
    owners: dict[UUID, str] = field(default_factory=dict)
    silent: set[UUID] = field(default_factory=set)
    slow: set[UUID] = field(default_factory=set)
    hurry: Event = field(default_factory=Event)

    def get_memberships(
        self, request: loyalty.GetMembershipsRequest, context: grpc.ServicerContext
    ) -> loyalty.GetMembershipsResponse:
        """What a person is a member of."""
        person_id = UUID(request.person_id)
        self._wait(person_id, context)
        return loyalty.GetMembershipsResponse(memberships=self.memberships.get(person_id, []))

    def get_person(
        self, request: contacts.GetPersonRequest, context: grpc.ServicerContext
    ) -> contacts.GetPersonResponse:
        """A person who is known, with the owner."""
        owner = self._owner(UUID(request.person_id), context)
        return contacts.GetPersonResponse(person=contacts.Person(owner_id=owner))

    def get_company(
        self, request: contacts.GetCompanyRequest, context: grpc.ServicerContext
    ) -> contacts.GetCompanyResponse:
        """A company that is known, with the owner."""
        owner = self._owner(UUID(request.company_id), context)
        return contacts.GetCompanyResponse(company=contacts.Company(owner_id=owner))

    def _owner(self, key: UUID, context: grpc.ServicerContext) -> str | None:
        self._wait(key, context)
        if key not in self.owners:
            context.abort(grpc.StatusCode.NOT_FOUND, "nobody")
        return self.owners[key] or None

    def _wait(self, key: UUID, context: grpc.ServicerContext) -> None:
        if key in self.slow:
            self.hurry.wait(10)
        if key in self.silent:
            context.abort(grpc.StatusCode.UNAVAILABLE, "not now")


def _handlers(service: Any, **methods: tuple[Any, type[Message], type[Message]]) -> Any:
    made: dict[str, Any] = {
        name: grpc.unary_unary_rpc_method_handler(answer, asked.FromString, told.SerializeToString)
        for name, (answer, asked, told) in methods.items()
    }
    generic: Any = grpc.method_handlers_generic_handler(service.full_name, made)
    return generic


@pytest.fixture
def services() -> Services:
    """What the services at work say."""
    return Services()


@pytest.fixture
def real(services: Services) -> Iterator[tuple[LoyaltyMemberships, ContactsOwners]]:
    """The two, asked over gRPC."""
    people = (services.get_person, contacts.GetPersonRequest, contacts.GetPersonResponse)
    companies = (services.get_company, contacts.GetCompanyRequest, contacts.GetCompanyResponse)
    members = (
        services.get_memberships,
        loyalty.GetMembershipsRequest,
        loyalty.GetMembershipsResponse,
    )
    server = grpc.server(ThreadPoolExecutor(8))
    server.add_generic_rpc_handlers(
        (
            _handlers(
                contacts.DESCRIPTOR.services_by_name["ContactsService"],
                GetPerson=people,
                GetCompany=companies,
            ),
            _handlers(
                loyalty.DESCRIPTOR.services_by_name["LoyaltyService"], GetMemberships=members
            ),
        )
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    peers = Peers(OwnTokens())
    peer = peers.at("peer", f"127.0.0.1:{port}")
    yield LoyaltyMemberships(peer, "desk"), ContactsOwners(peer, "desk")
    services.hurry.set()
    peers.close()
    server.stop(None)


@pytest.fixture(params=["real", "fake"])
def known(
    request: pytest.FixtureRequest,
    services: Services,
    real: tuple[LoyaltyMemberships, ContactsOwners],
) -> tuple[Memberships, Owners]:
    """The two who know Ming, a golden customer whose owner is known; or their stand-ins."""
    silent = uuid4()
    request.node.silent = silent
    services.memberships[MING] = [member("gold", 2, "1250.50")]
    services.owners |= {MING: str(OWNER), ACME: str(OWNER)}
    services.silent.add(silent)
    memberships, owners = FakeMemberships(), FakeOwners()
    memberships.know(MING, tier="gold", value="1250.50")
    owners.known |= {MING: OWNER, ACME: OWNER}
    memberships.away.add(silent)
    owners.away.add(silent)
    return real if request.param == "real" else (memberships, owners)


def test_who_is_known_is_told_of(known: tuple[Memberships, Owners]) -> None:
    memberships, owners = known
    assert memberships.worth(TENANT, MING) == Worth("gold", Money(Decimal("1250.50"), "TWD"))
    assert owners.owner_of_person(TENANT, MING) == OWNER
    assert owners.owner_of_company(TENANT, ACME) == OWNER


def test_who_is_not_known_is_nobody_in_particular(known: tuple[Memberships, Owners]) -> None:
    memberships, owners = known
    assert memberships.worth(TENANT, uuid4()) == Worth()
    assert owners.owner_of_person(TENANT, uuid4()) is None
    assert owners.owner_of_company(TENANT, uuid4()) is None


def test_no_answer_is_told_apart_from_nobody(
    known: tuple[Memberships, Owners], request: pytest.FixtureRequest
) -> None:
    memberships, owners = known
    silent: UUID = request.node.silent
    with pytest.raises(Unavailable):
        memberships.worth(TENANT, silent)
    with pytest.raises(Unavailable):
        owners.owner_of_person(TENANT, silent)
    with pytest.raises(Unavailable):
        owners.owner_of_company(TENANT, silent)


def test_of_several_memberships_the_highest_tier_and_the_greatest_value_count(
    services: Services, real: tuple[LoyaltyMemberships, ContactsOwners]
) -> None:
    services.memberships[MING] = [
        member("silver", 1, "90.00"),
        member("gold", 2, "-5.00"),
        member("platinum", 9, "999999.00", status="left"),
        member(),
    ]
    assert real[0].worth(TENANT, MING) == Worth("gold", Money(Decimal("90.00"), "TWD"))


@pytest.mark.parametrize(
    "lie",
    [
        member("Gold or 1=1", 1),
        member("g" * 51, 1),
        member(amount="NaN"),
        member(amount="1e999999"),
        member(amount="12,50"),
        member(amount="9" * 40),
        member(amount="1.00", currency="XXQ"),
    ],
)
def test_an_answer_that_makes_no_sense_is_no_answer(
    services: Services,
    real: tuple[LoyaltyMemberships, ContactsOwners],
    lie: loyalty.Membership,
) -> None:
    services.memberships[MING] = [lie]
    with pytest.raises(Unavailable):
        real[0].worth(TENANT, MING)


def test_an_owner_who_is_no_user_is_no_answer(
    services: Services, real: tuple[LoyaltyMemberships, ContactsOwners]
) -> None:
    services.owners[MING] = "somebody"
    with pytest.raises(Unavailable):
        real[1].owner_of_person(TENANT, MING)


def test_a_person_without_an_owner_is_nobodys(
    services: Services, real: tuple[LoyaltyMemberships, ContactsOwners]
) -> None:
    services.owners[MING] = ""
    assert real[1].owner_of_person(TENANT, MING) is None


def test_all_are_asked_at_once_and_who_is_late_is_missing(
    services: Services, real: tuple[LoyaltyMemberships, ContactsOwners]
) -> None:
    services.memberships[MING] = [member("gold", 2)]
    services.owners[ACME] = str(OWNER)
    services.slow.add(MING)
    asker = CustomerAsker(*real)
    heard = asker.ask(Asking(TENANT, MING, ACME))
    asker.close()
    assert heard == Heard(owner_id=OWNER, missing=("contacts", "loyalty"))


def test_a_person_has_their_own_owner_before_their_companys() -> None:
    owners, theirs = FakeOwners(), uuid4()
    owners.known |= {MING: theirs, ACME: OWNER}
    asker = CustomerAsker(FakeMemberships(), owners)
    assert asker.ask(Asking(TENANT, MING, ACME)).owner_id == theirs
    assert asker.ask(Asking(TENANT, None, ACME)) == Heard(owner_id=OWNER)
    asker.close()


def test_a_bug_of_theirs_is_no_answer_either() -> None:
    class Broken(FakeMemberships):
        """Fails otherwise than it may."""

        def worth(self, tenant_id: UUID, person_id: UUID) -> Worth:
            """Nothing."""
            raise ZeroDivisionError(f"{person_id} of {tenant_id}")

    asker = CustomerAsker(Broken(), FakeOwners())
    assert asker.ask(Asking(TENANT, MING, None)).missing == ("loyalty",)
    asker.close()
