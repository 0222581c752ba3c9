"""The load of a run: apps that write all the time, and apps that look whether every service answers."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.reliability.client import Client, Request
from tests.reliability.ledger import Kind, Ledger, Outcome, Write

PEOPLE = "/v1/contacts/people"
INTERACTIONS = "/v1/contacts/interactions"
TEAMS = "/v1/identity/teams"
MESSAGES = "/v1/notifications/messages"
READ = {
    "identity": f"{TEAMS}?page_size=1",
    "contacts": f"{PEOPLE}?page_size=1",
    "sales": "/v1/sales/orders?page_size=1",
    "loyalty": "/v1/loyalty/programs?page_size=1",
    "desk": "/v1/desk/tickets?page_size=1",
}
"""What is read of each service; of others, an address that does not exist, answered all the same."""

_PATIENCE = 60.0
WEIGHTS = {
    Kind.CREATE_PERSON: 40,
    Kind.RECORD_INTERACTION: 30,
    Kind.CHANGE_PERSON: 20,
    Kind.ARCHIVE_PERSON: 4,
    Kind.CREATE_TEAM: 6,
    Kind.SEND_MESSAGE: 15,
}
_CHANNELS = ("web", "phone", "shop")


@dataclass(slots=True)
class _Person:
    """Somebody whom a writer has entered, as far as it knows."""

    mark: str
    id: str
    changes: int = 0


@dataclass
class Writer:
    """One app: it writes one thing after the other, about people whom nobody else writes about.

    A person of whom it does not know how its last write ended it leaves alone from then on, so
    that what has to be true of everybody in the end is known up to that one write.
    """

    name: str
    client: Client
    ledger: Ledger
    rng: random.Random
    pause: float
    impatient: float = 0.0
    """Which part of its writes it gives up on after one try."""
    weights: Mapping[Kind, int] = field(default_factory=lambda: WEIGHTS)
    """How often it writes what, of a hundred or so."""
    people: list[_Person] = field(default_factory=list)
    _number: int = 0

    def work(self, stop: threading.Event) -> None:
        """Write until told to stop."""
        while not stop.is_set():
            self.write_something()
            stop.wait(self.rng.uniform(0.3, 1.7) * self.pause)

    def write_something(self) -> None:
        """Send one write, whichever it is."""
        self._number += 1
        mark = f"{self.name}-{self._number}"
        kind = self.rng.choices(list(self.weights), list(self.weights.values()))[0]
        if kind == Kind.CREATE_TEAM:
            self._send(Write(kind, mark, mark), Request("POST", TEAMS, {"name": mark}, mark))
        elif kind == Kind.SEND_MESSAGE:
            self._send(Write(kind, mark, mark), _message(mark))
        elif kind == Kind.CREATE_PERSON or len(self.people) < 3:
            self._create(mark)
        elif self.rng.random() < 0.1:
            self._send_to_be_refused(mark)
        else:
            self._write_about(self.rng.choice(self.people), kind, mark)

    def _create(self, mark: str) -> None:
        body = {
            "full_name": mark,
            "given_name": mark,
            "source": "begun",
            "external_ids": [{"system": "erp", "id": mark}],
        }
        write = Write(Kind.CREATE_PERSON, mark, mark)
        self._send(write, Request("POST", PEOPLE, body, mark))
        if write.outcome == Outcome.ACCEPTED and write.id is not None:
            self.people.append(_Person(mark, write.id))

    def _send_to_be_refused(self, mark: str) -> None:
        """What a rule, the schema or another person stands against; nothing of it may stay."""
        taken = self.rng.choice(self.people).mark
        erp = {"system": "erp", "id": taken}
        nobody: dict[str, Any] = {"kind": "sign_in", "person": {"id": str(UUID(int=self._number))}}
        refusable: list[tuple[Kind, str, dict[str, Any]]] = [
            (Kind.CREATE_PERSON, PEOPLE, {"full_name": mark, "external_ids": [erp]}),
            (Kind.CREATE_PERSON, PEOPLE, {"full_name": mark, "height": "tall"}),
            (Kind.RECORD_INTERACTION, INTERACTIONS, {**nobody, "properties": {"mark": mark}}),
        ]
        kind, path, body = self.rng.choice(refusable)
        self._send(
            Write(kind, mark, mark, expected_refusal=True), Request("POST", path, body, mark)
        )

    def _write_about(self, person: _Person, kind: Kind, mark: str) -> None:
        write = Write(kind, mark, person.mark)
        address = f"{PEOPLE}/{person.id}"
        if kind == Kind.CHANGE_PERSON:
            request = Request("PATCH", address, {"source": mark})
        elif kind == Kind.ARCHIVE_PERSON:
            request = Request("DELETE", address)
        else:
            request = self._interaction(write, person.id)
        self._send(write, request)
        if write.outcome == Outcome.UNKNOWN or kind == Kind.ARCHIVE_PERSON:
            self.people.remove(person)

    def _interaction(self, write: Write, person_id: str) -> Request:
        # Now and then one that is told late: the last sign of life must not go back.
        ago = timedelta(seconds=self.rng.choice([0, 0, 0, 3600, 86400]))
        write.at = (datetime.now(UTC) - ago).isoformat()
        body = {
            "kind": "visit",
            "person": {"id": person_id},
            "channel": self.rng.choice(_CHANNELS),
            "occurred_at": write.at,
            "properties": {"mark": write.mark},
        }
        return Request("POST", INTERACTIONS, body, write.mark)

    def _send(self, write: Write, request: Request) -> None:
        hasty = self.rng.random() < self.impatient
        send(self.client, self.ledger, write, request, hasty=hasty)


def send(client: Client, ledger: Ledger, write: Write, request: Request, *, hasty: bool) -> None:
    """Send a write until its outcome is known, or once in haste, and enter it in the books."""
    answer = client.write(write, request, patience=0.0 if hasty else _PATIENCE)
    if write.outcome == Outcome.ACCEPTED and answer is not None and answer.content:
        said = answer.json()
        write.id = said["id"] if "id" in said else said["items"][0]["mail_id"]
    ledger.note_write(write)


def _message(mark: str) -> Request:
    """A mail to an address of its own; transactional, so that nobody has to be asked."""
    body = {
        "to": f"{mark}@customers.example",
        "channel": "email",
        "content": {"subject": mark, "text": mark},
        "request_id": mark,
    }
    return Request("POST", MESSAGES, body, mark)


@dataclass
class Reader:
    """Looks all the time whether a service answers through the gateway."""

    service: str
    client: Client
    ledger: Ledger
    pause: float

    def work(self, stop: threading.Event) -> None:
        """Read until told to stop."""
        path = READ.get(self.service, f"/v1/{self.service}/reliability")
        while not stop.wait(self.pause):
            self.ledger.note_reading(self.client.read(self.service, path))


class Load:
    """Runs writers and readers, each in its thread."""

    def __init__(self, works: Mapping[str, Callable[[threading.Event], None]]) -> None:
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=work, args=(self._stop,), name=name, daemon=True)
            for name, work in works.items()
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Begin nothing more, and wait until what is begun is known or given up."""
        self._stop.set()
        for thread in self._threads:
            thread.join(_PATIENCE + 15)
            if thread.is_alive():
                raise RuntimeError(f"{thread.name} does not come to an end")
