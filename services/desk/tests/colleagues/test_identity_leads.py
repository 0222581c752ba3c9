"""Identity is asked over gRPC who leads which team; the fake of other tests answers as the real one does."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import grpc
import pytest

from chassis.access.leaders import Led
from chassis.access.leaders_asking import IdentityLeads, Leads
from chassis.domain import Unavailable
from chassis.rpc.client import Peers
from rapport.identity.v1 import identity_service_pb2 as messages
from rapport.identity.v1.access_pb2 import Team
from rapport.identity.v1.identity_service_pb2_grpc import IdentityServiceStub
from services.desk.tests.fakes import FakeLeads

TENANT, TEAM, ABOVE, CHIEF = (uuid4() for _ in range(4))
THERE = (Led(TEAM, 3, ABOVE, None), Led(ABOVE, 1, None, CHIEF))


class OwnTokens:
    """A service's token for any tenant."""

    def token(self, tenant_id: UUID) -> str:
        """Names the tenant."""
        return f"token of {tenant_id}"

    def forget(self, tenant_id: UUID) -> None:
        """There is nothing to forget."""


class Identity:
    """An identity at work, which says what a test wants."""

    def __init__(self) -> None:
        self.teams = [
            Team(team_id=str(TEAM), parent_team_id=str(ABOVE), name="Desk", version=3),
            Team(team_id=str(ABOVE), name="Service", manager_id=str(CHIEF), version=1),
        ]
        self.away = False
        self.tokens: list[str] = []

    def snapshot(
        self, _request: messages.GetAccessSnapshotRequest, context: grpc.ServicerContext
    ) -> messages.GetAccessSnapshotResponse:
        """All teams that there are."""
        if self.away:
            context.abort(grpc.StatusCode.UNAVAILABLE, "not now")
        self.tokens += [
            str(value) for key, value in context.invocation_metadata() if key == "authorization"
        ]
        return messages.GetAccessSnapshotResponse(teams=self.teams)


@pytest.fixture
def identity() -> Identity:
    """What identity says."""
    return Identity()


@pytest.fixture
def real(identity: Identity) -> Iterator[IdentityLeads]:
    """Identity, asked over gRPC."""
    handler = grpc.unary_unary_rpc_method_handler(
        identity.snapshot,
        messages.GetAccessSnapshotRequest.FromString,
        messages.GetAccessSnapshotResponse.SerializeToString,
    )
    name = messages.DESCRIPTOR.services_by_name["IdentityService"].full_name
    server = grpc.server(ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(name, {"GetAccessSnapshot": handler}),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    peers = Peers(OwnTokens())
    yield IdentityLeads(
        peers.at("identity", f"127.0.0.1:{port}"),
        "desk",
        IdentityServiceStub,
        messages.GetAccessSnapshotRequest,
    )
    peers.close()
    server.stop(None)


@pytest.fixture(params=["real", "fake"])
def leads(request: pytest.FixtureRequest, real: IdentityLeads) -> Leads:
    """Either of them, knowing the same."""
    if request.param == "real":
        return real
    fake = FakeLeads()
    fake.tell(TENANT, *THERE)
    return fake


def test_every_team_is_told_with_the_one_above_it_and_who_leads_it(leads: Leads) -> None:
    assert tuple(leads.teams_of(TENANT)) == THERE


def test_identity_is_asked_in_the_services_own_name(
    real: IdentityLeads, identity: Identity
) -> None:
    real.teams_of(TENANT)
    assert identity.tokens == [f"Bearer token of {TENANT}"]


def test_an_identity_that_is_away_or_talks_nonsense_gives_no_answer(
    real: IdentityLeads, identity: Identity
) -> None:
    identity.teams.append(Team(team_id="nonsense"))
    with pytest.raises(Unavailable):
        real.teams_of(TENANT)
    identity.away = True
    with pytest.raises(Unavailable):
        real.teams_of(TENANT)
