"""Signing keys are rotated while apps get tokens and use them: no request fails."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import httpx
import pytest
from joserfc import jws

from deploy.demo.external_app import ExternalApp, FixedToken
from deploy.demo.oauth import ClientCredentials, Credentials

from .world import IMPATIENT, Organisation, World, soon

AT_ONCE = 45
"""Seconds that pass until a key that was rotated at once signs: by then every service knows it."""


def kid_of(token: str) -> str:
    return str(jws.extract_compact(token.encode()).headers()["kid"])


class Load:
    """Gets a new token and uses it in every service, again and again; every failure is kept."""

    def __init__(self, world: World, credentials: Credentials) -> None:
        self._world = world
        self._credentials = credentials
        self._ends = Event()
        self.kids: list[str] = []
        self.failures: list[str] = []
        self.rounds = 0

    def run(self) -> None:
        while not self._ends.is_set():
            try:
                self._once()
            except (httpx.HTTPError, KeyError) as error:
                self.failures.append(repr(error))
            self.rounds += 1

    def _once(self) -> None:
        token = ClientCredentials(self._world.gateway, self._credentials).token()
        self.kids = [*dict.fromkeys([*self.kids, kid_of(token)])]
        app = ExternalApp(self._world.gateway, FixedToken(token), patience=IMPATIENT)
        for path in ("/v1/contacts/people", "/v1/identity/users"):
            answer = app.ask("GET", path)
            if answer.status != 200:
                self.failures.append(f"{path}: {answer.status} {answer.text}")

    @contextmanager
    def running(self) -> Iterator[None]:
        thread = Thread(target=self.run)
        thread.start()
        try:
            yield
        finally:
            self._ends.set()
            thread.join(30)


def rotate(world: World) -> list[dict[str, str]]:
    """What an operator does at the command line; the keys afterwards, newest first."""
    where = ["--state", str(world.platform.state.root)]
    words = ["exec", "identity", "keys", "rotate", "--at-once"]
    answer = subprocess.run(
        [sys.executable, "-m", "rapport_local", *where, *words],
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in answer.stdout.splitlines()]


@pytest.mark.slow
def test_keys_are_rotated_under_load_without_one_failed_request(
    world: World, acme: Organisation
) -> None:
    load = Load(world, acme.credentials("contacts.people.read", "identity.users.read"))
    with load.running():
        soon(lambda: len(load.kids) == 1, 10, "the load is running")
        newest = rotate(world)[0]["kid"]
        assert newest not in load.kids
        soon(lambda: newest in load.kids, AT_ONCE + 30, "the new key signs")
        rounds = load.rounds
        soon(lambda: load.rounds > rounds + 20, 30, "the load goes on with the new key")
    assert load.failures == []
    assert load.kids[-1] == newest
