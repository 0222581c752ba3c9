"""Faults of facts: told again, out of order, doubled, broken, unknown."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from chassis.events.names import stream_name
from rapport.contacts.events.v1.interaction_events_pb2 import InteractionRecorded
from tests.reliability.bus import Published, published, say
from tests.reliability.faults.fault import Fault, Scene

_NOBODY: frozenset[str] = frozenset()
BROKEN_BY = "reliability:broken"
"""The actor of facts that are broken on purpose."""


def replayed_backwards(producer: str, many: int) -> Fault:
    """The last facts come again, the newest first, after the broker has forgotten their ids."""

    def inflict(scene: Scene) -> None:
        facts = published(scene.estate, stream_name(producer), many)
        again = [_forgotten(fact) for fact in reversed(facts) if not is_broken(fact)]
        say(scene.estate, producer, again)

    return Fault(f"{many} facts of {producer} come again, backwards", inflict, _NOBODY, _NOBODY)


def doubled(producer: str, many: int) -> Fault:
    """The last facts are published again with the same ids, in any order: once at once, once later."""

    def inflict(scene: Scene) -> None:
        facts = [
            f for f in published(scene.estate, stream_name(producer), many) if not is_broken(f)
        ]
        scene.rng.shuffle(facts)
        doubles = [copy for fact in facts for copy in (fact, _forgotten(fact), _forgotten(fact))]
        say(scene.estate, producer, doubles)

    return Fault(f"{many} facts of {producer} are doubled", inflict, _NOBODY, _NOBODY)


def broken_and_unknown(producer: str) -> Fault:
    """A fact whose payload is none, one of a type that nobody knows, one without an envelope."""

    def inflict(scene: Scene) -> None:
        model = published(scene.estate, stream_name(producer), 1)[0]
        known = InteractionRecorded.DESCRIPTOR.full_name
        unknown = f"rapport.{producer}.events.v1.NobodyKnowsThis"
        say(
            scene.estate,
            producer,
            [
                _broken(model, known, b"\xff\xff\xff no protobuf"),
                _broken(model, unknown, b""),
                Published(known, {"actor": BROKEN_BY}, b"no envelope"),
            ],
        )

    return Fault(f"{producer} says what is broken or unknown", inflict, _NOBODY, _NOBODY)


def is_broken(message: Published) -> bool:
    """Whether this is one of those that are broken on purpose."""
    return message.headers.get("actor") == BROKEN_BY


def _forgotten(fact: Published) -> Published:
    """The same fact, which the broker takes for a new message."""
    return replace(fact, headers={**fact.headers, "Nats-Msg-Id": str(uuid4())})


def _broken(model: Published, kind: str, payload: bytes) -> Published:
    own = str(uuid4())
    changed = {"Nats-Msg-Id": own, "ce-id": own, "ce-type": kind, "actor": BROKEN_BY}
    return Published(kind, {**model.headers, **changed, "ce-subject": own}, payload)
