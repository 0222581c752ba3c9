"""Rotation of signing keys: no verification ever fails, whatever key set a service has cached."""

from __future__ import annotations

import json
import operator
import threading
from base64 import urlsafe_b64decode
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, cast

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from chassis.access.tokens import HttpKeys, TokenVerifier
from chassis.clock import MovableClock
from chassis.domain import Conflict, NotFound
from chassis.sealing import CannotUnseal
from chassis.storage.database import Database
from identity.app import wire
from identity.keys.domain import LEAD, LEAD_AT_ONCE, OVERLAP, KeyState
from identity.keys.storage import SigningKeys, signing_keys
from identity.settings import IdentitySettings

from ..fakes import FakeMailer
from ..provider import Provider, served
from .conftest import NEWER, OPERATOR, PERIOD, SECRET, World


def verifies(token: str, document: dict[str, Any]) -> bool:
    """Whether a service with this key set accepts the token."""
    kid = json.loads(_header(token))["kid"]
    if kid not in {key["kid"] for key in document["keys"]}:
        return False
    keys = KeySet.import_key_set(cast("Any", document))
    return bool(jwt.decode(token, keys, algorithms=["ES256"]).claims["sub"] == "somebody")


def _header(token: str) -> bytes:
    part = token.partition(".")[0]
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_the_first_key_signs_at_once(world: World) -> None:
    assert verifies(world.signed(), world.ring.document())
    assert world.states() == ["signing"]


def test_a_rotated_key_is_known_before_it_signs_and_after_it_has_signed(world: World) -> None:
    old = world.signed()
    first = world.kids()
    world.care.rotate(OPERATOR)
    world.ring.forget()
    assert len(world.kids()) == 2
    assert world.states() == ["pending", "signing"]
    assert json.loads(_header(world.signed()))["kid"] == first[0]

    world.clock.move(LEAD)
    assert json.loads(_header(world.signed()))["kid"] != first[0]
    assert world.states() == ["signing", "retired"]
    assert verifies(old, world.ring.document())

    world.clock.move(OVERLAP)
    world.care.keep()
    assert len(world.kids()) == 1


def test_asking_twice_makes_one_key(world: World) -> None:
    world.signed()
    assert world.care.rotate(OPERATOR).kid == world.care.rotate(OPERATOR).kid
    assert len(world.ring.listed()) == 2


def test_at_once_goes_before_a_key_that_waits(world: World) -> None:
    world.signed()
    waiting = world.care.rotate(OPERATOR)
    urgent = world.care.rotate(OPERATOR, at_once=True)
    world.clock.move(LEAD_AT_ONCE)
    assert json.loads(_header(world.signed()))["kid"] == urgent.kid
    assert waiting.kid not in world.kids()


def test_a_key_that_leaked_is_withdrawn_after_a_rotation(world: World) -> None:
    token = world.signed()
    (leaked,) = world.kids()
    with pytest.raises(Conflict):
        world.care.withdraw(OPERATOR, leaked)
    world.care.rotate(OPERATOR, at_once=True)
    world.clock.move(LEAD_AT_ONCE)
    world.care.withdraw(OPERATOR, leaked)
    world.ring.forget()
    assert not verifies(token, world.ring.document())
    assert verifies(world.signed(), world.ring.document())
    with pytest.raises(NotFound):
        world.care.withdraw(OPERATOR, leaked)


def test_over_three_months_no_service_ever_lacks_a_key(world: World) -> None:
    """Services keep a key set for 5 minutes, and so long live tokens; the days between are leapt."""
    sets: deque[dict[str, Any]] = deque(maxlen=2)
    tokens: deque[str] = deque(maxlen=2)
    used: set[str] = set()
    begin = world.clock.now()
    while world.clock.now() < begin + timedelta(days=91):
        world.care.keep()
        since_a_change = (world.clock.now() - begin) % PERIOD
        if timedelta(hours=2) < since_a_change < PERIOD - timedelta(hours=8):
            sets.clear()
            tokens.clear()
            world.clock.move(timedelta(hours=6))
            continue
        sets.append(world.ring.document())
        tokens.append(world.signed())
        used.add(json.loads(_header(tokens[-1]))["kid"])
        assert all(verifies(token, known) for token in tokens for known in sets)
        world.clock.move(timedelta(minutes=5))
    assert len(used) == 4
    assert len(world.ring.listed()) <= 2


def test_two_replicas_make_one_key_between_them(
    key_database: Database, moved: MovableClock
) -> None:
    worlds = [World(key_database, moved) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda world: world.signed(), worlds))
    moved.move(PERIOD)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda world: world.care.keep(), worlds))
    assert worlds[0].states() == ["pending", "signing"]


def test_private_keys_are_sealed(world: World, key_database: Database) -> None:
    world.signed()
    with key_database.system_transaction() as connection:
        row = connection.execute(signing_keys.select()).one()
    private = world.ring.verifying().keys[0].as_dict(private=True)["d"]
    assert str(private).encode() not in bytes(row.sealed)
    assert "d" not in row.public_jwk


