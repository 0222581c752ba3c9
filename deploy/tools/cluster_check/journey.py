"""What somebody does with a platform that was just installed: a tenant, an app, people, and work that goes on while it is upgraded."""

from __future__ import annotations

import secrets
import string
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

import httpx

from deploy.demo.external_app import ExternalApp, Patience, Refused
from deploy.demo.oauth import ClientCredentials, Credentials
from deploy.demo.tenant import administrator, new_tenant, register_app

SCOPES = ("contacts.people.read", "contacts.people.write")
_ONE_TRY = Patience(attempts=1)
_LONGEST_PAUSE = 0.05


class JourneyFailed(Exception):
    """The platform does not do what it should; the message says what."""


def first_day(gateway: str, operator_token: str) -> Credentials:
    """A tenant is created, its administrator signs in and registers an app, which enters and finds a person.

    Gives the app's credentials. Raises `JourneyFailed`, or what the calls raise.
    """
    name = f"Check {secrets.token_hex(2)}"
    tenant = new_tenant(gateway, operator_token, name, locale="en")
    credentials = register_app(administrator(gateway, tenant), "Cluster check", SCOPES)
    app = ExternalApp(gateway, ClientCredentials(gateway, credentials))
    made = app.post("/v1/contacts/people", _somebody(0))
    found = app.get("/v1/contacts/people", q=made["full_name"])["items"]
    if [person["id"] for person in found] != [made["id"]]:
        raise JourneyFailed(f"{made['full_name']} was entered, and is not found")
    return credentials


@dataclass
class Load:
    """Requests one after another, each sent once: whatever is not answered well has failed."""

    done: int = 0
    failures: list[str] = field(default_factory=list)
    created: set[str] = field(default_factory=set)

    def report(self) -> str:
        """In one line."""
        return (
            f"{self.done} requests, {len(self.failures)} failed, {len(self.created)} people entered"
        )


@contextmanager
def under_load(gateway: str, credentials: Credentials) -> Iterator[Load]:
    """Enter and read people all the time, for the length of a block; then every one must be there.

    Raises `JourneyFailed` at the end if any request failed or anybody is missing.
    """
    load, stop = Load(), threading.Event()
    tokens = ClientCredentials(gateway, credentials)
    app = ExternalApp(gateway, tokens, patience=_ONE_TRY)
    worker = threading.Thread(target=_work, args=(app, load, stop), daemon=True)
    worker.start()
    try:
        yield load
    finally:
        stop.set()
        worker.join()
    if load.failures or not load.done:
        raise JourneyFailed(f"{load.report()}; the first: {next(iter(load.failures), 'none ran')}")
    patient = ExternalApp(gateway, tokens)
    missing = [
        one for one in load.created if patient.get(f"/v1/contacts/people/{one}")["id"] != one
    ]
    if missing:
        raise JourneyFailed(f"{len(missing)} of {len(load.created)} people are missing")


def _work(app: ExternalApp, load: Load, stop: threading.Event) -> None:
    for number in count(1):
        if stop.wait(_LONGEST_PAUSE):
            return
        try:
            made = app.post("/v1/contacts/people", _somebody(number))
            load.created.add(made["id"])
            app.get(f"/v1/contacts/people/{made['id']}")
            load.done += 2
        except (Refused, httpx.TransportError) as error:
            load.failures.append(f"{type(error).__name__}: {error}")


def _somebody(number: int) -> dict[str, object]:
    # Letters alone: a search takes a word of digits for a number.
    mark = "".join(secrets.choice(string.ascii_lowercase) for _ in range(10))
    return {
        "full_name": f"Check {mark} Number {number}",
        "emails": [{"address": f"{mark}-{number}@people.example"}],
    }
