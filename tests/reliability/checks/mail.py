"""Every message that counts as sent has arrived once; none has twice, and none that was not sent."""

from __future__ import annotations

import email
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.reliability.checks.check import Evidence, Finding
from tests.reliability.estate import Estate

_STATES = "SELECT id::text, state FROM messages WHERE tenant_id = %s AND channel = 'email'"
_WAITING = "SELECT count(*) FROM messages WHERE state IN ('queued', 'sending')"
_SENT, _UNCERTAIN = ("sent", "delivered"), "uncertain"


def check_mail(evidence: Evidence) -> Finding:
    """Compare the log of messages with what the mail server has taken."""
    states = dict(evidence.estate.query("notifications", _STATES, evidence.tenant_id))
    arrived = arrivals(evidence.estate.platform.state.folder("mail"))
    violations = list(wrong_mails(states, arrived))
    counts = Counter(states.values())
    return Finding.of(
        "mail has arrived as the log says",
        violations,
        mails=arrived.total(),
        sent=sum(counts[state] for state in _SENT),
        uncertain=counts[_UNCERTAIN],
    )


def arrivals(folder: Path) -> Counter[str]:
    """How often a mail of each message is there, by the message's id without hyphens."""
    headers = (email.message_from_bytes(path.read_bytes()) for path in folder.glob("*.eml"))
    return Counter(str(mail["Message-ID"]).strip("<>").partition("@")[0] for mail in headers)


def wrong_mails(states: Mapping[str, str], arrived: Mapping[str, int]) -> Iterator[str]:
    """Messages whose mail is not there as often as their state says.

    Of one that is uncertain there may be a mail or none: the process died between handing it over
    and noting that. Mails of other tenants and of identity are no messages of the run's.
    """
    for message, state in sorted(states.items()):
        mails = arrived.get(message.replace("-", ""), 0)
        if state in _SENT and mails != 1:
            yield f"message {message} is {state}, and {mails} mails have arrived"
        elif state == _UNCERTAIN and mails > 1:
            yield f"message {message} is uncertain, and {mails} mails have arrived"
        elif state not in (*_SENT, _UNCERTAIN):
            yield f"message {message} is {state} in the end"


def unsent(estate: Estate) -> dict[str, int]:
    """How many messages are still to be sent, under a name; empty when there are none."""
    [(waiting,)] = estate.query("notifications", _WAITING)
    return {"messages": waiting} if waiting else {}
