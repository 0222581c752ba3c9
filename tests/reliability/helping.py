"""An app that helps customers: it opens tickets, answers and resolves them, and hands over their mail."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from tests.reliability.client import Client, Request
from tests.reliability.desk import ADDRESS, TICKETS, Mailbox
from tests.reliability.ledger import Kind, Ledger, Outcome, Write
from tests.reliability.load import send
from tests.reliability.rewarding import PEOPLE

SYSTEM = "till"
"""What calls a ticket by its mark."""
_WEIGHTS = {
    Kind.OPEN_TICKET: 3,
    Kind.HAND_OVER_MAIL: 3,
    Kind.WRITE_AS_CUSTOMER: 3,
    Kind.REPLY: 3,
    Kind.RESOLVE_TICKET: 2,
    Kind.HAND_OVER_ANSWER: 2,
}
_PATHS = {
    Kind.WRITE_AS_CUSTOMER: "customer-messages",
    Kind.REPLY: "messages",
    Kind.RESOLVE_TICKET: "resolve",
}


@dataclass
class Helper:
    """Writes one thing after the other, about tickets that nobody else writes about.

    A ticket of which it does not know how its last write ended it leaves alone from then on, and one
    that it has resolved.
    """

    name: str
    client: Client
    ledger: Ledger
    rng: random.Random
    pause: float
    mailbox: Mailbox
    impatient: float = 0.0
    """Which part of its writes it gives up on after one try."""
    tickets: list[Write] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)
    """The marks of mails that have been taken."""
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
        kind = self.rng.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
        if kind == Kind.HAND_OVER_MAIL or (kind == Kind.HAND_OVER_ANSWER and not self.mails):
            self._hand_over(mark)
        elif kind == Kind.HAND_OVER_ANSWER:
            first = self.rng.choice(self.mails)
            self._hand_over_twice(Write(kind, mark, first), mail(mark, first), self.mailbox.secret)
        elif kind == Kind.OPEN_TICKET or not self.tickets:
            self._open(mark)
        else:
            self._write_about(self.rng.choice(self.tickets), kind, mark)

    def _open(self, mark: str) -> None:
        write = Write(Kind.OPEN_TICKET, mark, mark, expected_refusal=self.rng.random() < 0.1)
        body: dict[str, Any] = {
            "subject": mark,
            "priority": "of silver" if write.expected_refusal else "normal",
            "external_ids": [{"system": SYSTEM, "id": mark}],
            "message": {"text": mark},
        }
        if self.rng.random() < 0.3:
            # Of somebody about whom contacts and loyalty are asked, who may be away.
            body |= {"channel": "chat", "person_id": self.rng.choice(PEOPLE)}
        else:
            body |= {"channel": "email", "requester_address": address(mark)}
        self._send(write, Request("POST", TICKETS, body, mark))
        if write.outcome == Outcome.ACCEPTED:
            self.tickets.append(write)

    def _write_about(self, ticket: Write, kind: Kind, mark: str) -> None:
        write = Write(kind, mark, ticket.mark)
        body = {}
        if kind != Kind.RESOLVE_TICKET:
            # What says nothing is refused, and may leave nothing.
            write.expected_refusal = self.rng.random() < 0.1
            body = {"text": "" if write.expected_refusal else mark}
        path = f"{TICKETS}/{ticket.id}/{_PATHS[kind]}"
        self._send(write, Request("POST", path, body, mark))
        if write.outcome == Outcome.UNKNOWN or kind == Kind.RESOLVE_TICKET:
            self.tickets.remove(ticket)

    def _hand_over(self, mark: str) -> None:
        write = Write(Kind.HAND_OVER_MAIL, mark, mark, expected_refusal=self.rng.random() < 0.1)
        secret = "of silver" if write.expected_refusal else self.mailbox.secret
        self._hand_over_twice(write, mail(mark), secret)
        if write.outcome == Outcome.ACCEPTED:
            self.mails.append(mark)

    def _hand_over_twice(self, write: Write, content: bytes, secret: str) -> None:
        """Hand a mail over, and once more: mail servers do so when they have missed the answer."""
        request = Request("POST", self.mailbox.path, mail=content, secret=secret)
        self._send(write, request)
        if write.outcome == Outcome.ACCEPTED and self.rng.random() < 0.5:
            again = Write(write.kind, write.mark, write.subject)
            send(self.client, self.ledger, again, request, hasty=False)

    def _send(self, write: Write, request: Request) -> None:
        hasty = self.rng.random() < self.impatient
        send(self.client, self.ledger, write, request, hasty=hasty)


def address(mark: str) -> str:
    """Who writes: somebody of their own each time, so that nobody writes too much."""
    return f"{mark}@customers.example"


def header_id(mark: str) -> str:
    """What a mail is called."""
    return f"<{mark}@customers.example>"


def mail(mark: str, answers: str | None = None) -> bytes:
    """A mail of somebody new; or one more by who wrote `answers`, which it names."""
    message = EmailMessage()
    message["From"] = address(answers or mark)
    message["To"] = ADDRESS
    message["Subject"] = mark
    message["Message-ID"] = header_id(mark)
    if answers is not None:
        message["In-Reply-To"] = message["References"] = header_id(answers)
    message.set_content(mark)
    return message.as_bytes()
