"""What the probe is, for whoever prepares it."""

from __future__ import annotations

from pathlib import Path

from chassis.description import Description


class ProbeDescription(Description):
    """A description whose package is among the tests."""

    @property
    def package(self) -> str:
        """Where `app` and `reactions` are."""
        return "tests.journeys.probe"


DESCRIPTION = ProbeDescription(
    name="probe",
    version="0.1.0",
    summary="Notes what contacts says, for the tests.",
    migrations=Path(__file__).parent / "migrations",
    subscriptions="tests.journeys.probe.reactions:SUBSCRIPTIONS",
)
