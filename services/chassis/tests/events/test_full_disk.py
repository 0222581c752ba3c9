"""The broker's disk is full, for all streams at once: services go on, and nothing is lost or doubled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.embedded.nats import NatsServer, throwaway_nats
from services.chassis.tests.events.facts import Sold
from services.chassis.tests.events.small_disk import SmallDisk, small_disk
from services.chassis.tests.events.world import USERS, World, eventually

_FEW, _ALL = 5, 25
_NOTE = "x" * 3000


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """Where the broker keeps its streams."""
    with small_disk(tmp_path / "nats" / "store") as made:
        yield made


@pytest.fixture
def broker(disk: SmallDisk, tmp_path: Path) -> Iterator[NatsServer]:
    """A broker on that disk."""
    with throwaway_nats(tmp_path / "nats", USERS, disk.through) as server:
        yield server


def refusals(world: World) -> str:
    """Why facts of the shop are not out."""
    return str(
        world.shop.query("SELECT DISTINCT last_error FROM outbox WHERE published_at IS NULL")
    )


def test_what_is_committed_while_the_disk_is_full_is_told_once_when_there_is_room(
    world: World, disk: SmallDisk
) -> None:
    relay, group = world.relay(), world.consumers()
    for number in range(_FEW):
        world.shop.record(Sold(number, _NOTE))
    eventually(lambda: len(world.office.ledger()) == _FEW)
    assert relay.is_healthy()
    disk.fill()

    for number in range(_FEW, _ALL):
        world.shop.record(Sold(number, _NOTE))
    eventually(lambda: "no answer" in refusals(world))
    assert not relay.is_healthy()
    assert 0 < world.shop.unpublished() <= _ALL - _FEW
    disk.make_room()
    # A stream that could not be written once takes nothing until the broker begins anew.
    world.broker.stop()
    world.broker.start()

    eventually(lambda: world.shop.unpublished() == 0, seconds=40)
    eventually(lambda: world.unsettled() == 0, seconds=40)
    eventually(lambda: relay.is_healthy() and group.is_healthy())
    assert sorted(world.office.ledger()) == list(range(_ALL))
    told = [message.headers["ce-id"] for message in world.published()]
    assert len(told) == len(set(told)) == _ALL
    assert world.count("RAPPORT_DEAD") == 0


def test_a_broker_that_is_restarted_while_the_disk_is_full_has_lost_nothing(
    world: World, disk: SmallDisk
) -> None:
    relay = world.relay()
    for number in range(_FEW):
        world.shop.record(Sold(number, _NOTE))
    eventually(lambda: world.shop.unpublished() == 0)
    disk.fill()
    world.broker.kill()
    world.broker.start()
    for number in range(_FEW, _ALL):
        world.shop.record(Sold(number, _NOTE))
    eventually(lambda: "no answer" in refusals(world))
    assert not relay.is_healthy()
    disk.make_room()
    world.broker.stop()
    world.broker.start()

    eventually(lambda: world.shop.unpublished() == 0, seconds=40)
    world.consumers()
    eventually(lambda: len(world.office.ledger()) >= _ALL)
    eventually(lambda: world.unsettled() == 0)
    assert sorted(world.office.ledger()) == list(range(_ALL))