def test_the_sealing_secret_is_changed_by_listing_two(
    key_database: Database, moved: MovableClock
) -> None:
    before = World(key_database, moved)
    token = before.signed()

    both = World(key_database, moved, NEWER, SECRET)
    assert verifies(token, both.ring.document())
    both.care.keep()

    after = World(key_database, moved, NEWER)
    assert verifies(after.signed(), before.ring.document())


def test_a_wrong_sealing_secret_is_told_at_the_start(
    key_database: Database, moved: MovableClock
) -> None:
    World(key_database, moved).signed()
    with pytest.raises(CannotUnseal, match="not listed"):
        World(key_database, moved, NEWER).ring.start()


def test_the_runtime_login_cannot_see_the_keys(world: World, key_database: Database) -> None:
    world.signed()
    with (
        pytest.raises(Exception, match="permission denied"),
        key_database.runtime.connect() as connection,
    ):
        connection.execute(signing_keys.select())


def test_an_unknown_key_is_looked_up_no_more_often_than_every_two_seconds(
    world: World, key_database: Database
) -> None:
    world.signed()
    with key_database.system_transaction() as connection:
        SigningKeys(connection).lock()
        world.clock.move(timedelta(seconds=1))
        assert "nobody" not in {key.kid for key in world.ring.keys("nobody").keys}


class Load:
    """Apps that get tokens all the time, and a service that verifies each of them."""

    def __init__(self, provider: Provider, verifier: TokenVerifier) -> None:
        self._provider = provider
        self._app = provider.app(provider.tenant().tenant_id)
        self._verifier = verifier
        self._stopped = threading.Event()
        self._pool = ThreadPoolExecutor(4)
        self._verified = [0, 0, 0, 0]
        self.kids: set[str] = set()
        self._workers = [self._pool.submit(self._work, number) for number in range(4)]

    def _work(self, number: int) -> None:
        while not self._stopped.is_set():
            answer = self._provider.ask(self._app, "/oauth/token", grant_type="client_credentials")
            token = answer.get_json()["access_token"]
            self._verifier.verify(token)
            self.kids.add(json.loads(_header(token))["kid"])
            self._verified[number] += 1

    def until_more(self, more: int) -> None:
        """Wait until each app has had so many more tokens verified.

        A token of an app that got no turn on a busy machine would be too old by a clock that is moved on.
        """
        wanted = [count + more for count in self._verified]
        self.until(lambda: all(map(operator.ge, self._verified, wanted)))

    def until(self, reached: Callable[[], bool]) -> None:
        """Wait until something is so; a worker that failed ends the wait."""
        bound = threading.Event()
        for _ in range(12_000):
            if reached() or any(worker.done() for worker in self._workers):
                return
            bound.wait(0.01)
        raise AssertionError("it was not reached in two minutes")

    def end(self) -> None:
        """Stop; raises what has failed."""
        self._stopped.set()
        self._pool.shutdown()
        for worker in self._workers:
            worker.result()


def test_rotation_under_load_fails_no_verification(own_settings: IdentitySettings) -> None:
    clock = MovableClock(datetime(2024, 1, 1, tzinfo=UTC))
    service, parts = wire(own_settings, clock=clock)
    with served(service.http.app) as address:
        keys = HttpKeys(f"{address}/.well-known/jwks.json", timeout=10)
        verifier = TokenVerifier(keys, own_settings.public_url, clock)
        load = Load(Provider(service, parts, clock, FakeMailer()), verifier)
        for at_once in (False, True, False):
            made = parts.care.rotate(OPERATOR, at_once=at_once)
            parts.ring.forget()
            load.until(partial(_knows, keys, made.kid))
            for _ in range(3):
                clock.move((LEAD_AT_ONCE if at_once else LEAD) / 3)
                load.until_more(2)
        load.end()
    service.stop()
    assert len(load.kids) == 4


def _knows(keys: HttpKeys, kid: str) -> bool:
    """Whether a service knows a key; it asks for its key set every so often."""
    return kid in {key.kid for key in keys.keys(kid).keys}


def test_operators_rotate_keys_over_rest_and_nobody_else(provider: Provider) -> None:
    ada = provider.tenant()
    administrator = provider.let_in(provider.app(ada.tenant_id, scopes="*"), ada, scope="*").access
    operator = provider.operator("ada")
    address = "/v1/identity/signing-keys"

    refused = provider.api("POST", f"{address}/rotate", administrator, json={})
    rotated = provider.api("POST", f"{address}/rotate", operator, json={})
    listed = provider.api("GET", address, operator)

    assert refused.status_code == 403
    states = [key["state"] for key in rotated.get_json()["items"]]
    assert states[:2] == [KeyState.PENDING, KeyState.SIGNING]
    assert listed.get_json() == rotated.get_json()
    assert "sealed" not in listed.get_data(as_text=True)
