"""The doctor says that the broker's disk is full, and that room alone does not help."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chassis.embedded.nats import NatsServer, throwaway_nats
from chassis.embedded.nats_permissions import operator_permissions
from services.chassis.tests.events.facts import Sold
from services.chassis.tests.events.small_disk import SmallDisk, small_disk
from services.chassis.tests.events.world import USERS, World, eventually

from .answers import answer
from .conftest import Rapport


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """Where the broker keeps its streams."""
    with small_disk(tmp_path / "nats" / "store") as made:
        yield made


@pytest.fixture
def broker(disk: SmallDisk, tmp_path: Path) -> Iterator[NatsServer]:
    """A broker on that disk, which knows the operator."""
    users = (*USERS, operator_permissions("operator-password"))
    with throwaway_nats(tmp_path / "nats", users, disk.through) as server:
        yield server


def finding(rapport: Rapport, world: World) -> Any:
    """What the doctor says of the broker's store; the gateway is away in these tests."""
    found = answer(rapport("doctor", "--json", exit_code=3))
    (one,) = [f for f in found if (f["check"], f["about"]) == ("store", world.broker.url)]
    return one


def waiting(rapport: Rapport) -> Any:
    """What the status says of the shop's outbox."""
    return answer(rapport("status", "--json", exit_code=3))["outboxes"]["shop"]


def test_a_full_disk_is_found_until_there_is_room_and_the_broker_was_restarted(
    world: World, disk: SmallDisk, rapport: Rapport
) -> None:
    assert finding(rapport, world)["is_well"]
    relay = world.relay()
    eventually(relay.is_healthy)
    disk.fill()
    for number in range(10):
        world.shop.record(Sold(number, "x" * 3000))
    eventually(lambda: not relay.is_healthy())
    found = finding(rapport, world)
    assert not found["is_well"]
    assert "no space left on device" in found["said"]
    assert found["remedy"] == "make room on the broker's disk, then restart the broker"
    eventually(lambda: "no answer" in str(waiting(rapport)["last_error"]))
    assert waiting(rapport)["facts"] > 0
    disk.make_room()
    world.broker.stop()
    world.broker.start()
    eventually(lambda: world.shop.unpublished() == 0, seconds=40)
    assert finding(rapport, world)["is_well"]
