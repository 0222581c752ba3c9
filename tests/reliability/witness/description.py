"""What the witness is, for whoever prepares it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chassis.description import Description


@dataclass(frozen=True, slots=True)
class WitnessDescription(Description):
    """A description whose package is among the tests."""

    wired_in: str = "tests.reliability.witness"

    @property
    def package(self) -> str:
        """Where `app` is."""
        return self.wired_in


def description(wired_in: str = "tests.reliability.witness") -> WitnessDescription:
    """The witness, wired together in this package."""
    return WitnessDescription(
        name="witness",
        version="0.1.0",
        summary="Counts the effects of facts, for the reliability run.",
        migrations=Path(__file__).parent / "migrations",
        subscriptions="tests.reliability.witness.reactions:SUBSCRIPTIONS",
        wired_in=wired_in,
    )


DESCRIPTION = description()
