"""Services follow identity's facts: what they tell is remembered, in whatever order they come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from types import ModuleType
from typing import Any
from uuid import UUID, uuid4

import pytest
from google.protobuf.message import Message

from chassis.access.directory import AccessSnapshot, load
from chassis.access.reactions import access_reactions
from chassis.clock import SystemClock
from chassis.context import Reach, service_caller
from chassis.embedded.postgres import PostgresServer
from chassis.events.reactions import Envelope
from chassis.storage.unit_of_work import UnitOfWork
from rapport.identity.events.v1 import access_events_pb2 as facts
from rapport.identity.events.v1 import tenant_events_pb2 as tenant_facts
from rapport.identity.v1.access_pb2 import Grant
from services.chassis.tests.ground import Ground, make_ground

REACTIONS = access_reactions(facts, tenant_facts)


@pytest.fixture(scope="module")
def ground(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp("access") / "migrations"
    with make_ground(postgres, "ground_access", folder) as made:
        yield made


class Follower:
    """A service that follows the facts of one tenant."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self.tenant_id = uuid4()

    def receive(self, fact: Message, version: int) -> None:
        """Have the handlers called as the consumer does."""
        name = fact.DESCRIPTOR.full_name
        moment = datetime.now(UTC)
        envelope = Envelope(uuid4(), name, self.tenant_id, uuid4(), version, "user:x", moment, None)
        reaction = REACTIONS.of(name)
        assert reaction is not None

        def react(tx: UnitOfWork) -> None:
            for kind, handler in reaction.handlers:
                assert kind == "projection"
                handler(tx, fact, envelope)

        operations = self._ground.operations(SystemClock())
        operations.run(service_caller("ground", self.tenant_id), react)

    def knows(self) -> AccessSnapshot:
        """What is known now."""
        with self._ground.database.tenant_reading(self.tenant_id) as session:
            snapshot = load(session, self.tenant_id, None)
        assert snapshot is not None
        return snapshot


@pytest.fixture
def follower(ground: Ground) -> Follower:
    return Follower(ground)


def role(role_id: UUID, **grants: Any) -> facts.RoleDefined:
    """A role with grants on kinds of records of contacts."""
    listed = [Grant(permission=f"contacts.{n}.read", reach=r) for n, r in grants.items()]
    return facts.RoleDefined(role_id=str(role_id), name="R", grants=listed)


def test_a_role_is_known_by_its_newest_fact(follower: Follower) -> None:
    role_id = uuid4()
    follower.receive(role(role_id, people=3, companies=2), 2)
    follower.receive(role(role_id, people=1), 1)
    known = follower.knows().roles[role_id]
    assert known == {"contacts.people.read": Reach.ALL, "contacts.companies.read": Reach.TEAM}


def test_a_grant_with_a_reach_from_the_future_grants_nothing(follower: Follower) -> None:
    role_id = uuid4()
    follower.receive(role(role_id, people=0, companies=7, tags=1), 1)
    assert follower.knows().roles[role_id] == {"contacts.tags.read": Reach.OWN}


def test_a_removed_role_stays_removed_when_an_older_fact_comes_late(follower: Follower) -> None:
    role_id = uuid4()
    follower.receive(facts.RoleRemoved(role_id=str(role_id)), 3)
    follower.receive(role(role_id, people=3), 2)
    assert follower.knows().roles == {}


def test_the_tree_and_its_members_are_known(follower: Follower) -> None:
    top, low, user = uuid4(), uuid4(), uuid4()
    follower.receive(facts.TeamPlaced(team_id=str(top), name="Top"), 1)
    placed = facts.TeamPlaced(team_id=str(low), parent_team_id=str(top), name="Low")
    follower.receive(placed, 1)
    follower.receive(facts.TeamMembersChanged(team_id=str(low), member_ids=[str(user)]), 2)
    assert follower.knows().below([top]) == {user}
    follower.receive(facts.TeamRemoved(team_id=str(low)), 3)
    assert follower.knows().below([top]) == frozenset()


def test_ended_sessions_and_revocations_are_known(follower: Follower) -> None:
    session, subject = uuid4(), uuid4()
    follower.receive(facts.SessionEnded(session_id=str(session), user_id=str(subject)), 1)
    revoked = facts.AccessRevoked(subject_id=str(subject))
    for version, seconds in ((9, 2_000), (8, 1_000)):
        revoked.not_before.FromSeconds(seconds)
        follower.receive(revoked, version)
    snapshot = follower.knows()
    assert snapshot.ended_sessions == {session}
    assert snapshot.revoked == {str(subject): 2_000.0}


def test_a_suspended_tenant_is_known_until_it_is_resumed(follower: Follower) -> None:
    tenant_id = str(follower.tenant_id)
    follower.receive(tenant_facts.TenantSuspended(tenant_id=tenant_id), 2)
    assert follower.knows().suspended
    follower.receive(tenant_facts.TenantResumed(tenant_id=tenant_id), 3)
    assert not follower.knows().suspended


def test_a_contract_without_a_fact_that_matters_is_refused() -> None:
    with pytest.raises(ValueError, match="RoleDefined"):
        access_reactions(ModuleType("empty"))
