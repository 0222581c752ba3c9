"""A gRPC service that behaves as its requests say, served over loopback, and peers that ask it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
import sqlalchemy as sa

from chassis.access.authenticator import Authenticator
from chassis.access.directory import AccessDirectory
from chassis.access.tokens import TokenVerifier
from chassis.clock import SystemClock
from chassis.context import Caller
from chassis.domain import Conflict, Invalid, NotFound, Unavailable
from chassis.embedded.postgres import PostgresServer
from chassis.embedded.processes import free_port
from chassis.origin import current_address
from chassis.rpc.call import Servicer
from chassis.rpc.client import Peer, Peers
from chassis.rpc.declaration import SERVICES_ONLY, RpcService
from chassis.rpc.server import RpcServer
from chassis.storage.unit_of_work import Reading, UnitOfWork
from chassis.telemetry.tracing import current_trace_id
from chassis.testing.access import FakeAccessSource
from chassis.testing.tokens import ISSUER, TestTokens
from rapport.contacts.v1 import contacts_service_pb2 as pb
from rapport.contacts.v1 import contacts_service_pb2_grpc as contacts_grpc
from services.chassis.tests.ground import Ground, make_ground

READ = "contacts.people.read"


@pytest.fixture(scope="session")
def ground(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp("rpc") / "migrations"
    with make_ground(postgres, "ground_rpc", folder) as made:
        yield made


class ObedientServicer(Servicer[UnitOfWork], contacts_grpc.ContactsServiceServicer):
    """Does what the request's words ask for; `calls` counts what reached it."""

    def __init__(self) -> None:
        self.calls = 0
        self.release = threading.Event()
        self.failures_left = 0

    def GetPerson(  # noqa: N802
        self, request: pb.GetPersonRequest, context: grpc.ServicerContext
    ) -> pb.GetPersonResponse:
        self.calls += 1
        match request.person_id:
            case "missing":
                raise NotFound.of("person", "missing")
            case "wrong":
                raise Invalid.at("/person_id", "not_a_uuid", "It has to be a UUID.")
            case "taken":
                raise Conflict("The external id is taken.", code="external_id_taken")
            case "busy":
                raise Conflict("Others were faster.", retry_after=1.5)
            case "broken":
                raise ZeroDivisionError("the secret of Ada")
            case "flaky":
                return self._flaky()
            case "slow":
                self.release.wait(10)
            case _:
                pass
        call = self.call(context)
        told = f"{call.caller.actor} {call.reach.name} {current_trace_id()}"
        return pb.GetPersonResponse(
            person=pb.Person(
                person_id=request.person_id,
                display_name=told,
                given_name=current_address() or "nowhere",
            )
        )

    def _flaky(self) -> pb.GetPersonResponse:
        if self.failures_left > 0:
            self.failures_left -= 1
            raise Unavailable("Not now.", code="database_busy")
        return pb.GetPersonResponse()

    def FindPeople(  # noqa: N802
        self, _request: pb.FindPeopleRequest, context: grpc.ServicerContext
    ) -> pb.FindPeopleResponse:
        self.calls += 1
        texts = self.call(context).read(_notes)
        return pb.FindPeopleResponse(people=[pb.Person(given_name=text) for text in texts])

    def CreatePerson(  # noqa: N802
        self, request: pb.CreatePersonRequest, context: grpc.ServicerContext
    ) -> pb.CreatePersonResponse:
        self.calls += 1

        def enter(tx: UnitOfWork) -> pb.CreatePersonResponse:
            insert = sa.text("INSERT INTO notes VALUES (:tenant, :text)")
            tx.connection.execute(insert, {"tenant": tx.tenant_id, "text": request.given_name})
            if request.source == "slow":
                self.release.wait(10)
            return pb.CreatePersonResponse(created=True, person=pb.Person(person_id=str(uuid4())))

        return self.call(context).run_once(
            request.idempotency_key, request, enter, pb.CreatePersonResponse
        )

    def GetRecipient(  # noqa: N802
        self, _request: pb.GetRecipientRequest, _context: grpc.ServicerContext
    ) -> pb.GetRecipientResponse:
        raise NotFound("Nobody asks for this in these tests.")

    def ListConsents(  # noqa: N802
        self, _request: pb.ListConsentsRequest, _context: grpc.ServicerContext
    ) -> pb.ListConsentsResponse:
        raise NotFound("Nobody asks for this in these tests.")

    def RecordConsent(  # noqa: N802
        self, _request: pb.RecordConsentRequest, _context: grpc.ServicerContext
    ) -> pb.RecordConsentResponse:
        raise NotFound("Nobody asks for this in these tests.")

    def MatchOrCreatePerson(  # noqa: N802
        self, _request: pb.MatchOrCreatePersonRequest, _context: grpc.ServicerContext
    ) -> pb.MatchOrCreatePersonResponse:
        raise NotFound("Nobody asks for this in these tests.")

    def MatchOrCreateCompany(  # noqa: N802
        self, _request: pb.MatchOrCreateCompanyRequest, _context: grpc.ServicerContext
    ) -> pb.MatchOrCreateCompanyResponse:
        raise NotFound("Nobody asks for this in these tests.")

    def GetCompany(  # noqa: N802
        self, _request: pb.GetCompanyRequest, _context: grpc.ServicerContext
    ) -> pb.GetCompanyResponse:
        raise NotFound("Nobody asks for this in these tests.")

    def StartEmployment(  # noqa: N802
        self, _request: pb.StartEmploymentRequest, _context: grpc.ServicerContext
    ) -> pb.StartEmploymentResponse:
        raise NotFound("Nobody asks for this in these tests.")

    def MatchErasedPerson(  # noqa: N802
        self, _request: pb.MatchErasedPersonRequest, _context: grpc.ServicerContext
    ) -> pb.MatchErasedPersonResponse:
        raise NotFound("Nobody asks for this in these tests.")


