"""Roles, teams and revocations: what a service knows decides, and it knows soon."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import cast
from uuid import UUID, uuid4

import pytest

from chassis.access.authenticator import Authenticator
from chassis.access.directory import AccessDirectory, AccessEntry, remember
from chassis.access.tokens import InvalidToken, TokenVerifier
from chassis.clock import SystemClock
from chassis.context import Caller, Grants, Reach
from chassis.domain import Unavailable
from chassis.embedded.postgres import PostgresServer
from chassis.storage.database import Database, Session
from chassis.testing.access import FakeAccessSource
from chassis.testing.tokens import ISSUER, TestTokens

from ..ground import Ground, make_ground


@pytest.fixture(scope="session")
def ground(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A database with the chassis' tables."""
    with make_ground(postgres, "access_tests", tmp_path_factory.mktemp("access")) as made:
        yield made


class Moment:
    """A monotonic clock that stands still until moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class World:
    """A directory over the database, and tokens that it is asked about."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.moment = Moment()
        self.source = FakeAccessSource()
        self.tokens = TestTokens()
        self.directory = AccessDirectory(
            ground.database, self.source, lambda: datetime.now(UTC), self.moment
        )
        verifier = TokenVerifier(self.tokens.key_source(), ISSUER, SystemClock())
        self.authenticator = Authenticator(verifier, self.directory)
        self.tenant = uuid4()

    def learn(self, entry: AccessEntry) -> bool:
        """Store an entry, as the reaction to a fact does."""
        with self.ground.database.tenant_transaction(self.tenant) as connection:
            return remember(connection, self.tenant, entry, datetime.now(UTC))

    def caller(self, token: str) -> Caller:
        """Who calls with this token, a second later than the last."""
        self.moment.now += 1
        return self.authenticator.caller(token)


@pytest.fixture
def world(ground: Ground) -> World:
    """A tenant of its own."""
    return World(ground)


def role(role_id: UUID, version: int, **grants: str) -> AccessEntry:
    told = {name.replace("_", "."): reach for name, reach in grants.items()}
    return AccessEntry("role", str(role_id), version, {"grants": told})


def test_a_changed_role_works_with_the_same_token(world: World) -> None:
    role_id = uuid4()
    token = world.tokens.user(world.tenant, uuid4(), roles=[role_id])
    world.learn(role(role_id, 1, things_read="own"))
    assert world.caller(token).reach("things.read") is Reach.OWN
    world.learn(role(role_id, 2, things_read="all", things_write="team"))
    assert world.caller(token).reach("things.read") is Reach.ALL
    assert world.caller(token).reach("things.write") is Reach.TEAM


def test_a_fact_that_arrives_late_does_not_bring_back_the_past(world: World) -> None:
    role_id = uuid4()
    assert world.learn(role(role_id, 3, things_read="own"))
    assert not world.learn(role(role_id, 2, things_read="all"))
    token = world.tokens.user(world.tenant, uuid4(), roles=[role_id])
    assert world.caller(token).reach("things.read") is Reach.OWN


def test_a_role_that_is_not_known_yet_is_asked_for_once_in_a_while(world: World) -> None:
    role_id = uuid4()
    token = world.tokens.user(world.tenant, uuid4(), roles=[role_id])
    assert world.caller(token).reach("things.read") is None
    world.source.tell(world.tenant, role(role_id, 1, things_read="all"))
    assert world.caller(token).reach("things.read") is None  # asked a second ago
    world.moment.now += 2
    assert world.caller(token).reach("things.read") is Reach.ALL


def test_whoever_lacks_a_role_while_it_is_asked_for_waits_for_the_answer(world: World) -> None:
    role_id, is_asked, may_answer = uuid4(), threading.Event(), threading.Event()

    class SlowSource:
        def fetch(self, tenant_id: UUID) -> list[AccessEntry]:
            assert tenant_id == world.tenant
            is_asked.set()
            assert may_answer.wait(10)
            return [role(role_id, 1, things_read="all")]

    directory = AccessDirectory(
        world.ground.database, SlowSource(), lambda: datetime.now(UTC), world.moment
    )
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(directory.with_roles, world.tenant, [role_id])
        assert is_asked.wait(10)
        second = pool.submit(directory.with_roles, world.tenant, [role_id])
        # It is under way, and gives no answer of its own.
        assert not wait([second], 0.1).done
        may_answer.set()
        assert {role_id} == set(first.result(10).roles) == set(second.result(10).roles)


