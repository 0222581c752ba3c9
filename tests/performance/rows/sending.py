"""Mail: messages from the queue to the mail server, against handing the same mails over bare."""

from __future__ import annotations

import smtplib
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from urllib.parse import urlsplit

import httpx
import psycopg

from chassis.embedded.processes import wait_until
from tests.performance.figure import Figure, Figures
from tests.performance.subject import Subject

_MAILS = 500
_THREADS = 4
_AHEAD = timedelta(seconds=15)
"""Until all are queued: they become due at the same moment."""
_MESSAGES = "/v1/notifications/messages/batch"
_TEXT = "Your order is on its way, and will be with you on Thursday. " * 5
_UNSENT = "SELECT count(*) FROM messages WHERE state <> 'sent' AND tenant_id = %s"


def measure(subject: Subject) -> Figures:
    """Mails a second with all that the platform does about each, on the platform's mail server."""
    bare = _MAILS / _bare_seconds(subject)
    yield Figure(
        "mails sent from the queue, against handing them over bare",
        _MAILS / _seconds(subject),
        "per second",
        bare,
        note=f"{_MAILS} due at once; bare: {_THREADS} threads, a connection each mail",
    )


def _seconds(subject: Subject) -> float:
    """From the moment when all are due until the last is noted as sent."""
    due = datetime.now(UTC) + _AHEAD
    items = [
        {
            "to": f"customer-{number}@customers.example",
            "channel": "email",
            "content": {"subject": f"Order {number}", "text": _TEXT},
            "send_at": due.isoformat(),
        }
        for number in range(_MAILS)
    ]
    answer = httpx.post(
        f"{subject.gateway}{_MESSAGES}",
        json={"items": items, "atomic": True},
        headers=subject.headers(),
        timeout=60,
    )
    answer.raise_for_status()
    left = (due - datetime.now(UTC)).total_seconds()
    if left < 0:
        raise RuntimeError(f"queueing {_MAILS} messages took longer than {_AHEAD}")
    threading.Event().wait(left)
    began = time.perf_counter()
    dsn = subject.platform.postgres.admin_dsn("notifications")
    with psycopg.connect(dsn, autocommit=True) as watch:

        def all_sent() -> bool:
            return watch.execute(_UNSENT, (subject.tenant.id,)).fetchone() == (0,)

        if not wait_until(all_sent, 120):
            raise RuntimeError("not every mail was sent within two minutes")
    return time.perf_counter() - began


def _bare_seconds(subject: Subject) -> float:
    """The same mails from some threads, with smtplib and nothing else."""
    server = urlsplit(subject.platform.environments.mail_url)

    def hand_over(number: int) -> None:
        mail = EmailMessage()
        mail["From"], mail["To"] = "bench@rapport.example", "customer@customers.example"
        mail["Subject"] = f"Order {number}"
        mail.set_content(_TEXT)
        with smtplib.SMTP(server.hostname or "", server.port or 25) as smtp:
            smtp.send_message(mail)

    began = time.perf_counter()
    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(hand_over, range(_MAILS)))
    return time.perf_counter() - began
