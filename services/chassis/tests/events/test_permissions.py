"""Relay and consumers need no more of the broker than their service's user may do."""

from __future__ import annotations

import asyncio
from typing import Any

from chassis.domain import Invalid
from chassis.events.broker import BrokerLogin, connected
from chassis.events.reactions import Envelope
from chassis.storage.unit_of_work import UnitOfWork
from services.chassis.tests.events.facts import SOLD, Sold
from services.chassis.tests.events.world import USERS, World, eventually, on_sold, write_down


def test_the_users_have_just_the_subjects_that_a_service_needs() -> None:
    permissions = {user.name: (set(user.publish), set(user.subscribe)) for user in USERS}

    assert permissions["shop"] == (
        {"rapport.shop.events.>", "rapport.shop.requests.>", "rapport.shop.dead.>"},
        {"_INBOX_shop.>"},
    )
    assert permissions["office"] == (
        {
            "rapport.office.events.>",
            "rapport.office.requests.>",
            "rapport.office.dead.>",
            "$JS.API.CONSUMER.MSG.NEXT.RAPPORT_SHOP.office-shop",
            "$JS.ACK.RAPPORT_SHOP.office-shop.>",
            "$JS.API.CONSUMER.MSG.NEXT.RAPPORT_REPLAYS.office-replays",
            "$JS.ACK.RAPPORT_REPLAYS.office-replays.>",
        },
        {"_INBOX_office.>"},
    )


def test_publishing_consuming_retrying_and_giving_up_meet_no_refusal(world: World) -> None:
    stumbled: list[int] = []

    def react(tx: UnitOfWork, message: Any, envelope: Envelope) -> None:
        if message.number == 2:
            raise Invalid("No twos.")
        if message.number == 3 and not stumbled:
            stumbled.append(message.number)
            raise RuntimeError("not yet")
        write_down(tx, message, envelope)

    world.relay()
    world.consumers(on_sold(react))
    for number in (1, 2, 3):
        world.shop.record(Sold(number))
    eventually(lambda: sorted(world.office.ledger()) == [1, 3])
    eventually(lambda: world.count("RAPPORT_DEAD") == 1)
    eventually(lambda: world.unsettled() == 0)

    assert "violation" not in world.broker.log_path.read_text(encoding="utf-8").lower()


def test_what_the_broker_refuses_is_told_to_who_asked(world: World) -> None:
    async def forge() -> str:
        refused: asyncio.Queue[str] = asyncio.Queue()
        login = BrokerLogin(world.broker.url, "office", "office-password")
        async with connected(login, "test") as connection, asyncio.timeout(10):
            connection.refusals.append(refused.put_nowait)
            await connection.client.publish(SOLD, b"forged")
            return await refused.get()

    assert asyncio.run(forge()).lower() == SOLD.lower()
    assert world.count() == 0
