"""Rebuilding: one service's projections from the past, and the whole bus from the outboxes."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from nats.aio.client import Client
from nats.js import JetStreamContext

from chassis.events.reactions import Envelope, Reactions, Subscription
from chassis.storage.unit_of_work import UnitOfWork
from services.chassis.tests.events.facts import SOLD, Sold, SoldMessage
from services.chassis.tests.events.world import World, eventually, write_down

from .answers import answer
from .conftest import Rapport


class Office:
    """A view and an effect of the same facts: the view in the ledger, the effect in a list."""

    def __init__(self) -> None:
        self.effects: list[int] = []

    def subscription(self) -> Subscription:
        reactions = Reactions()
        reactions.on(SoldMessage, write_down, "projection")
        reactions.on(SoldMessage, self._effect, "effect")
        return Subscription("shop", reactions)

    def _effect(self, _tx: UnitOfWork, message: Any, _envelope: Envelope) -> None:
        self.effects.append(message.number)


def sold(world: World, office: Office, numbers: list[int]) -> None:
    """Have the office see sales of the shop, in this order."""
    about = uuid4()
    world.relay()
    world.consumers(office.subscription())
    world.shop.record(*(Sold(number) for number in numbers), about=about)
    eventually(lambda: world.office.ledger() == numbers)
    eventually(lambda: world.shop.unpublished() == 0)


def purge(stream: str) -> Callable[[JetStreamContext, Client], Any]:
    """Empties a stream."""

    async def work(js: JetStreamContext, _: Client) -> None:
        await js.purge_stream(stream)

    return work


def test_a_view_is_rebuilt_from_the_stream_and_no_effect_happens_again(
    world: World, rapport: Rapport
) -> None:
    office = Office()
    sold(world, office, [1, 2, 3])
    words = (
        "events",
        "replay",
        "--service",
        "office",
        "--since",
        "1h",
        "--reset",
        "--yes",
        "--json",
    )
    done = answer(rapport(*words))

    assert done == {"facts": {"shop": 3}, "sources": {"shop": "stream"}, "emptied": ["ledger"]}
    assert world.office.ledger() == [1, 2, 3]
    assert office.effects == [1, 2, 3]
    assert world.count("RAPPORT_SHOP") == 3
    # A second time is a second rebuild, and not one that the broker takes for the first.
    rapport(*words)
    assert world.office.ledger() == [1, 2, 3]


def test_a_view_is_rebuilt_from_the_outbox_when_the_stream_has_lost_facts(
    world: World, rapport: Rapport
) -> None:
    office = Office()
    sold(world, office, [1, 2])
    world.observe(purge("RAPPORT_SHOP"))
    done = answer(
        rapport(
            "events", "replay", "--service", "office", "--since", "1h", "--reset", "--yes", "--json"
        )
    )

    assert done["sources"] == {"shop": "outbox"}
    assert world.office.ledger() == [1, 2]
    assert office.effects == [1, 2]


def test_only_what_was_asked_for_comes_again(world: World, rapport: Rapport) -> None:
    office = Office()
    sold(world, office, [1])

    def replayed(*words: str) -> Any:
        base = ("events", "replay", "--service", "office", "--json")
        return answer(rapport(*base, *words))["facts"]

    assert replayed("--since", "2100-01-01") == {"shop": 0}
    assert replayed("--since", "1h", "--types", "Returned") == {"shop": 0}
    assert replayed("--since", "1h", "--types", "Sold") == {"shop": 1}
    assert replayed("--since", "1h", "--types", SOLD, "--from-outbox", "--from", "shop") == {
        "shop": 1
    }
    assert world.office.ledger() == [
        1,
        1,
        1,
    ]  # a view that keeps no versions is to be emptied first
    assert office.effects == [1]
    refused = rapport(
        "events", "replay", "--service", "office", "--since", "1h", "--from", "till", exit_code=1
    )
    assert "office does not listen to till; it does to shop" in refused.stderr
    refused = rapport("events", "replay", "--service", "bar", "--since", "1h", exit_code=1)
    assert "there is no service `bar`; there are shop, office" in refused.stderr
    rapport("events", "replay", "--service", "office", "--since", "yesterday", exit_code=2)


def test_a_bus_that_was_lost_is_rebuilt_and_every_effect_happens_exactly_once(
    world: World, rapport: Rapport
) -> None:
    office = Office()
    sold(world, office, [1, 2, 3])
    world.close_consumers()
    world.shop.record(Sold(4))  # on the bus, and not yet with the office
    eventually(lambda: world.count("RAPPORT_SHOP") == 4)
    eventually(lambda: world.shop.unpublished() == 0)
    world.broker.kill()
    shutil.rmtree(world.broker.folder / "store")
    world.broker.start()
    world.consumers(office.subscription())
    done = answer(rapport("events", "restore", "--json"))

    assert done == {"facts": {"shop": 4, "office": 0}, "published": True}
    eventually(lambda: sorted(world.office.ledger()) == [1, 2, 3, 4])
    eventually(lambda: world.unsettled() == 0)
    assert sorted(office.effects) == [1, 2, 3, 4]
    assert world.count("RAPPORT_SHOP") == 4
    ids = [message.headers["ce-id"] for message in world.published()]
    assert {str(row[0]) for row in world.shop.query("SELECT id FROM outbox")} == set(ids)


def test_restoring_what_was_not_lost_changes_nothing(world: World, rapport: Rapport) -> None:
    office = Office()
    sold(world, office, [1, 2])
    rapport("events", "restore", "--json")

    eventually(lambda: world.unsettled() == 0)
    assert world.office.ledger() == [1, 2]
    assert office.effects == [1, 2]
    assert world.count("RAPPORT_SHOP") == 2  # within five minutes the broker knows them


@pytest.mark.parametrize("words", [("events", "restore"), ("status",), ("dead-letters", "list")])
def test_a_broker_that_is_away_is_named(
    world: World, rapport: Rapport, words: tuple[str, ...]
) -> None:
    world.broker.stop()
    result = rapport(*words, "--json", exit_code=3 if words == ("status",) else 1)
    assert "is not reached" in result.output
