"""Tickets of the desk: opened through the gateway, and from mails that mail servers hand over."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable

import orjson

from tests.performance.figure import Figures
from tests.performance.load import RequestMaker, request_bytes
from tests.performance.rows.requests import against
from tests.performance.subject import Subject

_numbers = itertools.count()
_WORDS = "My machine leaks since yesterday. I have bought it in March; where do I send it?"
_MAIL = (
    "From: Ming <{sender}>\r\nTo: {to}\r\nSubject: It leaks {number}\r\n"
    "Message-ID: <{number}@bench.rapport.dev>\r\nDate: Sun, 29 Nov 2026 12:00:00 +0800\r\n"
    "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=part\r\n\r\n"
    "--part\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{words}\r\n"
    "--part\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>{words}</p>\r\n--part--\r\n"
)


def measure(subject: Subject) -> Figures:
    """Both against the bare application, which inserts the same body and commits."""
    yield against("open one ticket", subject, _opening(subject), _bare(subject, _ticket), 0.4)
    yield against("take one mail in", subject, _mailing(subject), _bare(subject, _mail_as_json))


def _opening(subject: Subject) -> RequestMaker:
    """Requests that open one new ticket each, with what the customer says, and a key."""
    headers = {**subject.headers(), "Content-Type": "application/json"}
    url = f"{subject.gateway}/v1/desk/tickets"

    def make(_: int) -> bytes:
        number = next(_numbers)
        sent = {**headers, "Idempotency-Key": f"bench-ticket-{number}"}
        return request_bytes("POST", url, headers=sent, body=_ticket(number))

    return make


def _mailing(subject: Subject) -> RequestMaker:
    """Requests that hand over one new mail each, of a sender of its own, to a mailbox."""
    address = f"help-{secrets.token_hex(4)}@desk.example"
    mailbox = subject.app.post("/v1/desk/mailboxes", {"address": address, "acknowledges": False})
    headers = {"Authorization": f"Bearer {mailbox['secret']}", "Content-Type": "message/rfc822"}
    url = f"{subject.gateway}{mailbox['intake_path']}"

    def make(_: int) -> bytes:
        body = _mail(next(_numbers), address).encode()
        return request_bytes("POST", url, headers=headers, body=body)

    return make


def _bare(subject: Subject, body_of: Callable[[int], bytes]) -> RequestMaker:
    headers = {"Content-Type": "application/json"}
    url = f"{subject.yardstick_url}/people"

    def make(_: int) -> bytes:
        return request_bytes("POST", url, headers=headers, body=body_of(next(_numbers)))

    return make


def _ticket(number: int) -> bytes:
    about = {
        "subject": f"It leaks {number}",
        "requester_address": f"ming.{number}@rapport.dev",
        "product_sku": "SKU-1",
        "tags": ["bench"],
        "message": {"text": _WORDS},
    }
    return orjson.dumps(about)


def _mail(number: int, to: str) -> str:
    sender = f"ming.{number}@rapport.dev"
    return _MAIL.format(sender=sender, to=to, number=number, words=_WORDS)


def _mail_as_json(number: int) -> bytes:
    text = _mail(number, "help@desk.example")
    return orjson.dumps({"subject": f"It leaks {number}", "mail": text})
