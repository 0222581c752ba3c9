"""Does things at the broker of a running platform, as the provisioner or as one of the services may."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import nats
from nats.js import JetStreamContext

from chassis.embedded.nats_permissions import PROVISIONER
from chassis.events.names import consumer_name, inbox_prefix, stream_name
from rapport_local.platform import Platform

R = TypeVar("R")
Work = Callable[[JetStreamContext], Awaitable[R]]


def manage(platform: Platform, work: Work[R]) -> R:
    """Do something with streams, as the provisioner may."""
    return _run(platform, PROVISIONER, platform.environments.secrets.provisioner, work)


def speak_as(platform: Platform, service: str, work: Work[R]) -> R:
    """Publish something as a service may."""
    password = platform.environments.secrets.services[service].nats
    return _run(platform, service, password, work)


def behind(platform: Platform) -> dict[str, int]:
    """How many facts each consumer has before it or in hand; those that are done are left out."""

    async def look(js: JetStreamContext) -> dict[str, int]:
        found = {}
        for service in platform.services:
            for producer in service.consumes:
                name = consumer_name(service.name, producer)
                consumer = await js.consumer_info(stream_name(producer), name)
                left = (consumer.num_pending or 0) + (consumer.num_ack_pending or 0)
                if left:
                    found[name] = left
        return found

    return manage(platform, look)


def _run(platform: Platform, user: str, password: str, work: Work[R]) -> R:
    async def run() -> R:
        client = await nats.connect(
            platform.nats.url,
            user=user,
            password=password,
            inbox_prefix=inbox_prefix(user).encode(),
            max_reconnect_attempts=3,
        )
        try:
            return await work(client.jetstream(timeout=20))
        finally:
            await client.close()

    return asyncio.run(run())
