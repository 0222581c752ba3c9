"""Rebuilds the whole bus when the broker has lost it: streams anew, facts out of the outboxes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from chassis.events import republish
from chassis.events.broker import BrokerUnreachable
from chassis.events.provision import StreamLimits, provision
from rapport_operator.deployment import Deployment
from rapport_operator.descriptions import description_of
from rapport_operator.errors import OperatorError
from rapport_operator.outboxes import waiting

_LOOK_SECONDS = 0.2
_STANDSTILL_SECONDS = 60.0


@dataclass(slots=True)
class Restored:
    """How many facts of each service were handed to its relay, and whether all are published."""

    facts: dict[str, int] = field(default_factory=dict)
    published: bool = False


async def provision_all(deployment: Deployment, limits: StreamLimits) -> None:
    """Every service's streams and consumers, as its description says; raises `OperatorError`."""
    login = deployment.nats.provisioner()
    for name in deployment.services:
        try:
            await provision(
                login.url,
                login.user,
                login.password,
                service=name,
                consumes=description_of(name).consumes,
                limits=limits,
            )
        except BrokerUnreachable as error:
            raise OperatorError(str(error)) from None


def hand_back(
    deployment: Deployment,
    services: list[str],
    since: datetime,
    before: datetime,
    tell: Callable[[str, int], None],
) -> dict[str, int]:
    """Hand each service's facts since then back to its relay; `tell(service, so far)`."""
    facts: dict[str, int] = {}
    for name in services:
        facts[name] = 0
        url = deployment.service(name).database_system_url.get_secret_value()
        with republish.connect(url) as connection:
            for count in republish.publish_again(connection, since, before):
                facts[name] += count
                tell(name, facts[name])
    return facts


async def until_published(
    deployment: Deployment, services: list[str], tell: Callable[[str, int], None]
) -> None:
    """Wait until the relays have published everything; `tell(service, still waiting)`.

    Raises `OperatorError` when nothing moves for a minute.
    """
    loop = asyncio.get_running_loop()
    least, moved = -1, loop.time()
    while True:
        left = {name: waiting(deployment.service(name)).facts for name in services}
        for name, count in left.items():
            tell(name, count)
        total = sum(left.values())
        if total == 0:
            return
        if least < 0 or total < least:
            least, moved = total, loop.time()
        if loop.time() - moved > _STANDSTILL_SECONDS:
            behind = ", ".join(f"{name} ({count})" for name, count in left.items() if count)
            raise OperatorError(
                f"nothing was published for {_STANDSTILL_SECONDS:.0f} s: do the workers of {behind} run?"
            )
        await asyncio.sleep(_LOOK_SECONDS)
