"""Which faults there are, and in which order a run inflicts them: the seed decides."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from tests.reliability.estate import BROKER, DATABASE
from tests.reliability.faults import connections, facts, moments, processes, servers
from tests.reliability.faults.fault import Fault

_NOBODY: frozenset[str] = frozenset()


def all_faults(services: Sequence[str]) -> list[Fault]:
    """Every fault that a long run inflicts, on a platform with these services."""
    everybody = frozenset(services)
    return [
        *_of_processes(everybody),
        *_of_servers(everybody),
        *_of_connections(),
        *_at_moments(),
        facts.replayed_backwards("contacts", 150),
        facts.replayed_backwards("identity", 50),
        facts.doubled("contacts", 60),
        facts.broken_and_unknown("contacts"),
    ]


def few_faults(services: Sequence[str]) -> list[Fault]:
    """The most telling ones, for a run of seconds."""
    everybody = frozenset(services)
    return [
        moments.killed_between_publishing_and_marking("contacts"),
        processes.killed("sales", frozenset({"sales"}), frozenset({"sales"})),
        moments.killed_between_commit_and_answer("desk"),
        servers.crashed("nats", _NOBODY, everybody),
        facts.replayed_backwards("contacts", 40),
        facts.broken_and_unknown("contacts"),
        servers.crashed("postgres", everybody, everybody),
    ]


def _of_processes(everybody: frozenset[str]) -> list[Fault]:
    own = [
        processes.killed(name, frozenset({name}), frozenset({name})) for name in sorted(everybody)
    ]
    return [
        *own,
        processes.killed("contacts-jobs", _NOBODY, _NOBODY),
        processes.killed("portal", _NOBODY, _NOBODY),
        processes.killed("mail", _NOBODY, _NOBODY),
        processes.killed("gateway", everybody, _NOBODY),
        processes.killed_for_a_while("identity", 4.0),
        processes.killed_for_a_while("contacts", 4.0),
        processes.worker_killed("contacts"),
        processes.frozen("contacts", 3.0),
        processes.frozen("identity", 3.0),
    ]


def _of_servers(everybody: frozenset[str]) -> list[Fault]:
    return [
        servers.stopped("nats", 4.0, _NOBODY, everybody),
        servers.crashed("nats", _NOBODY, everybody),
        servers.stopped("postgres", 3.0, everybody, everybody),
        servers.crashed("postgres", everybody, everybody),
        servers.stream_full("contacts", 4.0),
    ]


def _of_connections() -> list[Fault]:
    return [
        connections.slow("contacts", DATABASE, 4.0),
        connections.silent("contacts", DATABASE, 4.0),
        connections.cut("contacts", DATABASE),
        connections.trickling("contacts", BROKER, 4.0),
        connections.silent("contacts", BROKER, 4.0),
        connections.cut("contacts", BROKER),
        connections.slow("witness", BROKER, 4.0),
        connections.silent("contacts", "identity", 4.0),
        connections.refused("contacts", "identity", 3.0),
        connections.refused("desk", "loyalty", 4.0),
        connections.cut("identity", DATABASE),
        connections.refused("notifications", BROKER, 3.0),
    ]


def _at_moments() -> list[Fault]:
    return [
        moments.killed_between_commit_and_answer("contacts"),
        moments.killed_between_commit_and_answer("identity"),
        moments.killed_between_commit_and_answer("desk"),
        moments.killed_between_publishing_and_marking("contacts"),
        moments.killed_between_sending_and_publishing("contacts"),
        moments.killed_between_publishing_and_marking("identity"),
        moments.killed_between_effect_and_acknowledgement("witness"),
        moments.killed_between_effect_and_acknowledgement("contacts"),
        moments.killed_between_effect_and_acknowledgement("desk"),
        moments.killed_in_the_middle_of_a_batch("witness"),
        moments.killed_in_the_middle_of_a_batch("contacts"),
    ]


def shuffled_for_ever(faults: Sequence[Fault], rng: random.Random) -> Iterator[Fault]:
    """All of them in one order, then all in another, and so on."""
    while True:
        deck = list(faults)
        rng.shuffle(deck)
        yield from deck
