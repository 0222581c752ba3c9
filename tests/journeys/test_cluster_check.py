"""What `make cluster-check INSTALL=1` does in a cluster once the platform answers there, done on one machine."""

from __future__ import annotations

import pytest

from chassis.testing.waiting import eventually
from deploy.tools.cluster_check.journey import JourneyFailed, first_day, under_load

from .world import World


def test_a_first_day_ends_with_an_app_under_whose_load_nothing_fails(world: World) -> None:
    credentials = first_day(world.gateway, world.operator)
    with under_load(world.gateway, credentials) as load:
        eventually(lambda: load.done >= 40)
    assert load.failures == []
    assert len(load.created) >= 20


def test_a_request_that_fails_under_load_fails_the_check(world: World) -> None:
    credentials = first_day(world.gateway, world.operator)
    nobody = "http://127.0.0.1:1"
    with (
        pytest.raises(JourneyFailed, match="0 requests, "),
        under_load(nobody, credentials) as load,
    ):
        eventually(lambda: load.failures)
