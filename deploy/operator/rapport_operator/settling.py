"""After databases were brought back: erasures hold again, and facts that were on their way go on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rapport_operator.bus import bus_of
from rapport_operator.deployment import Deployment
from rapport_operator.descriptions import description_of
from rapport_operator.replays import Rebuild, Rebuilding
from rapport_operator.restoring import hand_back, until_published

ERASURES = ("PersonErased",)
"""The facts after which nothing that names somebody may be there, whatever is brought back."""
_ON_THEIR_WAY = timedelta(minutes=15)
"""How long before the backup a fact may have been published that a consumer had not had by then."""


@dataclass(slots=True)
class Settled:
    """How many erasures each service was told of again, and how many facts are published again."""

    erasures: dict[str, int] = field(default_factory=dict)
    facts: dict[str, int] = field(default_factory=dict)


async def erase_again(
    deployment: Deployment,
    services: Sequence[str],
    taken_at: datetime,
    tell: Callable[[str, int], None],
) -> dict[str, int]:
    """Tell every service that forgets people whom to forget since the backup; `tell(service, so far)`.

    The streams know them: the databases of that time do not. The services' workers have to run.
    """
    told: dict[str, int] = {}
    async with bus_of(deployment.nats.operator()) as bus:
        for name in services:
            description = description_of(name)
            if not description.consumes:
                continue
            wanted = Rebuilding(name, taken_at - _ON_THEIR_WAY, ERASURES)

            def so_far(_producer: str, done: int, name: str = name) -> None:
                tell(name, done)

            done = await Rebuild(bus, deployment, description, wanted, so_far).run()
            told[name] = sum(done.facts.values())
    return told


async def settle(
    deployment: Deployment,
    services: Sequence[str],
    taken_at: datetime,
    now: datetime,
    tell: Callable[[str, int], None],
) -> Settled:
    """Erase again, then have the outboxes publish again what may have been on its way.

    Every fact keeps its id, so what had its effect has none again. Raises `OperatorError`.
    """
    erasures = await erase_again(
        deployment, services, taken_at, lambda name, done: tell(f"erasures to {name}", done)
    )
    names = list(services)
    facts = hand_back(
        deployment,
        names,
        taken_at - _ON_THEIR_WAY,
        now,
        lambda name, done: tell(f"facts of {name}", done),
    )
    await until_published(deployment, names, lambda name, left: tell(f"waiting in {name}", left))
    return Settled(erasures, facts)
