"""A worker that is killed in the middle of sending leaves nothing sent twice and nothing guessed (NO-6)."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import UUID

from pydantic import SecretStr

from notifications.messages.domain import State
from services.notifications.tests.delivery.sending import SendingNotifications

PATIENCE = 90
"""Seconds until another process has to have begun; it imports all of the service, on a machine that may be busy."""


@contextmanager
def worker(sending: SendingNotifications, person_id: UUID) -> Iterator[subprocess.Popen[str]]:
    """A process that sends the next message; killed by SIGKILL when the block ends."""
    settings = {
        name: value.get_secret_value() if isinstance(value, SecretStr) else value
        for name, value in sending.harness.service.settings
    }
    address = sending.address_of(person_id)
    told = {"settings": settings, "person_id": str(person_id), "address": address}
    process = subprocess.Popen(
        [sys.executable, "-m", "services.notifications.tests.delivery.worker"],
        stdin=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdin is not None
            process.stdin.write(json.dumps(told))
            process.stdin.close()
            yield process
        finally:
            process.kill()


def phase(sending: SendingNotifications, message: UUID) -> str:
    """How far the latest attempt is."""
    log = sending.shown(message)["attempt_log"]
    return str(log[-1]["phase"]) if log else ""


def take_over(sending: SendingNotifications) -> None:
    """Another worker goes on, once the lease of the one that was killed has run out."""
    sending.clock.advance(seconds=sending.harness.service.settings.sending_lease_seconds + 1)  # type: ignore[attr-defined]
    sending.work()


def test_killed_before_the_content_it_is_sent_once_by_another(
    sending: SendingNotifications,
) -> None:
    person = sending.person()
    message = sending.queue_to(person)
    gate = sending.sink.gate_at_recipient()
    with worker(sending, person):
        assert sending.sink.seen_recipient.wait(PATIENCE)
        assert phase(sending, message) == "connecting"
    sending.sink.recipient_gate = None
    gate.set()
    sending.work()
    assert sending.message(message).state is State.SENDING  # its lease still holds
    take_over(sending)
    assert sending.message(message).state is State.SENT
    assert len(sending.mail_to(person)) == 1
    log = sending.shown(message)["attempt_log"]
    assert [one["outcome"] for one in log] == ["interrupted", "accepted"]


def test_killed_after_the_content_it_is_uncertain_and_not_sent_again(
    sending: SendingNotifications,
) -> None:
    person = sending.person()
    message = sending.queue_to(person)
    gate = sending.sink.gate_at_content()
    with worker(sending, person):
        assert sending.sink.seen_content.wait(PATIENCE)
        assert phase(sending, message) == "handing_over"
    sending.sink.content_gate = None
    gate.set()
    take_over(sending)
    shown = sending.shown(message)
    assert (shown["state"], shown["reason"]) == ("uncertain", "handed_over")
    assert sending.fact_types()[-1] == "MessageUncertain"
    assert len(sending.mail_to(person)) == 1
    take_over(sending)
    assert len(sending.mail_to(person)) == 1
    assert sending.client.post(f"/v1/notifications/messages/{message}/resend").status_code == 201


def test_a_worker_that_was_only_slow_does_not_hand_over_what_another_has(
    sending: SendingNotifications,
) -> None:
    """Its lease has run out while the server kept it waiting; another one has sent it by now."""
    person = sending.person()
    message = sending.queue_to(person)
    gate = sending.sink.gate_at_recipient()
    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(sending.runner.run_next)
        assert sending.sink.seen_recipient.wait(PATIENCE)
        sending.sink.recipient_gate = None
        take_over(sending)
        assert sending.message(message).state is State.SENT
        gate.set()
        slow.result(20)
    assert len(sending.mail_to(person)) == 1
    assert sending.shown(message)["attempts"] == 2
