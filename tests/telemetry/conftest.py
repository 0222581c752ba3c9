"""One real platform whose processes send their traces to a receiver here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from rapport_local import running_platform
from tests.journeys.world import World
from tests.telemetry.receiver import Receiver, running_receiver


@dataclass(frozen=True, slots=True)
class Observed:
    """A running platform, and what it has told of itself."""

    world: World
    traces: Receiver


# Of the module: what it sets in the environment is nobody else's.
@pytest.fixture(scope="module")
def observed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Observed]:
    """All services and the gateway, with every trace recorded."""
    with running_receiver() as traces, pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAPPORT_OTLP_ENDPOINT", f"http://{traces.address}")
        tracing = f'{{otlp: {{grpc: {{endpoint: "{traces.address}", insecure: true}}}}}}'
        patch.setenv("RAPPORT_GATEWAY_TRACING", tracing)
        with running_platform(tmp_path_factory.mktemp("telemetry")) as platform:
            yield Observed(World(platform), traces)