def _notes(reading: Reading) -> list[str]:
    return list(reading.connection.execute(sa.text("SELECT text FROM notes ORDER BY 1")).scalars())


_NOT_ASKED = (
    "GetRecipient",
    "ListConsents",
    "RecordConsent",
    "MatchOrCreatePerson",
    "MatchOrCreateCompany",
    "GetCompany",
    "StartEmployment",
    "MatchErasedPerson",
)


def obedient_service(servicer: ObedientServicer, **permissions: str) -> RpcService:
    """The declaration of the service."""
    return RpcService(
        descriptor=pb.DESCRIPTOR.services_by_name["ContactsService"],
        register=contacts_grpc.add_ContactsServiceServicer_to_server,
        servicer=servicer,
        permissions={
            "GetPerson": READ,
            "FindPeople": SERVICES_ONLY,
            "CreatePerson": "contacts.people.write",
            **dict.fromkeys(_NOT_ASKED, SERVICES_ONLY),
            **permissions,
        },
        statuses={"external_id_taken": grpc.StatusCode.ALREADY_EXISTS},
    )


@dataclass
class FakeTokenSource:
    """Signs service tokens as identity would; remembers what it was asked."""

    tokens: TestTokens
    given: list[UUID] = field(default_factory=list)
    forgotten: list[UUID] = field(default_factory=list)
    bad: bool = False

    def token(self, tenant_id: UUID) -> str:
        self.given.append(tenant_id)
        return "not-a-token" if self.bad else self.tokens.service(tenant_id, "loyalty")

    def forget(self, tenant_id: UUID) -> None:
        self.forgotten.append(tenant_id)


@dataclass
class Loopback:
    """A running server and its address."""

    server: RpcServer
    servicer: ObedientServicer
    port: int
    ready: list[bool]

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"


Serve = Callable[..., Loopback]


@pytest.fixture
def authenticator(ground: Ground, tokens: TestTokens, access: FakeAccessSource) -> Authenticator:
    clock = SystemClock()
    directory = AccessDirectory(ground.database, access, clock.now, lambda: 0.0)
    return Authenticator(TokenVerifier(tokens.key_source(), ISSUER, clock), directory)


@pytest.fixture
def serve(ground: Ground, authenticator: Authenticator) -> Iterator[Serve]:
    """Starts servers; they are stopped when the test ends."""
    with ExitStack() as stack:

        def start(port: int = 0, **options: Any) -> Loopback:
            servicer, ready = ObedientServicer(), [True]
            settings = ground.settings.model_copy(
                update={"grpc_port": port or free_port(), **options}
            )
            server = RpcServer(
                settings,
                authenticator,
                ground.operations(SystemClock()),
                [obedient_service(servicer)],
                is_ready=lambda: ready[0],
            )
            server.start()
            stack.callback(server.stop, 0)
            stack.callback(servicer.release.set)
            return Loopback(server, servicer, settings.grpc_port, ready)

        yield start


@pytest.fixture
def token_source(tokens: TestTokens) -> FakeTokenSource:
    return FakeTokenSource(tokens)


@pytest.fixture
def peers(token_source: FakeTokenSource) -> Iterator[Peers]:
    with peers_with(token_source) as opened:
        yield opened


@contextmanager
def peers_with(source: FakeTokenSource, **options: Any) -> Iterator[Peers]:
    """Peers that are closed at the end."""
    opened = Peers(source, **options)
    try:
        yield opened
    finally:
        opened.close()


@pytest.fixture
def app_caller(tokens: TestTokens) -> Caller:
    """An external app that may do everything."""
    tenant_id = uuid4()
    return Caller(tenant_id, "test-app", token=tokens.client(tenant_id, "*"))


def get_person(peer: Peer, caller: Caller, person_id: str, **options: Any) -> pb.GetPersonResponse:
    """Ask the peer for a person."""
    method = peer.stub(contacts_grpc.ContactsServiceStub).GetPerson
    return peer.ask(method, pb.GetPersonRequest(person_id=person_id), caller, **options)