def test_when_nobody_can_tell_about_a_role_it_grants_nothing(world: World) -> None:
    class SilentSource:
        def fetch(self, tenant_id: UUID) -> list[AccessEntry]:
            raise Unavailable(f"nobody can tell about {tenant_id}")

    directory = AccessDirectory(
        world.ground.database, SilentSource(), lambda: datetime.now(UTC), world.moment
    )
    assert directory.with_roles(world.tenant, [uuid4()]).roles == {}


def test_reach_over_a_team_takes_in_the_teams_below(world: World) -> None:
    region, branch, other = uuid4(), uuid4(), uuid4()
    mine, theirs, stranger = uuid4(), uuid4(), uuid4()
    for team, parent, user in (
        (region, None, mine),
        (branch, region, theirs),
        (other, None, stranger),
    ):
        world.learn(AccessEntry("team", str(team), 1, {"parent": str(parent) if parent else None}))
        world.learn(AccessEntry("members", str(team), 1, {"users": [str(user)]}))
    caller = world.caller(world.tokens.user(world.tenant, mine, teams=[region]))
    assert caller.members == {mine, theirs}


def test_teams_in_a_circle_do_not_hang(world: World) -> None:
    one, two = uuid4(), uuid4()
    world.learn(AccessEntry("team", str(one), 1, {"parent": str(two)}))
    world.learn(AccessEntry("team", str(two), 1, {"parent": str(one)}))
    assert world.caller(world.tokens.user(world.tenant, uuid4(), teams=[one])).members == set()


def test_an_ended_session_is_refused_from_then_on(world: World) -> None:
    session = uuid4()
    token = world.tokens.user(world.tenant, uuid4(), session_id=session)
    world.caller(token)
    world.learn(AccessEntry("session", str(session), 1))
    with pytest.raises(InvalidToken, match="session has ended"):
        world.caller(token)


def test_a_look_that_ends_late_does_not_bring_back_what_was_before_a_later_one(
    world: World,
) -> None:
    has_read, may_end, slow = threading.Event(), threading.Event(), [True]

    class SlowDatabase:
        @contextmanager
        def tenant_reading(self, tenant_id: UUID) -> Iterator[Session]:
            with world.ground.database.tenant_reading(tenant_id) as session:
                yield session
            if slow:
                slow.clear()
                has_read.set()
                assert may_end.wait(10)

    session = uuid4()
    directory = AccessDirectory(
        cast("Database", SlowDatabase()), world.source, lambda: datetime.now(UTC), world.moment
    )
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(directory.snapshot, world.tenant)
        assert has_read.wait(10)
        world.learn(AccessEntry("session", str(session), 1))
        assert directory.at_least(world.tenant, 1).ended_sessions == {session}
        may_end.set()
        assert first.result(10).ended_sessions == {session}
    assert directory.snapshot(world.tenant).ended_sessions == {session}


def test_revoked_access_refuses_tokens_from_before_and_takes_those_from_after(
    world: World,
) -> None:
    old = world.tokens.client(world.tenant, "*")
    world.caller(old)
    now = datetime.now(UTC).timestamp()
    world.learn(AccessEntry("subject", "test-app", 1, {"not_before": now}))
    with pytest.raises(InvalidToken, match="revoked"):
        world.caller(old)
    later = world.tokens.sign(
        sub="test-app", client_id="test-app", tid=str(world.tenant), scope="*", iat=int(now) + 2
    )
    assert world.caller(later).reach("things.read") is Reach.ALL


def test_scopes_bound_what_roles_give() -> None:
    grants = Grants({"things.*": Reach.ALL, "people.read": Reach.OWN}, frozenset({"things.read"}))
    assert grants.reach("things.read") is Reach.ALL
    assert grants.reach("things.write") is None
    assert grants.reach("people.read") is None
    assert grants.reach("thingsmore.read") is None


def test_an_app_of_its_own_has_its_scopes_and_nothing_else() -> None:
    grants = Grants(None, frozenset({"things.*"}))
    assert grants.reach("things.read") is Reach.ALL
    assert grants.reach("people.read") is None
    assert Grants(None, frozenset()).reach("things.read") is None


def test_an_operator_has_no_tenant_and_only_its_scopes(world: World) -> None:
    caller = world.caller(world.tokens.operator("identity.tenants.manage"))
    assert caller.tenant_id is None
    assert caller.reach("identity.tenants.manage") is Reach.ALL
    assert caller.reach("things.read") is None
