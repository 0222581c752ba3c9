"""How streams, consumers and subjects are called: one rule for producers, consumers and provisioning."""

from __future__ import annotations

from functools import cache

DEAD_STREAM = "RAPPORT_DEAD"
DEAD_SUBJECTS = "rapport.*.dead.>"
REPLAY_STREAM = "RAPPORT_REPLAYS"
REPLAY_SUBJECTS = "rapport.*.replays.>"
ACK_WAIT_SECONDS = 30.0
"""How long the broker waits for word of a fact before it delivers it again."""


@cache
def stream_name(service: str) -> str:
    """The stream of a service's facts."""
    return f"RAPPORT_{service.upper().replace('-', '_')}"


@cache
def event_subjects(service: str) -> str:
    """All subjects of a service's facts."""
    return f"rapport.{service}.events.>"


def said_by(service: str) -> tuple[str, str]:
    """All subjects of a service's facts, and of its requests to others: what its stream holds."""
    return event_subjects(service), f"rapport.{service}.requests.>"


def is_said_by(service: str, subject: str) -> bool:
    """Whether a subject is one on which only this service may publish."""
    return subject.startswith(_beginnings(service))


@cache
def _beginnings(service: str) -> tuple[str, ...]:
    return tuple(subjects.removesuffix(">") for subjects in said_by(service))


@cache
def consumer_name(service: str, producer: str) -> str:
    """The durable consumer with which a service reads another's facts."""
    return f"{service}-{producer}"


def dead_subject(service: str, subject: str) -> str:
    """Where a service puts a fact that it gave up on."""
    return f"rapport.{service}.dead.v1.{subject}"


def replay_subject(service: str, subject: str) -> str:
    """Where an operator puts a fact that one service, and no other, is to get again."""
    return f"rapport.{service}.replays.v1.{subject}"


def replayed_subject(service: str, subject: str) -> str:
    """The subject that a replayed fact had in the first place."""
    return subject.removeprefix(replay_subject(service, ""))


def replay_consumer(service: str) -> str:
    """The durable consumer with which a service reads what it gets again."""
    return f"{service}-replays"


def inbox_prefix(user: str) -> str:
    """Where the broker's answers to a user arrive; any other place is refused."""
    return f"_INBOX_{user}"
